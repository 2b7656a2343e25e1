import type { Lease, LeaseClaim, LeaseHolder, LeaseLook, ShardOwner, ShardStore } from '../../src/cluster/ports.ts';
import { AppError } from '../../src/kernel/index.ts';
import { storageErrors } from '../../src/storage/index.ts';
import type { Disk } from './disk.ts';
import type { LifeClock } from './life-clock.ts';
import type { RedisData } from './shared-cache.ts';

/** As the config has them by itself, in milliseconds. */
export const clusterTimes = { leaseMs: 1_300, renewMs: 300, pollMs: 150, deadlineMs: 250, handOverMs: 2_000 };

/** Looks after which one who stands by counts as gone, as `src/cluster/redis-lease.ts` has it. */
const looksMax = 6;
const travelMs = 0.3;

const away = (): AppError => new AppError(storageErrors.unavailable, 'simulated');

/** One process's way to the lease: the steps of `src/cluster/lease-scripts.ts`, held against the same conformance. */
export class SimLease implements Lease {
  private readonly redis: RedisData;
  private readonly life: LifeClock;
  private readonly instanceId: string;
  private readonly times: Pick<typeof clusterTimes, 'leaseMs' | 'pollMs'>;
  private listener: (() => void) | undefined;

  constructor(redis: RedisData, life: LifeClock, instanceId: string, times: SimLease['times'] = clusterTimes) {
    this.redis = redis;
    this.life = life;
    this.instanceId = instanceId;
    this.times = times;
  }

  look(standsBy: boolean): Promise<LeaseLook> {
    const { redis, instanceId } = this;
    return this.ask(() => {
      if (standsBy) redis.shard.standbys.set(instanceId, redis.world.nowMs());
      else redis.shard.standbys.delete(instanceId);
      const holder = redis.holder();
      return holder ? { kind: 'held', holder } : { kind: 'free' };
    });
  }

  claim(wanted: LeaseHolder): Promise<LeaseClaim> {
    const { redis, instanceId } = this;
    const { leaseMs, pollMs } = this.times;
    return this.ask(() => {
      const nowMs = redis.world.nowMs();
      const holder = redis.holder();
      if (holder && holder.term !== wanted.term) return { kind: 'held', holder };
      redis.shard.lease = { holder: wanted, untilMs: nowMs + leaseMs };
      const { standbys } = redis.shard;
      standbys.delete(instanceId);
      for (const [id, atMs] of standbys) if (atMs <= nowMs - looksMax * pollMs) standbys.delete(id);
      return { kind: holder ? 'kept' : 'taken', standbys: standbys.size };
    });
  }

  release(term: string): Promise<void> {
    const { redis, instanceId } = this;
    return this.ask(() => {
      redis.shard.standbys.delete(instanceId);
      if (redis.holder()?.term !== term) return;
      redis.shard.lease = undefined;
      for (const tell of redis.shard.listeners) redis.world.after(travelMs, tell);
    });
  }

  onReleased(listener: () => void): void {
    this.listener = () => this.life.run(listener);
    this.redis.shard.listeners.add(this.listener);
  }

  stop(): void {
    if (this.listener) this.redis.shard.listeners.delete(this.listener);
  }

  /** What was sent is done, also for a process that stands still before it hears so. */
  private ask<Answer>(work: () => Answer): Promise<Answer> {
    const { redis, life } = this;
    const { world, chance, mood } = redis;
    return new Promise((resolve, reject) => {
      const late = life.after(clusterTimes.deadlineMs, () => reject(away()));
      const go = (run: () => void): void => {
        if (!mood.away) world.after(travelMs + chance.between(0, mood.slowMs / 2), run);
      };
      go(() => {
        if (mood.away) return;
        const answer = work();
        go(() =>
          life.run(() => {
            late.cancel();
            resolve(answer);
          }),
        );
      });
    });
  }
}

/** One process's way to the row that says who owns the shard; the fence of the log stands in the same store. */
export class SimShards implements ShardStore {
  private readonly disk: Disk;
  private readonly life: LifeClock;

  constructor(disk: Disk, life: LifeClock) {
    this.disk = disk;
    this.life = life;
  }

  owner(): Promise<ShardOwner | undefined> {
    return this.ask(() => this.disk.owner);
  }

  take(_shard: string, expected: number, owner: Omit<ShardOwner, 'token'>): Promise<number | undefined> {
    const { disk } = this;
    return this.ask(() => {
      if (disk.fence !== expected) return undefined;
      disk.fence = expected + 1;
      disk.owner = { ...owner, token: disk.fence };
      return disk.fence;
    });
  }

  private ask<Answer>(answer: () => Answer): Promise<Answer> {
    const { disk, life } = this;
    return new Promise((resolve, reject) => {
      disk.world.after(travelMs, () => {
        const isAway = disk.mood.away;
        const given = isAway ? undefined : answer();
        disk.world.after(travelMs, () => life.run(() => (isAway ? reject(away()) : resolve(given as Answer))));
      });
    });
  }
}
