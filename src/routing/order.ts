import type { QueuePolicy } from './policy.ts';
import type { RoutingRequest } from './request.ts';

const minuteMs = 60_000;
/** More than anybody waits: who was dropped by an agent goes before all who were not. */
const returnedBoostMs = 24 * 60 * minuteMs;

/** More than anybody waits or is put ahead: callers go before whom we call. */
const behindCallersMs = 366 * 24 * 60 * minuteMs;

/**
 * Virtual arrival in Unix milliseconds: the lowest goes first. Everybody ages at the same rate, so two calls keep
 * their order however long they wait and nothing needs re-sorting.
 */
export function orderKey(request: RoutingRequest, policy: QueuePolicy): number {
  const { high, critical } = policy.urgencyBoostMs;
  const urgencyMs = request.urgency === 'critical' ? critical : request.urgency === 'high' ? high : 0;
  return (
    request.queuedAtMs -
    minuteMs * (request.priority + policy.priority) -
    (request.vip ? policy.vipBoostMs : 0) -
    request.value * policy.valueBoostMs -
    urgencyMs -
    (request.returned ? returnedBoostMs : 0) +
    (request.outbound ? behindCallersMs : 0)
  );
}

/** The needs of queue and call together: of two levels for one skill the higher counts. */
export function joinNeeds(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const joined: Record<string, number> = { ...a };
  for (const [skill, level] of Object.entries(b)) joined[skill] = Math.max(joined[skill] ?? 0, level);
  return joined;
}
