import type { OfferToken } from '../call/index.ts';
import { joinNeeds, orderKey } from './order.ts';
import type { QueuePolicy } from './policy.ts';
import type { RoutingRequest } from './request.ts';

/** A request with what routing keeps beside it. */
export interface WaitingCall {
  request: RoutingRequest;
  /** Of the version with which the call came in. */
  policy: QueuePolicy;
  policyVersion: string;
  orderKey: number;
  needs: Readonly<Record<string, number>>;
  queueEnteredAtMs: number;
  /** Agents who declined or let it ring; left out until nobody else would be left. */
  excluded: Set<string>;
  offer: OfferToken | undefined;
  /** It was told to go elsewhere and is on its way: nobody is looked for any more. */
  passedOn: boolean;
  /** The wait in this queue passed its limit while a phone was ringing or the node was out of sight. */
  overdue: boolean;
  onlyAgentId: string | undefined;
  attempts: number;
}

export function waitingCall(
  request: RoutingRequest,
  policy: QueuePolicy,
  policyVersion: string,
  nowMs: number,
): WaitingCall {
  return {
    request,
    policy,
    policyVersion,
    orderKey: orderKey(request, policy),
    needs: joinNeeds(policy.needs, request.needs),
    queueEnteredAtMs: nowMs,
    excluded: new Set(),
    offer: undefined,
    passedOn: false,
    overdue: false,
    onlyAgentId: request.onlyAgentId,
    attempts: request.attempts,
  };
}
