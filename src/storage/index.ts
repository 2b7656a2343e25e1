export { storageErrors } from './errors.ts';
export { createEventStore, type StoreOptions, type StoreParts } from './open.ts';
export type { Durability } from './sqlite/dialect.ts';
