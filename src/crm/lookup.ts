import { LRUCache } from 'lru-cache';
import type { CustomerLookup, LookupRequest } from '../bridge/ports.ts';
import type { Customer, CustomerResult } from '../call/index.ts';
import type { Clock, Timer } from '../kernel/index.ts';
import type { CustomerAdapter, CustomerQuery } from './adapters/adapter.ts';
import { ageOf, type CacheEntry } from './cache/entry.ts';
import { type Fetcher, isNews } from './cache/fetcher.ts';
import type { Directory } from './directory/directory.ts';
import { cacheKey } from './keys.ts';
import { type CallerNumber, type NumberPlan, normaliseNumber } from './numbers.ts';
import { directoryResult, entryResult, fallbackResult } from './result.ts';
import type { LookupCounters } from './stats.ts';

export interface LookupParts {
  readonly adapter: CustomerAdapter;
  readonly directory: Directory;
  readonly fetcher: Fetcher;
  readonly clock: Clock;
  readonly counters: LookupCounters;
  readonly plan: NumberPlan;
  readonly deadlineMs: number;
  readonly keySecret: string;
}

const OPEN_WAIT_MS = 3;

const rememberedMax = 5_000;

type Told = (result: CustomerResult) => void;
interface Question {
  readonly key: string;
  readonly query: CustomerQuery;
  readonly known: Customer | undefined;
}

/**
 * Who is calling: in-process cache, shared cache, CRM, each within its budget, and the directory when all else fails.
 * The caller is answered once, by the deadline at the latest; what comes afterwards goes to `late`.
 */
export class Lookup implements CustomerLookup {
  private readonly parts: LookupParts;
  /** Parsing a number and hashing it cost more than all the rest of a warm lookup, and callers call again. */
  private readonly numbers = new LRUCache<string, CallerNumber>({ max: rememberedMax });
  private readonly keys = new LRUCache<string, string>({ max: rememberedMax });

  constructor(parts: LookupParts) {
    this.parts = parts;
  }

  lookup(request: LookupRequest, settle: Told, late: Told): void {
    const { counters, directory, fetcher } = this.parts;
    counters.lookups += 1;
    const number = this.numberOf(request.callerNumber);
    if (number.kind === 'anonymous') return settle({ status: 'none', source: 'nobody' });
    const known = directory.find(request.tenant, number.canonical);
    // Our own extensions are nobody's customers; only the directory may know them.
    if (number.kind === 'extension')
      return settle(directoryResult(known, 'fresh') ?? { status: 'none', source: 'nobody' });
    const question = { key: this.keyOf(request.tenant, number), query: queryOf(request, number), known };
    const local = fetcher.local(question.key);
    if (!local) {
      void this.lookFurther(question, new Answering(question, this.parts, settle, late));
      return;
    }
    counters.l1Hits += 1;
    const answering = new Answering(question, this.parts, settle, late);
    answering.give(local);
    if (local.kind === 'hit' && ageOf(local, this.parts.clock.nowMs()) === 'stale')
      void this.refresh(question, answering);
  }

  /** Drops what is cached about a number and asks the CRM anew, unless we already hold something as new. */
  async invalidate(
    tenant: string,
    callerNumber: string,
    sourceUpdatedAtMs: number,
  ): Promise<'refreshing' | 'current' | 'ignored'> {
    const number = this.numberOf(callerNumber);
    if (number.kind === 'anonymous' || number.kind === 'extension') return 'ignored';
    const key = this.keyOf(tenant, number);
    const callId = `refresh:${key}:${sourceUpdatedAtMs}`;
    const query = queryOf({ callId, tenant, callerNumber, dialledNumber: '' }, number);
    return this.parts.fetcher.invalidate(key, query, sourceUpdatedAtMs);
  }

  private numberOf(raw: string): CallerNumber {
    const known = this.numbers.get(raw);
    if (known) return known;
    const number = normaliseNumber(raw, this.parts.plan);
    this.numbers.set(raw, number);
    return number;
  }

  private keyOf(tenant: string, number: Exclude<CallerNumber, { kind: 'anonymous' }>): string {
    const name = `${tenant} ${number.canonical}`;
    const known = this.keys.get(name);
    if (known !== undefined) return known;
    const key = cacheKey(this.parts.keySecret, tenant, this.parts.adapter, number.canonical);
    this.keys.set(name, key);
    return key;
  }

  private async lookFurther(question: Question, answering: Answering): Promise<void> {
    const { fetcher } = this.parts;
    // With the breaker open there is no CRM to wait for: only the shared cache may still know somebody, if it is quick.
    answering.startDeadline(
      fetcher.breaker === 'closed' ? this.parts.deadlineMs : Math.min(OPEN_WAIT_MS, this.parts.deadlineMs),
    );
    const shared = await fetcher.readShared(question.key);
    if (shared) {
      answering.give(shared);
      if (ageOf(shared, this.parts.clock.nowMs()) === 'stale') await this.refresh(question, answering);
      return;
    }
    // Nobody waits for the breaker's probe either; its answer comes late if it comes.
    if (fetcher.breaker !== 'closed') answering.giveFallback();
    answering.give(await fetcher.fetch(question.key, question.query));
  }

  private async refresh(question: Question, answering: Answering): Promise<void> {
    this.parts.counters.revalidations += 1;
    answering.give(await this.parts.fetcher.fetch(question.key, question.query));
  }
}

function queryOf(request: LookupRequest, number: Exclude<CallerNumber, { kind: 'anonymous' }>): CustomerQuery {
  const { callId, tenant, dialledNumber } = request;
  return { tenant, dialledNumber, callId, idempotencyKey: `lookup:${callId}`, number: number.formats };
}

/** What one caller has been told so far. */
class Answering {
  private readonly question: Question;
  private readonly parts: LookupParts;
  private readonly settle: Told;
  private readonly late: Told;
  private timer: Timer | undefined;
  /** The entry behind the answer; `nothing` when it was given without one. */
  private told: CacheEntry | 'nothing' | undefined;
  private toldPending = false;

  constructor(question: Question, parts: LookupParts, settle: Told, late: Told) {
    this.question = question;
    this.parts = parts;
    this.settle = settle;
    this.late = late;
  }

  startDeadline(delayMs: number): void {
    this.timer = this.parts.clock.after(delayMs, () => {
      this.parts.counters.deadlinesPassed += 1;
      this.giveFallback();
    });
  }

  /** The first entry settles; a later one is told only when it brings something new. */
  give(entry: CacheEntry): void {
    if (this.told !== undefined) return this.giveLate(entry, this.told);
    this.answer(entry, entryResult(entry, this.parts.clock.nowMs(), this.parts.adapter.id, this.question.known));
  }

  giveFallback(): void {
    if (this.told !== undefined) return;
    const { adapter, fetcher } = this.parts;
    const result = fallbackResult(adapter.id, this.question.known, fetcher.breaker);
    this.toldPending = result.status === 'pending';
    this.answer('nothing', result);
  }

  private answer(told: CacheEntry | 'nothing', result: CustomerResult): void {
    this.timer?.cancel();
    this.told = told;
    this.settle(result);
  }

  private giveLate(entry: CacheEntry, told: CacheEntry | 'nothing'): void {
    // An error is no news, except to a card that still says "pending".
    if (entry.kind === 'error' && !this.toldPending) return;
    if (told !== 'nothing' && !isNews(entry, told)) return;
    this.parts.counters.lateAnswers += 1;
    this.late(entryResult(entry, this.parts.clock.nowMs(), this.parts.adapter.id, this.question.known));
  }
}
