import type { RedisPlace, RedisParts } from './redis.ts';
import { redisClient } from './redis.ts';

const commandTimeoutMs = 300;
const ownMax = 20_000;

/**
 * What was used, remembered here and in Redis. While Redis is away each instance knows of its own uses only: a ticket
 * that somebody stole could then be used once at each, within the seconds for which it is good.
 */
export class UsedOnceInRedis {
  private readonly client: ReturnType<typeof redisClient>;
  private readonly keyStart: string;
  private readonly parts: RedisParts;
  private readonly own = new Map<string, number>();

  constructor(place: RedisPlace, parts: RedisParts) {
    this.client = redisClient(place.url, commandTimeoutMs, parts);
    this.keyStart = `${place.prefix}:{${place.shard}}:used:`;
    this.parts = parts;
  }

  async first(name: string, lifeMs: number): Promise<boolean> {
    if (!this.firstHere(name, lifeMs)) return false;
    try {
      return (await this.client.set(this.keyStart + name, '1', 'PX', Math.ceil(lifeMs), 'NX')) === 'OK';
    } catch {
      return true;
    }
  }

  stop(): void {
    this.client.disconnect();
  }

  private firstHere(name: string, lifeMs: number): boolean {
    const nowMs = this.parts.clock.nowMs();
    for (const [used, untilMs] of this.own) {
      if (untilMs > nowMs && this.own.size < ownMax) break;
      this.own.delete(used);
    }
    if (this.own.has(name)) return false;
    this.own.set(name, nowMs + lifeMs);
    return true;
  }
}
