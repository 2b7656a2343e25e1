import type { CustomerCardData } from './events/catalogue/index.ts';
import type { ManagedLookup } from './crm/index.ts';
import type { CustomerDesk } from './http/index.ts';
import type { Clock } from './kernel/index.ts';

/** The lookup as the API offers it: by the caches and the deadline of a call, without a call. */
export function customerDesk(
  lookup: Pick<ManagedLookup, 'lookup' | 'invalidate'>,
  tenant: string,
  clock: Clock,
  newId: () => string,
): CustomerDesk {
  return {
    find: (callerNumber) =>
      new Promise((resolve) => {
        const request = { callId: `api:${newId()}`, tenant, callerNumber, dialledNumber: '' };
        // The catalogue's arrays are mutable types; the data is shared, and nobody writes to it.
        lookup.lookup(
          request,
          (result) => resolve(result as CustomerCardData),
          () => {},
        );
      }),
    // A CRM whose clock is ahead must not make all later answers look old.
    changed: (number, updatedAtMs = clock.nowMs()) =>
      lookup.invalidate(tenant, number, Math.min(updatedAtMs, clock.nowMs())),
  };
}
