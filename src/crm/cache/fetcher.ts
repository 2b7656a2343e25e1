import { LRUCache } from 'lru-cache';
import { AppError, type Clock, type Logger, type Rng, type Timer } from '../../kernel/index.ts';
import type { CustomerAdapter, CustomerQuery } from '../adapters/adapter.ts';
import { crmErrors } from '../errors.ts';
import type { BreakerState, Guard } from '../guard.ts';
import type { LookupCounters } from '../stats.ts';
import { ageOf, type CacheEntry, entryOf, errorEntry, isAsNewAs, type Lifetimes } from './entry.ts';
import type { Claim, SharedCache, SharedMessage } from './shared-cache.ts';

export interface FetcherParts {
  readonly adapter: CustomerAdapter;
  readonly shared: SharedCache;
  readonly guard: Guard;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
  readonly counters: LookupCounters;
  readonly lifetimes: Lifetimes;
  readonly entriesMax: number;
  /** Longer than the longest fetch: after it the holder counts as dead. */
  readonly leaseMs: number;
}

interface Flight {
  readonly settled: Promise<CacheEntry>;
  /** Set when the CRM announced a change while the fetch was in the air. */
  voidBefore?: number;
}

interface Waiter {
  readonly wake: (entry: CacheEntry | undefined) => void;
}

/** Without pub/sub a waiter asks again at this interval. */
const POLL_MS = 50;
/** Failures that say nothing about this number; the next caller may try at once. */
const passing = new Set([crmErrors.unavailable, crmErrors.busy, crmErrors.rate_limited].map((e) => e.code));

/** Both caches and the one fetch per key, here and across instances. */
export class Fetcher {
  private readonly parts: FetcherParts;
  private readonly entries: LRUCache<string, CacheEntry>;
  /** Kept apart, so that a failed refresh does not cost us the customer we know. */
  private readonly errors: LRUCache<string, CacheEntry>;
  private readonly flights = new Map<string, Flight>();
  private readonly reads = new Map<string, Promise<CacheEntry | undefined>>();
  private readonly waiters = new Map<string, Waiter>();
  private stopped = false;

  constructor(parts: FetcherParts) {
    this.parts = parts;
    this.entries = new LRUCache({ max: parts.entriesMax });
    this.errors = new LRUCache({ max: parts.entriesMax });
    parts.shared.onMessage((message) => this.onMessage(message));
  }

  get breaker(): BreakerState {
    return this.parts.guard.state;
  }

  /** What the process itself knows, fresh or stale; a fresh error only when there is nothing better. */
  local(key: string): CacheEntry | undefined {
    const nowMs = this.parts.clock.nowMs();
    const entry = this.entries.get(key);
    if (entry && ageOf(entry, nowMs) !== 'dead') return entry;
    const error = this.errors.get(key);
    return error && ageOf(error, nowMs) === 'fresh' ? error : undefined;
  }

  /** The shared cache's word, within its budget; one read per key at a time. Never rejects. */
  readShared(key: string): Promise<CacheEntry | undefined> {
    const running = this.reads.get(key);
    if (running) return running;
    const read = this.readOnce(key).finally(() => this.reads.delete(key));
    this.reads.set(key, read);
    return read;
  }

  /** The CRM's word. All who ask for a key while one fetch is in the air get its outcome. Never rejects. */
  fetch(key: string, query: CustomerQuery): Promise<CacheEntry> {
    const running = this.flights.get(key);
    if (running) return running.settled;
    const settled = this.fly(key, query).finally(() => this.flights.delete(key));
    this.flights.set(key, { settled });
    return settled;
  }

  /** See `Lookup.invalidate`. */
  async invalidate(key: string, query: CustomerQuery, sourceUpdatedAtMs: number): Promise<'refreshing' | 'current'> {
    this.parts.counters.invalidations += 1;
    const shared = await this.parts.shared.invalidate(key, sourceUpdatedAtMs);
    const local = this.entries.get(key);
    if (shared === 'current' || (local && isAsNewAs(local, sourceUpdatedAtMs))) return 'current';
    this.forget(key, sourceUpdatedAtMs);
    const overtaken = this.flights.get(key);
    void Promise.resolve(overtaken?.settled).then(() => this.fetch(key, query));
    return 'refreshing';
  }

  stop(): void {
    this.stopped = true;
    for (const waiter of this.waiters.values()) waiter.wake(undefined);
  }

  private async readOnce(key: string): Promise<CacheEntry | undefined> {
    const { shared, counters, clock } = this.parts;
    const outcome = await shared.read(key);
    if (outcome.kind === 'unavailable' && shared.state() !== 'off') counters.sharedUnavailable += 1;
    if (outcome.kind !== 'entry' || ageOf(outcome.entry, clock.nowMs()) === 'dead') return undefined;
    counters.sharedHits += 1;
    this.keep(key, outcome.entry);
    return outcome.entry;
  }

