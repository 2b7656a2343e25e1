export type { EventRelay, Ownership, OwnershipView } from './ports.ts';
export { redisStreamEnd } from './redis-stream-end.ts';
export { type RelayFigures, StreamRelay } from './relay.ts';
