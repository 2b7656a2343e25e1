export { type Condition, compileCondition } from './condition.ts';
export type { FactTypes } from './facts.ts';
export { fillText, parseText, type TextTemplate } from './text.ts';
