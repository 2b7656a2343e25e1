import type { OfferToken } from '../call/index.ts';
import type { Ordered } from './call-heap.ts';
import type { InLine, Line } from './line.ts';
import { orderKey } from './order.ts';
import type { RoutingRequest } from './request.ts';
import type { QueueRules } from './rules.ts';
import type { Signature } from './signature.ts';

/** A request with what routing keeps beside it. */
export interface WaitingCall extends Ordered, InLine {
  readonly kind: 'call';
  /** By which it is known among all calls while routing has it; else -1. */
  number: number;
  request: RoutingRequest;
  /** Of the version with which the call came in. */
  readonly rules: QueueRules;
  /** Of its queue. */
  readonly line: Line;
  /** Who may take it now. */
  signature: Signature | undefined;
  /** Agents who declined or let it ring, for as long as the call is here. */
  declined: ReadonlySet<string>;
  /** These while somebody else is at work for it; else nobody. Changes only while the call is lifted. */
  excluded: ReadonlySet<string>;
  /** The offer that stands; the first of `offers`. */
  offer: OfferToken | undefined;
  /** All that stand; several only where phones ring together. */
  offers: readonly OfferToken[];
  attempts: number;
  queueEnteredAtMs: number;
  /** It was told to go elsewhere and is on its way: nobody is looked for any more. */
  passedOn: boolean;
  /** The wait in this queue passed its limit while a phone was ringing or the node was out of sight. */
  overdue: boolean;
  onlyAgentId: string | undefined;
  /** Which of its steps it is in; their number when all are over. */
  step: number;
  stepSinceMs: number;
  /** What steps have put it ahead. */
  aheadMs: number;
  /** How many of its queue's delays have passed. */
  delaysPassed: number;
  /** It has waited past its queue's deadline and goes before all who have not. */
  isStarved: boolean;
}

export const nobody: ReadonlySet<string> = new Set<string>();
export const noOffers: readonly OfferToken[] = [];

/** One more offer of the call stands. */
export function hold(call: WaitingCall, token: OfferToken): void {
  call.offers = call.offer ? [...call.offers, token] : [token];
  call.offer ??= token;
}

export function waitingCall(
  request: RoutingRequest,
  rules: QueueRules,
  line: Line,
  sequence: number,
  nowMs: number,
): WaitingCall {
  return {
    // What an offer asks for comes first, side by side: of a hundred thousand calls none is at hand.
    number: -1,
    request,
    rules,
    line,
    signature: undefined,
    offer: undefined,
    offers: noOffers,
    excluded: nobody,
    declined: nobody,
    attempts: request.attempts,
    orderKey: orderKey(request, rules.policy),
    kind: 'call',
    sequence,
    queueEnteredAtMs: nowMs,
    passedOn: false,
    overdue: false,
    onlyAgentId: request.onlyAgentId,
    step: 0,
    stepSinceMs: nowMs,
    aheadMs: 0,
    delaysPassed: 0,
    isStarved: false,
  };
}
