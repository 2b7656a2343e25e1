export { redisStreamEnd } from './redis-stream-end.ts';
export { StreamRelay } from './relay.ts';
