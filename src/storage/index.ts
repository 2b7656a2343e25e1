export { storageErrors } from './errors.ts';
export { createEventStore, createStores, type StoreOptions, type Stores } from './open.ts';
export type { Fence } from './shard-store.ts';
