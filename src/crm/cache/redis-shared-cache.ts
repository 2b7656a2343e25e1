import { randomUUID } from 'node:crypto';
import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleAll } from 'cockatiel';
import { Redis } from 'ioredis';
import { type Clock, errorText, type Logger, type Rng } from '../../kernel/index.ts';
import { crmError } from '../errors.ts';
import { type CacheEntry, parseEntry } from './entry.ts';
import { claimScript, invalidateScript, settleScript } from './redis-scripts.ts';
import type { Claim, ClaimOutcome, ReadOutcome, SharedCache, SharedMessage } from './shared-cache.ts';

export interface RedisCacheOptions {
  /** `redis://…` or `rediss://…`; may hold a password, never logged. */
  readonly url: string;
  /** First part of every key and of the channel. */
  readonly prefix: string;
  /** How long a read may take, and how long a claim or a write may. */
  readonly readBudgetMs: number;
  readonly writeBudgetMs: number;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
}

const OUTSTANDING_MAX = 2_000;
const RECONNECT_MAX_MS = 5_000;
const SLOW_IN_A_ROW_MAX = 5;
const LEFT_ALONE_MS = 1_000;
/** Longer than any fetch, so that a fetch begun before an invalidation always meets its fence. */
const FENCE_MS = 120_000;

/** The shared cache on Redis or Valkey. A server that is away or slow costs one budget a few times, then nothing. */
export class RedisSharedCache implements SharedCache {
  private readonly options: RedisCacheOptions;
  private readonly commands: Redis;
  private readonly subscriber: Redis;
  private readonly channel: string;
  private readonly breaker = circuitBreaker(handleAll, {
    breaker: new ConsecutiveBreaker(SLOW_IN_A_ROW_MAX),
    halfOpenAfter: LEFT_ALONE_MS,
  });
  private readonly origin = randomUUID();
  private listener: (message: SharedMessage) => void = () => undefined;
  private outstanding = 0;
  private subscribed = false;
  private wasUp: boolean | undefined;

  constructor(options: RedisCacheOptions) {
    this.options = options;
    this.channel = `${options.prefix}:lookups`;
    this.commands = new Redis(options.url, this.redisOptions());
    this.subscriber = new Redis(options.url, { ...this.redisOptions(), autoResubscribe: false });
    for (const client of [this.commands, this.subscriber]) client.on('error', (error) => this.sayDown(error));
    this.commands.on('ready', () => this.sayUp());
    this.subscriber.on('ready', () => void this.subscribe());
    this.subscriber.on('close', () => {
      this.subscribed = false;
    });
    this.subscriber.on('message', (_channel, message) => this.onText(message));
  }

  state(): 'up' | 'down' {
    return this.commands.status === 'ready' && this.breaker.state === CircuitState.Closed ? 'up' : 'down';
  }

  hears(): boolean {
    return this.subscribed;
  }

  onMessage(listener: (message: SharedMessage) => void): void {
    this.listener = listener;
  }

  /** Begins to connect and keeps trying; returns at once. */
  start(): void {
    for (const client of [this.commands, this.subscriber]) client.connect().catch(() => undefined);
  }

  stop(): Promise<void> {
    this.commands.disconnect();
    this.subscriber.disconnect();
    return Promise.resolve();
  }

  async read(key: string): Promise<ReadOutcome> {
    const reply = await this.ask(this.options.readBudgetMs, () => this.commands.get(this.keysOf(key).entry));
    if (reply.kind === 'unavailable') return reply;
    const entry = reply.value === null ? undefined : parseEntry(reply.value);
    return entry ? { kind: 'entry', entry } : { kind: 'nothing' };
  }

  async claim(key: string, leaseMs: number): Promise<ClaimOutcome> {
    const { entry, lease, fence } = this.keysOf(key);
    const token = randomUUID();
    const nowMs = this.options.clock.nowMs();
    const reply = await this.ask(this.options.writeBudgetMs, () =>
      this.commands.eval(claimScript, 3, entry, lease, fence, token, leaseMs, nowMs),
    );
    if (reply.kind === 'unavailable' || !Array.isArray(reply.value)) return { kind: 'unavailable' };
    const [kind, value] = reply.value as [unknown, unknown];
    if (kind === 'claimed') return { kind, claim: { token, fence: String(value) } };
    if (kind === 'busy') return { kind, leaseMs: Math.max(1, Number(value)) };
    const found = parseEntry(String(value));
    return found ? { kind: 'entry', entry: found } : { kind: 'unavailable' };
  }

