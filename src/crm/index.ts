export type { AdapterAnswer, CustomerAdapter, CustomerQuery } from './adapters/adapter.ts';
export { askInOrder } from './adapters/in-order.ts';
export * from './adapters/rest-template/index.ts';
export { createCustomerLookup, type CustomerLookupOptions, defaultLookupLimits } from './create.ts';
export { readDialNumber } from './dial-number.ts';
export { Directory, memoryDirectoryStore } from './directory/directory.ts';
export type { ManagedLookup } from './managed-lookup.ts';
export { openRedisCache, readDirectoryCsv, readNumberFile } from './on-demand.ts';
export { defaultNumberPlan, type NumberPlan, normaliseNumber } from './numbers.ts';
