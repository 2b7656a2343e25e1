import type { LeaseHolder } from '../../src/cluster/ports.ts';
import type { Claim, SharedCache, SharedMessage } from '../../src/crm/index.ts';
import type { VirtualClock } from '../virtual-clock.ts';
import type { Chance } from './chance.ts';
import type { LifeClock } from './life-clock.ts';

/** How the Redis of the lookup does at the moment. */
export interface RedisMood {
  away: boolean;
  /** Answers take up to so long more, in milliseconds. */
  slowMs: number;
}

type ReadOutcome = Awaited<ReturnType<SharedCache['read']>>;
type ClaimOutcome = Awaited<ReturnType<SharedCache['claim']>>;
type Entry = Parameters<SharedCache['settle']>[2];

/** What is in Redis, and outlives every server. */
export class RedisData {
  readonly mood: RedisMood = { away: false, slowMs: 0 };
  readonly entries = new Map<string, { readonly entry: Entry; readonly untilMs: number }>();
  readonly leases = new Map<string, { readonly token: string; readonly untilMs: number }>();
  readonly members = new Set<(message: SharedMessage) => void>();
  /** The lease of the shard, who stands by and since when, and who hears of a release. */
  readonly shard = {
    lease: undefined as { readonly holder: LeaseHolder; readonly untilMs: number } | undefined,
    standbys: new Map<string, number>(),
    listeners: new Set<() => void>(),
  };
  tokens = 0;
  readonly world: VirtualClock;
  readonly chance: Chance;

  constructor(world: VirtualClock, chance: Chance) {
    this.world = world;
    this.chance = chance;
  }

  /** Everything is gone, as after a restart without a dump; who listens learns that something may be missing. */
  lose(): void {
    this.entries.clear();
    this.leases.clear();
    this.shard.lease = undefined;
    this.shard.standbys.clear();
    this.tell({ kind: 'gap' });
  }

  tell(message: SharedMessage): void {
    if (!this.mood.away) for (const member of this.members) this.world.after(0.3, () => member(message));
  }

  /** Who takes it next and who had it believe both to have it, for a moment. */
  forgetLease(): void {
    this.shard.lease = undefined;
  }

  /** Who has the shard's lease. */
  holder(): LeaseHolder | undefined {
    const { lease } = this.shard;
    return lease && lease.untilMs > this.world.nowMs() ? lease.holder : undefined;
  }

  entry(key: string): Entry | undefined {
    const kept = this.entries.get(key);
    return kept && kept.untilMs > this.world.nowMs() ? kept.entry : undefined;
  }
}

/** As `config/redis.deadlineMs` has it. */
const budgetMs = 30;

/** One server's connection to Redis: no answer comes later than the budget, as the adapter has it. */
export class SimSharedCache implements SharedCache {
  private readonly redis: RedisData;
  private readonly life: LifeClock;
  private listener: (message: SharedMessage) => void = () => {};

  constructor(redis: RedisData, life: LifeClock) {
    this.redis = redis;
    this.life = life;
    redis.members.add((message) => life.run(() => this.listener(message)));
  }

  state(): 'up' | 'down' {
    return this.redis.mood.away ? 'down' : 'up';
  }

  hears(): boolean {
    return !this.redis.mood.away;
  }

  onMessage(listener: (message: SharedMessage) => void): void {
    this.listener = listener;
  }

  start(): void {}

  stop(): Promise<void> {
    return Promise.resolve();
  }

  read(key: string): Promise<ReadOutcome> {
    const { redis } = this;
    return this.ask<ReadOutcome>({ kind: 'unavailable' }, () => {
      const entry = redis.entry(key);
      return entry ? { kind: 'entry', entry } : { kind: 'nothing' };
    });
  }

  claim(key: string, leaseMs: number): Promise<ClaimOutcome> {
    const { redis } = this;
    return this.ask<ClaimOutcome>({ kind: 'unavailable' }, () => {
      const nowMs = redis.world.nowMs();
      const entry = redis.entry(key);
      if (entry && entry.freshUntil > nowMs) return { kind: 'entry', entry };
      const lease = redis.leases.get(key);
      if (lease && lease.untilMs > nowMs) return { kind: 'busy', leaseMs: lease.untilMs - nowMs };
      redis.tokens += 1;
      const token = String(redis.tokens);
      redis.leases.set(key, { token, untilMs: nowMs + leaseMs });
      return { kind: 'claimed', claim: { token, fence: '' } };
    });
  }

  settle(key: string, claim: Claim | undefined, entry: Entry, ttlMs: number): Promise<boolean> {
    const { redis } = this;
    return this.ask(false, () => {
      const stored = ttlMs > 0 && !(entry.kind === 'error' && redis.entry(key));
      if (stored) redis.entries.set(key, { entry, untilMs: redis.world.nowMs() + ttlMs });
      if (claim && redis.leases.get(key)?.token === claim.token) redis.leases.delete(key);
      redis.tell({ kind: 'settled', key, entry, stored });
      return stored;
    });
  }

  /** Nobody in these days tells us of a change. */
  invalidate(): Promise<'unavailable'> {
    return Promise.resolve('unavailable');
  }

  /** What was asked is done even if its answer comes too late to be heard. */
  private ask<Answer>(late: Answer, deed: () => Answer): Promise<Answer> {
    const { redis, life } = this;
    if (redis.mood.away) return Promise.resolve(late);
    const takesMs = redis.chance.between(0.2, 0.6 + redis.mood.slowMs);
    return new Promise((resolve) => {
      const timer = life.after(budgetMs, () => resolve(late));
      redis.world.after(takesMs, () => {
        if (redis.mood.away) return;
        const answer = deed();
        life.run(() => {
          timer.cancel();
          resolve(answer);
        });
      });
    });
  }
}
