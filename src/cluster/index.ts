export { FollowedLog, followLimits } from './followed-log.ts';
export { RedisFeed } from './redis-feed.ts';
export { redisStreamEnd } from './redis-stream-end.ts';
export { StreamRelay } from './relay.ts';
