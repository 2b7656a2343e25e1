export { createRestAdapter, type RestAdapterOptions } from './adapter.ts';
export { type DryRun, dryRun, type RecordedAnswer } from './dry-run.ts';
export { type ParsedTemplate, parseTemplate, problemText, type Template, type TemplateProblem } from './parse.ts';
export type { SecretRef } from './text.ts';
