import type { CustomerLookup } from './bridge/ports.ts';
import type { Tickets } from './compose-tickets.ts';
import type { ManagedLookup } from './crm/index.ts';
import type { Metrics } from './observability/index.ts';

/** What the API finds shows our open tickets as a card does. */
export function withCards(
  lookup: ManagedLookup,
  tickets: Tickets | undefined,
): Pick<ManagedLookup, 'lookup' | 'invalidate'> {
  if (!tickets) return lookup;
  const cards = tickets.onCards(lookup);
  return {
    lookup: (...asked) => cards.lookup(...asked),
    invalidate: (...news) => lookup.invalidate(...news),
  };
}

/** The lookup with its time measured until the caller could go on. */
export function timedLookup(lookup: ManagedLookup, metrics: Metrics, stopwatch: () => () => number): CustomerLookup {
  return {
    lookup(request, settle, late) {
      const elapsed = stopwatch();
      lookup.lookup(
        request,
        (result) => {
          metrics.lookup.observe({ status: result.status }, elapsed());
          settle(result);
        },
        late,
      );
    },
  };
}
