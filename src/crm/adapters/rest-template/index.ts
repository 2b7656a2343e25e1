export { createRestAdapter } from './adapter.ts';
export { dryRun } from './dry-run.ts';
export { parseTemplate, problemText, type Template } from './parse.ts';
export type { SecretRef } from './text.ts';
