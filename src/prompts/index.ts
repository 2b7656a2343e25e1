export { buildPrompts, type PromptSettings } from './build.ts';
export { promptErrors } from './errors.ts';
