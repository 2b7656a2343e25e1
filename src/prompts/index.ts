export { buildPrompts, type PromptSettings, promptFolder } from './build.ts';
export { promptErrors } from './errors.ts';
