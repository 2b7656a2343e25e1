export { type CompiledCondition, type Condition, compileCondition, type Verdict } from './condition.ts';
export { factNames, type FactsOf, type FactType, type FactTypes } from './facts.ts';
export { fillText, parseText, type ParsedText, type TextTemplate } from './text.ts';
