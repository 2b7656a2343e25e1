import { Redis } from 'ioredis';
import type { Clock, Logger, Rng } from '../kernel/index.ts';

export interface RedisPlace {
  /** `redis://…` or `rediss://…`; may hold a password, never logged. */
  readonly url: string;
  /** First part of every key. */
  readonly prefix: string;
  readonly shard: string;
}

export interface RedisParts {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
}

const reconnectMaxMs = 2_000;
const reconnectFirstMs = 50;
const connectTimeoutMs = 2_000;

/** The stream of a shard's committed events. Another epoch is another log, whose sequences cannot be compared. */
export function eventStreamKey({ prefix, shard }: Pick<RedisPlace, 'prefix' | 'shard'>, epoch: string): string {
  return `${prefix}:{${shard}}:events:${epoch}`;
}

/**
 * A connection that keeps trying by itself and keeps nothing back for later: a command fails at once while it is down,
 * and after `commandTimeoutMs` when the server hangs. Connects when told to.
 */
export function redisClient(
  url: string,
  commandTimeoutMs: number,
  { rng }: Pick<RedisParts, 'rng'>,
  retryMaxMs = reconnectMaxMs,
): Redis {
  const client = new Redis(url, {
    lazyConnect: true,
    // Answers of streams differ between the protocols; this one every server speaks.
    protocol: 2,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: connectTimeoutMs,
    commandTimeout: commandTimeoutMs,
    retryStrategy: (attempt) =>
      Math.min(retryMaxMs, reconnectFirstMs * 2 ** Math.min(attempt, 10)) * (0.5 + rng.next() / 2),
  });
  // Told by whoever's command fails; without a listener the process would end.
  client.on('error', () => undefined);
  client.connect().catch(() => undefined);
  return client;
}
