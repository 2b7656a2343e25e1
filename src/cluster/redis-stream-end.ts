import type { LogEvent } from '../events/index.ts';
import { eventStreamKey, type RedisParts, type RedisPlace, redisClient } from './redis.ts';
import type { StreamEnd } from './relay.ts';

/** Enough for a reader that lost its connection for a moment; beyond that it reads the store. */
const entriesMax = 4_096;
/** Events hold numbers: a stream that nobody writes to any more is gone after this. */
const lifeMs = 600_000;
const lifeRenewedMs = 60_000;
const commandTimeoutMs = 2_000;

/** The owner's end of the Redis Stream of its events: one entry each, its id `SEQUENCE-0`, its only field the CloudEvent. */
export function redisStreamEnd(place: RedisPlace, epoch: string, parts: RedisParts): StreamEnd {
  const key = eventStreamKey(place, epoch);
  const client = redisClient(place.url, commandTimeoutMs, parts);
  let renewedAtMs = 0;
  return {
    isUp: () => client.status === 'ready',
    async append(events: readonly LogEvent[]) {
      const pipeline = client.pipeline();
      for (const { sequence, body } of events) {
        pipeline.xadd(key, 'MAXLEN', '~', entriesMax, `${sequence}-0`, 'e', body);
      }
      const nowMs = parts.clock.nowMs();
      if (nowMs - renewedAtMs >= lifeRenewedMs) {
        renewedAtMs = nowMs;
        pipeline.pexpire(key, lifeMs);
      }
      for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error;
    },
    close() {
      client.disconnect();
    },
  };
}
