export type { AdapterAnswer, CustomerAdapter, CustomerQuery } from './adapters/adapter.ts';
export * from './adapters/rest-template/index.ts';
export { RedisSharedCache } from './cache/redis-shared-cache.ts';
export type { SharedCache } from './cache/shared-cache.ts';
export { createCustomerLookup, type CustomerLookupOptions, defaultLookupLimits, type LookupLimits } from './create.ts';
export { type CsvLimits, type CsvOutcome, type CsvProblem, parseDirectoryCsv } from './directory/csv.ts';
export { Directory, type DirectoryRow, type DirectoryStore, memoryDirectoryStore } from './directory/directory.ts';
export type { LookupHealth, ManagedLookup } from './managed-lookup.ts';
export { type CallerNumber, defaultNumberPlan, type NumberPlan, normaliseNumber } from './numbers.ts';
