import type { CustomerLookup } from '../bridge/ports.ts';
import type { BreakerState } from './guard.ts';
import type { LookupCounters } from './stats.ts';

export interface LookupHealth {
  readonly redis: 'up' | 'down' | 'off';
  readonly breaker: BreakerState;
}

export interface ManagedLookup extends CustomerLookup {
  start(): void;
  stop(): Promise<void>;
  /**
   * The CRM says that it changed a customer with this number at `sourceUpdatedAtMs`. Drops what is older, "nobody has
   * this number" included, and asks anew. `current`: we hold something as new; `ignored`: no number to look up.
   */
  invalidate(
    tenant: string,
    callerNumber: string,
    sourceUpdatedAtMs: number,
  ): Promise<'refreshing' | 'current' | 'ignored'>;
  health(): LookupHealth;
  /** Counters since the start; those of the adapter under `adapter`. */
  stats(): LookupCounters & { readonly breakerOpened: number; readonly adapter: Readonly<Record<string, number>> };
}