  async settle(key: string, claim: Claim | undefined, entry: CacheEntry, ttlMs: number): Promise<boolean> {
    const keys = this.keysOf(key);
    const { token, fence } = claim ?? { token: '', fence: '' };
    const own = entry.sourceUpdatedAt === undefined ? '' : String(entry.sourceUpdatedAt);
    const args = [token, fence, JSON.stringify(entry), Math.ceil(ttlMs), entry.kind, own, this.channel, key];
    const reply = await this.ask(this.options.writeBudgetMs, () =>
      this.commands.eval(settleScript, 3, keys.entry, keys.lease, keys.fence, ...args),
    );
    return reply.kind === 'answer' && reply.value === 1;
  }

  async invalidate(key: string, sourceUpdatedAtMs: number): Promise<'deleted' | 'current' | 'unavailable'> {
    const { entry, fence } = this.keysOf(key);
    const since = Math.round(sourceUpdatedAtMs);
    const args = [since, `${since}:${randomUUID()}`, FENCE_MS, this.channel, `${key} ${this.origin}`];
    const reply = await this.ask(this.options.writeBudgetMs, () =>
      this.commands.eval(invalidateScript, 2, entry, fence, ...args),
    );
    if (reply.kind === 'unavailable') return reply.kind;
    return reply.value === 1 ? 'deleted' : 'current';
  }

  private redisOptions() {
    return {
      lazyConnect: true,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      connectTimeout: 2_000,
      // Bounds what a hanging server can pile up; the caller has gone on long before.
      commandTimeout: 2_000,
      retryStrategy: (attempt: number) =>
        Math.min(RECONNECT_MAX_MS, 50 * 2 ** Math.min(attempt, 10)) * (0.5 + this.options.rng.next() / 2),
    };
  }

  private keysOf(key: string): { readonly entry: string; readonly lease: string; readonly fence: string } {
    const tagged = `${this.options.prefix}:{${key}}`;
    return { entry: `${tagged}:entry`, lease: `${tagged}:lease`, fence: `${tagged}:fence` };
  }

  /** One command within its budget; never rejects. While Redis is slow or away the answer is instant. */
  private async ask<Value>(
    budgetMs: number,
    command: () => Promise<Value>,
  ): Promise<{ readonly kind: 'answer'; readonly value: Value } | { readonly kind: 'unavailable' }> {
    const isUsable = this.commands.status === 'ready' && this.breaker.state !== CircuitState.HalfOpen;
    if (!isUsable || this.outstanding >= OUTSTANDING_MAX) return { kind: 'unavailable' };
    try {
      const value = await this.breaker.execute(() => this.withinBudget(budgetMs, command));
      return { kind: 'answer', value };
    } catch {
      return { kind: 'unavailable' };
    }
  }

  private withinBudget<Value>(budgetMs: number, command: () => Promise<Value>): Promise<Value> {
    const { clock } = this.options;
    return new Promise<Value>((resolve, reject) => {
      const giveUp = () => reject(crmError('shared_unavailable'));
      // After a busy spell of ours timers run before the sockets are read: one more turn tells a slow Redis from us.
      let timer = clock.after(budgetMs, () => {
        timer = clock.after(1, giveUp);
      });
      this.outstanding += 1;
      command()
        .then(resolve, reject)
        .finally(() => {
          timer.cancel();
          this.outstanding -= 1;
        });
    });
  }

  private async subscribe(): Promise<void> {
    try {
      await this.subscriber.subscribe(this.channel);
      this.subscribed = true;
      this.listener({ kind: 'gap' });
    } catch (error) {
      this.sayDown(error);
      this.subscriber.disconnect(true);
    }
  }

  /** `s<0|1><key> <entry>` or `i<key> <origin> <time>`, as the scripts publish them; anything else is dropped. */
  private onText(message: string): void {
    const blank = message.indexOf(' ');
    const rest = message.slice(blank + 1);
    if (message.startsWith('i')) {
      const [origin, time] = rest.split(' ');
      const sourceUpdatedAtMs = Number(time);
      // Our own word comes back when the refresh that followed it may be in the air already.
      if (origin !== this.origin && Number.isFinite(sourceUpdatedAtMs)) {
        this.listener({ kind: 'invalidated', key: message.slice(1, blank), sourceUpdatedAtMs });
      }
      return;
    }
    const entry = message.startsWith('s') ? parseEntry(rest) : undefined;
    if (entry) this.listener({ kind: 'settled', key: message.slice(2, blank), entry, stored: message[1] === '1' });
  }

  private sayUp(): void {
    if (this.wasUp !== true) this.options.logger.info({}, 'the shared lookup cache is up');
    this.wasUp = true;
  }

  private sayDown(error: unknown): void {
    if (this.wasUp !== false) {
      this.options.logger.warn({ reason: errorText(error) }, 'the shared lookup cache is down, going on without it');
    }
    this.wasUp = false;
  }
}
