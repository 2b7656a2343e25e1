import type { Customer, CustomerCandidate } from '../../call/index.ts';
import type { NumberFormats } from '../numbers.ts';

/** One question to a CRM. Shared by all callers that wait for the same number, so ids are those of the first. */
export interface CustomerQuery {
  readonly tenant: string;
  readonly number: NumberFormats;
  readonly dialledNumber: string;
  readonly callId: string;
  /** The same whenever the same question is asked again for the same call. */
  readonly idempotencyKey: string;
}

export type AdapterAnswer =
  /** `sourceUpdatedAtMs`: when the CRM last changed the record, Unix milliseconds; guards against old news. */
  | { readonly kind: 'hit'; readonly customer: Customer; readonly sourceUpdatedAtMs?: number }
  | { readonly kind: 'none' }
  | { readonly kind: 'ambiguous'; readonly candidates: readonly CustomerCandidate[] };

/** A CRM that can say who has a number. */
export interface CustomerAdapter {
  /** Names the CRM in `source` as `crm:<id>`. */
  readonly id: string;
  /** Changes whenever the same number might be answered differently; part of the cache key. */
  readonly revision: string;
  /** Rejects with an AppError. Must end soon after `signal` aborts. */
  find(query: CustomerQuery, signal: AbortSignal): Promise<AdapterAnswer>;
  /** Counters since the start, by name. */
  stats(): Readonly<Record<string, number>>;
  close(): Promise<void>;
}
