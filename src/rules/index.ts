export { compileCondition } from './condition.ts';
export { fillText, parseText } from './text.ts';
