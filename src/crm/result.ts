import type { Customer, CustomerResult } from '../call/index.ts';
import { ageOf, type CacheEntry } from './cache/entry.ts';
import { crmErrors } from './errors.ts';
import type { BreakerState } from './guard.ts';

/** The directory's word, or undefined when it does not know the number. */
export function directoryResult(known: Customer | undefined, status: 'fresh' | 'stale'): CustomerResult | undefined {
  return known && { status, customer: known, source: 'directory' };
}

/**
 * What a cache entry means for the call. The directory speaks where the CRM has no single customer, and its marks
 * (VIP, blacklist) hold beside the CRM's, because an operator sets them to act at once.
 */
export function entryResult(
  entry: CacheEntry,
  nowMs: number,
  adapterId: string,
  known: Customer | undefined,
): CustomerResult {
  const source = `crm:${adapterId}`;
  const fetchedAtMs = entry.fetchedAt;
  switch (entry.kind) {
    case 'hit': {
      const status = ageOf(entry, nowMs) === 'fresh' ? 'fresh' : 'stale';
      return { status, customer: withMarks(entry.data, known), source, fetchedAtMs };
    }
    case 'none':
      return directoryResult(known, 'fresh') ?? { status: 'none', source, fetchedAtMs };
    case 'ambiguous':
      return directoryResult(known, 'fresh') ?? { status: 'ambiguous', candidates: entry.data, source, fetchedAtMs };
    case 'error':
      return directoryResult(known, 'stale') ?? { status: 'error', source, code: entry.data };
  }
}

/** What the caller gets when nobody has answered: the directory's word, `pending`, or why nobody is asked. */
export function fallbackResult(adapterId: string, known: Customer | undefined, breaker: BreakerState): CustomerResult {
  const source = `crm:${adapterId}`;
  const local = directoryResult(known, 'stale');
  if (local) return local;
  if (breaker === 'closed') return { status: 'pending', source };
  return { status: 'error', source, code: crmErrors.unavailable.code };
}

function withMarks(customer: Customer, known: Customer | undefined): Customer {
  if (!known || (!known.vip && !known.blacklisted)) return customer;
  return {
    ...customer,
    vip: customer.vip || known.vip,
    blacklisted: customer.blacklisted || known.blacklisted,
  };
}
