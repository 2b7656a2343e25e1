export { createRestAdapter } from './adapter.ts';
export { dryRun } from './dry-run.ts';
export { parseTemplate, type Template } from './parse.ts';
