/**
 * Steps on the lease that must be atomic. The lease reads `TERM JSON`; who stands by is in a sorted set by when he was
 * heard of last, in the time of Redis. Both keys share a hash tag, so that they live on one node of a Redis cluster.
 */
const time = `local t = redis.call('TIME')
local nowMs = t[1] * 1000 + math.floor(t[2] / 1000)`;

/** KEYS lease, standbys; ARGV instance, whether it stands by (1 or 0) → the lease or false. */
export const lookScript = `${time}
if ARGV[2] == '1' then
  redis.call('ZADD', KEYS[2], nowMs, ARGV[1])
  redis.call('PEXPIRE', KEYS[2], 60000)
else
  redis.call('ZREM', KEYS[2], ARGV[1])
end
return redis.call('GET', KEYS[1])`;

/**
 * KEYS lease, standbys; ARGV term, json, leaseMs, instance, how long ago a standby that is well looked (ms)
 * → {'kept' | 'taken', standbys} | {'held', lease}.
 */
export const claimScript = `${time}
local held = redis.call('GET', KEYS[1])
local own = ARGV[1] .. ' '
if held and string.sub(held, 1, #own) ~= own then return {'held', held} end
redis.call('SET', KEYS[1], own .. ARGV[2], 'PX', ARGV[3])
redis.call('ZREM', KEYS[2], ARGV[4])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', nowMs - ARGV[5])
return {held and 'kept' or 'taken', redis.call('ZCARD', KEYS[2])}`;

/** KEYS lease, standbys; ARGV term, instance, channel → 1 when it was ours. */
export const releaseScript = `
local held = redis.call('GET', KEYS[1])
local own = ARGV[1] .. ' '
redis.call('ZREM', KEYS[2], ARGV[2])
if not held or string.sub(held, 1, #own) ~= own then return 0 end
redis.call('DEL', KEYS[1])
redis.call('PUBLISH', ARGV[3], ARGV[1])
return 1`;
