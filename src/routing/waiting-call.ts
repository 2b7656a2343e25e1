import type { OfferToken } from '../call/index.ts';
import type { InLine, Line } from './line.ts';
import { orderKey, starvedBoostMs } from './order.ts';
import type { RoutingRequest } from './request.ts';
import type { QueueRules } from './rules.ts';
import type { Signature } from './signature.ts';

export const nobody: ReadonlySet<string> = new Set<string>();
export const noOffers: readonly OfferToken[] = [];

/**
 * A request with what routing keeps beside it. What an offer asks for comes first, side by side: of a hundred thousand
 * calls none is at hand. What follows from the rest is not kept: each time kept is an object that outlives two scavenges.
 */
export class WaitingCall implements InLine {
  /** By which it is known among all calls while routing has it; else -1. */
  number = -1;
  request: RoutingRequest;
  /** Of the version with which the call came in. */
  readonly rules: QueueRules;
  /** Of its queue. */
  readonly line: Line;
  /** Who may take it now. */
  signature: Signature | undefined = undefined;
  /** The offer that stands; the first of `offers`. */
  offer: OfferToken | undefined = undefined;
  /** All that stand; several only where phones ring together. */
  offers = noOffers;
  /** These while somebody else is at work for it; else nobody. Changes only while the call is lifted. */
  excluded = nobody;
  /** Agents who declined or let it ring, for as long as the call is here. */
  declined = nobody;
  attempts: number;
  /** What steps have put it ahead. */
  aheadMs = 0;
  /** It has waited past its queue's deadline and goes before all who have not. */
  isStarved = false;
  readonly sequence: number;
  readonly queueEnteredAtMs: number;
  /** It was told to go elsewhere and is on its way: nobody is looked for any more. */
  passedOn = false;
  /** The wait in this queue passed its limit while a phone was ringing or the node was out of sight. */
  overdue = false;
  onlyAgentId: string | undefined;
  /** Which of its steps it is in; their number when all are over. */
  step = 0;
  /** Absent: since it entered the queue. */
  stepSinceMs: number | undefined = undefined;
  /** How many of its queue's delays have passed. */
  delaysPassed = 0;

  constructor(request: RoutingRequest, rules: QueueRules, line: Line, sequence: number, nowMs: number) {
    this.request = request;
    this.rules = rules;
    this.line = line;
    this.attempts = request.attempts;
    this.sequence = sequence;
    this.queueEnteredAtMs = nowMs;
    this.onlyAgentId = request.onlyAgentId;
  }

  get kind(): 'call' {
    return 'call';
  }

  /** Where it stands in the order: virtual arrival, Unix milliseconds. */
  get orderKey(): number {
    return orderKey(this.request, this.rules.policy) - this.aheadMs - (this.isStarved ? starvedBoostMs : 0);
  }
}

/** One more offer of the call stands. */
export function hold(call: WaitingCall, token: OfferToken): void {
  call.offers = call.offer ? [...call.offers, token] : [token];
  call.offer ??= token;
}
