export type { AdapterAnswer, CustomerAdapter, CustomerQuery } from './adapters/adapter.ts';
export { askInOrder } from './adapters/in-order.ts';
export * from './adapters/rest-template/index.ts';
export { RedisSharedCache } from './cache/redis-shared-cache.ts';
export { createCustomerLookup, type CustomerLookupOptions, defaultLookupLimits } from './create.ts';
export { parseDirectoryCsv } from './directory/csv.ts';
export { Directory, memoryDirectoryStore } from './directory/directory.ts';
export type { ManagedLookup } from './managed-lookup.ts';
export { defaultNumberPlan, type NumberPlan, normaliseNumber } from './numbers.ts';
