export { storageErrors } from './errors.ts';
export { createEventStore, type StoreOptions } from './open.ts';
