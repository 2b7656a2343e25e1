import { createHmac } from 'node:crypto';

/**
 * The cache key of a number: tenant, adapter and its revision in the clear, the number only as an HMAC, so that whoever
 * reads the keys of Redis learns no numbers.
 */
export function cacheKey(
  secret: string,
  tenant: string,
  adapter: { id: string; revision: string },
  number: string,
): string {
  const tag = createHmac('sha256', secret).update(`${tenant}\0${number}`).digest('base64url').slice(0, 32);
  return `${encodeURIComponent(tenant)}:${adapter.id}@${adapter.revision}:${tag}`;
}
