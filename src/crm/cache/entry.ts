import type { Customer, CustomerCandidate } from '../../call/index.ts';
import type { Rng } from '../../kernel/index.ts';
import { Type } from '../../schema/index.ts';
import { checker } from '../../validation/index.ts';
import type { AdapterAnswer } from '../adapters/adapter.ts';

export type EntryData =
  | { readonly kind: 'hit'; readonly data: Customer }
  | { readonly kind: 'none'; readonly data: null }
  | { readonly kind: 'ambiguous'; readonly data: readonly CustomerCandidate[] }
  /** `data` is the error code. */
  | { readonly kind: 'error'; readonly data: string };

/** What we know about a number and until when it holds. Times are Unix milliseconds. */
export type CacheEntry = EntryData & {
  readonly fetchedAt: number;
  readonly freshUntil: number;
  readonly staleUntil: number;
  /** When the CRM last changed the record; absent when it does not tell. */
  readonly sourceUpdatedAt?: number;
};

/** How long each kind holds, in milliseconds. `jitter` is the share by which a lifetime varies both ways, 0 to 1. */
export interface Lifetimes {
  readonly hitFreshMs: number;
  readonly hitStaleMs: number;
  readonly noneMs: number;
  readonly ambiguousMs: number;
  readonly errorMs: number;
  readonly jitter: number;
}

export const defaultLifetimes: Lifetimes = {
  hitFreshMs: 10 * 60_000,
  hitStaleMs: 24 * 3_600_000,
  noneMs: 90_000,
  ambiguousMs: 60_000,
  errorMs: 7_500,
  jitter: 0.2,
};

/** Jitter keeps entries that were filled together from ending together. */
export function entryOf(answer: AdapterAnswer, lifetimes: Lifetimes, nowMs: number, rng: Rng): CacheEntry {
  const factor = 1 + lifetimes.jitter * (2 * rng.next() - 1);
  const until = (ms: number): number => nowMs + Math.round(ms * factor);
  switch (answer.kind) {
    case 'hit': {
      const freshUntil = until(lifetimes.hitFreshMs);
      const times = { fetchedAt: nowMs, freshUntil, staleUntil: Math.max(freshUntil, until(lifetimes.hitStaleMs)) };
      const entry = { kind: 'hit' as const, data: answer.customer, ...times };
      return answer.sourceUpdatedAtMs === undefined ? entry : { ...entry, sourceUpdatedAt: answer.sourceUpdatedAtMs };
    }
    case 'none':
      return { kind: 'none', data: null, ...brief(nowMs, until(lifetimes.noneMs)) };
    case 'ambiguous':
      return { kind: 'ambiguous', data: answer.candidates, ...brief(nowMs, until(lifetimes.ambiguousMs)) };
  }
}

export function errorEntry(code: string, lifetimes: Lifetimes, nowMs: number, rng: Rng): CacheEntry {
  const factor = 1 + lifetimes.jitter * (2 * rng.next() - 1);
  return { kind: 'error', data: code, ...brief(nowMs, nowMs + Math.round(lifetimes.errorMs * factor)) };
}

/** Only customers are worth showing when old; the other kinds end when they are no longer fresh. */
const brief = (nowMs: number, untilMs: number) => ({ fetchedAt: nowMs, freshUntil: untilMs, staleUntil: untilMs });

export type EntryAge = 'fresh' | 'stale' | 'dead';

export function ageOf(entry: CacheEntry, nowMs: number): EntryAge {
  if (nowMs < entry.freshUntil) return 'fresh';
  return nowMs < entry.staleUntil ? 'stale' : 'dead';
}

/** True when `entry` is known to be at least as new as a change that the CRM announced. */
export function isAsNewAs(entry: CacheEntry, sourceUpdatedAtMs: number): boolean {
  return entry.kind === 'hit' && entry.sourceUpdatedAt !== undefined && entry.sourceUpdatedAt >= sourceUpdatedAtMs;
}

const text = Type.String({ maxLength: 2000 });
const optional = Type.Optional;
const customer = Type.Object({
  id: text,
  name: text,
  tier: optional(text),
  value: Type.Number({ minimum: 0, maximum: 100 }),
  vip: Type.Boolean(),
  blacklisted: Type.Boolean(),
  tags: Type.Array(text, { maxItems: 50 }),
  language: optional(text),
  region: optional(text),
  churnRisk: optional(Type.Union([Type.Literal('low'), Type.Literal('medium'), Type.Literal('high')])),
  strategy: optional(text),
  ownerAgentId: optional(text),
  needs: optional(Type.Record(Type.String(), Type.Number())),
  purchases: Type.Array(Type.Object({ id: text, title: text, atMs: optional(Type.Number()), amount: optional(text) }), {
    maxItems: 3,
  }),
  openTickets: Type.Array(
    Type.Object({
      id: text,
      title: text,
      status: optional(text),
      urgency: optional(
        Type.Union([Type.Literal('low'), Type.Literal('normal'), Type.Literal('high'), Type.Literal('critical')]),
      ),
    }),
    { maxItems: 5 },
  ),
  lastContact: optional(Type.Object({ atMs: Type.Number(), agentName: optional(text), summary: optional(text) })),
  url: optional(text),
});
const times = {
  fetchedAt: Type.Number(),
  freshUntil: Type.Number(),
  staleUntil: Type.Number(),
  sourceUpdatedAt: optional(Type.Number()),
};
const candidates = Type.Array(Type.Object({ id: text, name: text, tier: optional(text) }), { maxItems: 20 });
const entryChecker = checker(
  Type.Union([
    Type.Object({ kind: Type.Literal('hit'), data: customer, ...times }),
    Type.Object({ kind: Type.Literal('none'), data: Type.Null(), ...times }),
    Type.Object({ kind: Type.Literal('ambiguous'), data: candidates, ...times }),
    Type.Object({ kind: Type.Literal('error'), data: text, ...times }),
  ]),
);

/** Reads an entry that another instance wrote; undefined when it is not one, for Redis is an edge like any other. */
export function parseEntry(json: string): CacheEntry | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return entryChecker.fits(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
