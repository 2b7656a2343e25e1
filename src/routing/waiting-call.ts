import type { OfferToken } from '../call/index.ts';
import type { InLine, Line } from './line.ts';
import { orderKey, starvedBoostMs } from './order.ts';
import type { RoutingRequest } from './request.ts';
import type { QueueRules } from './rules.ts';
import type { Signature } from './signature.ts';

export const nobody: ReadonlySet<string> = new Set<string>();
export const noOffers: readonly OfferToken[] = [];

/** What the wait has brought about so far. */
export interface Progress {
  /** Which of its steps the call is in; their number when all are over. */
  step: number;
  /** Absent: since it entered the queue. */
  stepSinceMs: number | undefined;
  /** How many of its queue's delays have passed. */
  delaysPassed: number;
  /** What steps have put it ahead. */
  aheadMs: number;
  /** It has waited past its queue's deadline and goes before all who have not. */
  isStarved: boolean;
  /** It was told to go elsewhere and is on its way: nobody is looked for any more. */
  passedOn: boolean;
  /** The wait in this queue passed its limit while a phone was ringing or the node was out of sight. */
  overdue: boolean;
  onlyAgentId: string | undefined;
  /** Agents who declined or let it ring, for as long as the call is here. */
  declined: ReadonlySet<string>;
  /** These while somebody else is at work for it; else nobody. Changes only while the call is lifted. */
  excluded: ReadonlySet<string>;
}

const nothingYet: Readonly<Progress> = {
  step: 0,
  stepSinceMs: undefined,
  delaysPassed: 0,
  aheadMs: 0,
  isStarved: false,
  passedOn: false,
  overdue: false,
  onlyAgentId: undefined,
  declined: nobody,
  excluded: nobody,
};

/**
 * A request with what routing keeps beside it. Kept short: of a hundred thousand calls none is at hand, and each is
 * copied twice by the collector before it stays where it is.
 */
export class WaitingCall implements InLine {
  /** By which it is known among all calls while routing has it; else -1. */
  number = -1;
  request!: RoutingRequest;
  /** Of the version with which the call came in. */
  rules!: QueueRules;
  /** Of its queue. */
  line!: Line;
  /** Who may take it now. */
  signature: Signature | undefined = undefined;
  /** All offers that stand; several only where phones ring together. */
  offers = noOffers;
  progress: Readonly<Progress> = nothingYet;
  attempts!: number;
  sequence!: number;
  queueEnteredAtMs!: number;

  constructor(request: RoutingRequest, rules: QueueRules, line: Line, sequence: number, nowMs: number) {
    this.begin(request, rules, line, sequence, nowMs);
  }

  /** Becomes another call, as if it were new. */
  begin(request: RoutingRequest, rules: QueueRules, line: Line, sequence: number, nowMs: number): void {
    this.request = request;
    this.rules = rules;
    this.line = line;
    this.offers = noOffers;
    this.progress = nothingYet;
    this.attempts = request.attempts;
    this.sequence = sequence;
    this.queueEnteredAtMs = nowMs;
    if (request.onlyAgentId !== undefined) progressOf(this).onlyAgentId = request.onlyAgentId;
  }

  get kind(): 'call' {
    return 'call';
  }

  /** The offer that stands; the first of `offers`. */
  get offer(): OfferToken | undefined {
    return this.offers.length === 0 ? undefined : this.offers[0];
  }

  /** Where it stands in the order: virtual arrival, Unix milliseconds. */
  get orderKey(): number {
    const { aheadMs, isStarved } = this.progress;
    return orderKey(this.request, this.rules.policy) - aheadMs - (isStarved ? starvedBoostMs : 0);
  }
}

/** Its progress, to be changed: of most calls it never is, and all those share one. */
export function progressOf(call: WaitingCall): Progress {
  if (call.progress !== nothingYet) return call.progress;
  const own = { ...nothingYet };
  call.progress = own;
  return own;
}

/** One more offer of the call stands. */
export function hold(call: WaitingCall, token: OfferToken): void {
  call.offers = call.offer ? [...call.offers, token] : [token];
}
