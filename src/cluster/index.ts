export { FollowedLog, followLimits } from './followed-log.ts';
export { RedisFeed } from './redis-feed.ts';
export { redisStreamEnd } from './redis-stream-end.ts';
export { StreamRelay } from './relay.ts';
export { guardedPbx } from './authority.ts';
export { Leader, type OwnerSeat, type Seats, type Term } from './leader.ts';
export { RedisLease } from './redis-lease.ts';