  /** Takes the lease and asks, or waits for whoever has it; a dead holder's lease ends by itself. */
  private async fly(key: string, query: CustomerQuery): Promise<CacheEntry> {
    const { shared, clock, leaseMs, counters } = this.parts;
    const giveUpAtMs = clock.nowMs() + 2 * leaseMs;
    // With the breaker open the CRM says no at once, and nobody needs a lease for that.
    while (!this.stopped && this.breaker === 'closed' && clock.nowMs() < giveUpAtMs) {
      const heard = this.listen(key);
      const outcome = await shared.claim(key, leaseMs);
      if (outcome.kind === 'busy') {
        const entry = await heard.within(shared.hears() ? outcome.leaseMs : Math.min(POLL_MS, outcome.leaseMs));
        if (!entry) continue;
        counters.joinedElsewhere += 1;
        return entry;
      }
      heard.cancel();
      if (outcome.kind === 'claimed') return this.askAndSettle(key, query, outcome.claim);
      if (outcome.kind === 'unavailable') break;
      this.keep(key, outcome.entry);
      return outcome.entry;
    }
    return this.askAndSettle(key, query, undefined);
  }

  /** The entry is handed on at once; the shared cache is told behind the callers' backs. */
  private async askAndSettle(key: string, query: CustomerQuery, claim: Claim | undefined): Promise<CacheEntry> {
    const { shared, clock } = this.parts;
    const entry = await this.ask(query);
    const voidBefore = this.flights.get(key)?.voidBefore;
    const isOvertaken = voidBefore !== undefined && !isAsNewAs(entry, voidBefore);
    if (isOvertaken) this.parts.counters.overtaken += 1;
    else this.keep(key, entry);
    const ttlMs = isOvertaken || isPassing(entry) ? 0 : Math.max(0, entry.staleUntil - clock.nowMs());
    if (shared.state() === 'off') return entry;
    void shared.settle(key, claim, entry, ttlMs);
    return entry;
  }

  private async ask(query: CustomerQuery): Promise<CacheEntry> {
    const { adapter, guard, clock, rng, lifetimes, counters, logger } = this.parts;
    counters.fetches += 1;
    try {
      const answer = await guard.run((signal) => adapter.find(query, signal));
      return entryOf(answer, lifetimes, clock.nowMs(), rng);
    } catch (error) {
      counters.fetchErrors += 1;
      const code = error instanceof AppError ? error.code : crmErrors.unreachable.code;
      const detail = error instanceof AppError ? error.message : undefined;
      logger.warn({ adapter: adapter.id, callId: query.callId, code, detail }, 'the CRM gave no answer');
      return errorEntry(code, lifetimes, clock.nowMs(), rng);
    }
  }

  private keep(key: string, entry: CacheEntry): void {
    if (entry.kind === 'error') {
      if (!isPassing(entry)) this.errors.set(key, entry);
      return;
    }
    const old = this.entries.get(key);
    if (old?.sourceUpdatedAt !== undefined && entry.sourceUpdatedAt !== undefined) {
      if (old.sourceUpdatedAt > entry.sourceUpdatedAt) return;
    }
    this.entries.set(key, entry);
    this.errors.delete(key);
  }

  private forget(key: string, sourceUpdatedAtMs: number): void {
    const local = this.entries.get(key);
    if (local && !isAsNewAs(local, sourceUpdatedAtMs)) this.entries.delete(key);
    this.errors.delete(key);
    const flight = this.flights.get(key);
    if (flight) flight.voidBefore = Math.max(flight.voidBefore ?? 0, sourceUpdatedAtMs);
  }

  private onMessage(message: SharedMessage): void {
    if (message.kind === 'gap') {
      this.entries.clear();
      this.errors.clear();
    } else if (message.kind === 'invalidated') {
      this.forget(message.key, message.sourceUpdatedAtMs);
    } else {
      if (message.stored && (this.entries.has(message.key) || this.waiters.has(message.key))) {
        this.keep(message.key, message.entry);
      }
      this.waiters.get(message.key)?.wake(message.entry);
    }
  }

  /** Listens before asking for the lease, so that a result between the two is not missed. One flight, one waiter. */
  private listen(key: string): { within(ms: number): Promise<CacheEntry | undefined>; cancel(): void } {
    const result = Promise.withResolvers<CacheEntry | undefined>();
    let timer: Timer | undefined;
    const waiter: Waiter = { wake: result.resolve };
    this.waiters.set(key, waiter);
    const cancel = () => {
      timer?.cancel();
      if (this.waiters.get(key) === waiter) this.waiters.delete(key);
    };
    return {
      cancel,
      within: (ms) => {
        timer = this.parts.clock.after(ms, () => result.resolve(undefined));
        return result.promise.finally(cancel);
      },
    };
  }
}

const isPassing = (entry: CacheEntry): boolean => entry.kind === 'error' && passing.has(entry.data);

/** True when `entry` tells something else than `told`. Both come from our own mapping, so their keys are in order. */
export function isNews(entry: CacheEntry, told: CacheEntry): boolean {
  return entry.kind !== told.kind || JSON.stringify(entry.data) !== JSON.stringify(told.data);
}
