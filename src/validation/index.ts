export { type Checker, checker, type SchemaError } from './checker.ts';
export { requestChecks } from './requests.ts';
