import type { QueuePolicy } from './policy.ts';
import type { RoutingRequest } from './request.ts';

const minuteMs = 60_000;
/** More than anybody waits: who was dropped by an agent goes before all who were not. */
const returnedBoostMs = 24 * 60 * minuteMs;

/** More than anybody waits or is put ahead: callers go before whom we call. */
const behindCallersMs = 366 * 24 * 60 * minuteMs;

/** More than everything above together: a class that always goes first. */
const classMs = 2 * behindCallersMs;
const classesMax = 8;

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
    (isBehindCallers(request) ? behindCallersMs : 0) -
    strictMs(request, policy)
  );
}

/** Work that nobody waits for; a callback keeps the place of a caller and is none. */
export const isBehindCallers = ({ outbound }: RoutingRequest): boolean => outbound !== undefined && !outbound.inLine;

/** What puts a call ahead that has waited past the deadline of its queue: more than any class. */
export const starvedBoostMs = (classesMax + 2) * classMs;

function strictMs(request: RoutingRequest, { ordering }: QueuePolicy): number {
  if (ordering?.kind !== 'strict' || isBehindCallers(request)) return 0;
  return classMs * (request.returned ? classesMax + 1 : Math.min(classesMax, classOf(request)));
}

/** What of a call says how fast its waiting counts. */
export interface Gathering {
  readonly request: RoutingRequest;
  readonly rules: { readonly policy: QueuePolicy };
  readonly progress: { readonly isStarved: boolean };
}

/** How fast waiting counts for a call; 1 for all but in `accumulating` order, and for who has waited past the deadline. */
export function rateOf({ request, rules: { policy }, progress }: Gathering): number {
  if (policy.ordering?.kind !== 'accumulating' || progress.isStarved) return 1;
  const { rates } = policy.ordering;
  return rates[classOf(request)] ?? rates.at(-1) ?? 1;
}

/** Virtual arrival at which a call that ages at rate 1 would be as urgent now. */
export function keyNow(orderKey: number, rate: number, nowMs: number): number {
  return rate === 1 ? orderKey : nowMs - rate * (nowMs - orderKey);
}

export function classOf({ orderClass, vip }: RoutingRequest): number {
  return orderClass ?? (vip ? 1 : 0);
}
