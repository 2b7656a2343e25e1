export { TemplateChecker } from './check.ts';
export { createRestClient, type RestClient, type RestClientOptions } from './client.ts';
export {
  type ParsedTemplate,
  parseTemplateFile,
  problemText,
  type TemplateProblem,
  type TemplateFile,
} from './document.ts';
export { type RestErrors, restError } from './errors.ts';
export { at, fieldsOf, listOf, type RawFields, type Roots } from './fields.ts';
export { mappingFunctions, textOf } from './functions.ts';
export type { ProblemInTemplate } from './problems.ts';
export * as shape from './schema.ts';
export type { AuthDocument } from './schema.ts';
export { askStep, itemsOf, type StepParts } from './steps.ts';
export type { SecretRef } from './text.ts';
export { clean, ID_MAX, LONG_MAX, oneOf, SHORT_MAX, timeOf, urlOf } from './values.ts';
