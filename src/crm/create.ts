import type { Clock, Logger, Rng } from '../kernel/index.ts';
import type { CustomerAdapter } from './adapters/adapter.ts';
import { defaultLifetimes, type Lifetimes } from './cache/entry.ts';
import { Fetcher } from './cache/fetcher.ts';
import { noSharedCache } from './cache/no-shared-cache.ts';
import type { SharedCache } from './cache/shared-cache.ts';
import type { Directory } from './directory/directory.ts';
import { DirectoryLookup } from './directory/lookup.ts';
import { Guard } from './guard.ts';
import { Lookup } from './lookup.ts';
import type { ManagedLookup } from './managed-lookup.ts';
import { defaultNumberPlan, type NumberPlan } from './numbers.ts';
import { newCounters } from './stats.ts';

/** Limits of the lookup; times in milliseconds. */
export interface LookupLimits {
  /** A caller waits for the answer no longer than this. */
  readonly deadlineMs: number;
  /** The CRM itself may take this long; what comes after the deadline fills the cache and is told late. */
  readonly crmTimeoutMs: number;
  readonly concurrentMax: number;
  readonly queuedMax: number;
  readonly failuresMax: number;
  readonly openMs: number;
  /** Entries kept in this process. */
  readonly entriesMax: number;
}

export const defaultLookupLimits: LookupLimits = {
  deadlineMs: 300,
  crmTimeoutMs: 2_500,
  concurrentMax: 32,
  queuedMax: 256,
  failuresMax: 5,
  openMs: 10_000,
  entriesMax: 50_000,
};

export interface CustomerLookupOptions {
  /** Without one only the directory is asked. */
  readonly adapter?: CustomerAdapter;
  readonly directory: Directory;
  /** Without one this process caches for itself. */
  readonly shared?: SharedCache;
  /** The key of the HMAC that stands for numbers in cache keys; the same on all instances. */
  readonly keySecret: string;
  readonly limits?: Partial<LookupLimits>;
  readonly lifetimes?: Partial<Lifetimes>;
  readonly plan?: NumberPlan;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
}

/** Longer than the longest fetch by what its bookkeeping may take. */
const LEASE_MARGIN_MS = 1_000;

/** Builds the lookup of one CRM, or of the directory alone. */
export function createCustomerLookup(options: CustomerLookupOptions): ManagedLookup {
  const {
    adapter,
    directory,
    clock,
    rng,
    logger,
    keySecret,
    shared = noSharedCache,
    plan = defaultNumberPlan,
  } = options;
  if (!adapter) return new DirectoryLookup(directory, plan);
  const limits = { ...defaultLookupLimits, ...options.limits };
  const lifetimes = { ...defaultLifetimes, ...options.lifetimes };
  const counters = newCounters();
  const guard = new Guard({ ...limits, timeoutMs: limits.crmTimeoutMs }, clock);
  const { entriesMax } = limits;
  const leaseMs = limits.crmTimeoutMs + LEASE_MARGIN_MS;
  const fetcher = new Fetcher({ adapter, shared, guard, clock, rng, logger, counters, lifetimes, entriesMax, leaseMs });
  const { deadlineMs } = limits;
  const lookup = new Lookup({ adapter, directory, fetcher, clock, counters, plan, deadlineMs, keySecret });
  return {
    lookup: (request, settle, late) => lookup.lookup(request, settle, late),
    invalidate: (tenant, number, updatedAtMs) => lookup.invalidate(tenant, number, updatedAtMs),
    start: () => shared.start(),
    stop: async () => {
      fetcher.stop();
      await Promise.all([shared.stop(), adapter.close()]);
    },
    health: () => ({ redis: shared.state(), breaker: guard.state }),
    stats: () => ({ ...counters, breakerOpened: guard.opened, adapter: adapter.stats() }),
  };
}
