/**
 * Steps that must be atomic across instances. An entry, its lease and its fence share a hash tag, so that they live on
 * one node of a cluster.
 */

/** KEYS entry, lease, fence; ARGV token, leaseMs, nowMs → {'entry', json} | {'claimed', fence} | {'busy', leftMs}. */
export const claimScript = `
local json = redis.call('GET', KEYS[1])
if json then
  local ok, old = pcall(cjson.decode, json)
  if ok and type(old) == 'table' and (tonumber(old.freshUntil) or 0) > tonumber(ARGV[3]) then return {'entry', json} end
end
if redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then
  return {'claimed', redis.call('GET', KEYS[3]) or ''}
end
return {'busy', redis.call('PTTL', KEYS[2])}`;

/**
 * KEYS entry, lease, fence; ARGV token, fence at claim, json, ttlMs, kind, sourceUpdatedAt or '', channel, key.
 * Gives 1 when stored. Waiters are told in any case; the lease is deleted only by its holder.
 */
export const settleScript = `
local own = tonumber(ARGV[6])
local stored = tonumber(ARGV[4]) > 0
local fence = redis.call('GET', KEYS[3])
if fence and fence ~= ARGV[2] then
  local since = tonumber(string.match(fence, '^(%d+):'))
  if since and (not own or own < since) then stored = false end
end
local json = redis.call('GET', KEYS[1])
if json and stored then
  local ok, old = pcall(cjson.decode, json)
  local newest = ok and type(old) == 'table' and tonumber(old.sourceUpdatedAt)
  if ok and ARGV[5] == 'error' then stored = false end
  if newest and own and newest > own then stored = false end
end
if stored then redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4]) end
local flag = stored and '1' or '0'
redis.call('PUBLISH', ARGV[7], 's' .. flag .. ARGV[8] .. ' ' .. ARGV[3])
if redis.call('GET', KEYS[2]) == ARGV[1] then redis.call('DEL', KEYS[2]) end
return stored and 1 or 0`;

/** KEYS entry, fence; ARGV sourceUpdatedAt, fence, fenceMs, channel, key and origin → 1 when deleted, 0 when already as new. */
export const invalidateScript = `
local json = redis.call('GET', KEYS[1])
if json then
  local ok, old = pcall(cjson.decode, json)
  local newest = ok and type(old) == 'table' and old.kind == 'hit' and tonumber(old.sourceUpdatedAt)
  if newest and newest >= tonumber(ARGV[1]) then return 0 end
end
redis.call('DEL', KEYS[1])
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
redis.call('PUBLISH', ARGV[4], 'i' .. ARGV[5] .. ' ' .. ARGV[1])
return 1`;
