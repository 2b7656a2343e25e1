/**
 * Names one offer of one call to one agent. Whatever happens later must bring the same token; an event with a stale
 * token changes nothing. `epoch` tells apart the lives of the server, `attempt` counts the offers of a call from 1.
 */
export interface OfferToken {
  readonly callId: string;
  readonly agentId: string;
  readonly attempt: number;
  readonly epoch: string;
  readonly expiresAtMs: number;
  /** What is offered, if it is not a call: `chat`, `mail`. */
  readonly channel?: string;
}

/**
 * How an offer ended. `withdrawn`: we took it back (link lost, server restarted); `rescinded`: of several phones that
 * rang another was faster; `callerLeft`: the caller hung up first; `dropped`: the agent answered and was gone before
 * the two were joined.
 */
export type OfferOutcome =
  | 'declined'
  | 'busy'
  | 'noAnswer'
  | 'unreachable'
  | 'withdrawn'
  | 'rescinded'
  | 'callerLeft'
  | 'dropped';

/** Why a routing decision fell as it did. */
export interface DecisionExplanation {
  readonly rule: string;
  readonly waitedMs: number;
  /** Virtual arrival, Unix milliseconds: the lowest goes first. */
  readonly orderKey: number;
  readonly considered: number;
  readonly candidates: readonly Candidate[];
  readonly excluded: readonly { readonly agentId: string; readonly reason: string }[];
  /** Where the call is in the steps of its wait, from 0; absent where its queue has none. */
  readonly step?: number | undefined;
  /** How the first choice stands to the queue: an agent takes from the lowest first. Absent where the queue has no edges. */
  readonly edgePriority?: number;
  /** The order key as it counts at this moment; absent where waiting counts as fast as time. */
  readonly keyNow?: number;
}

/** Who could have taken the call, with what was compared. */
export interface Candidate {
  readonly agentId: string;
  readonly idleMs: number;
  /** The lower goes first, before all else; absent where the queue has no edges. */
  readonly penalty?: number;
  /** What the rule compares, the lower first; absent for `longestIdle`, where it is the idle time. */
  readonly rank?: number;
}

export function sameOffer(a: OfferToken | undefined, b: OfferToken): boolean {
  return (
    a !== undefined &&
    a.callId === b.callId &&
    a.agentId === b.agentId &&
    a.attempt === b.attempt &&
    a.epoch === b.epoch
  );
}

/** What a Q.850 hangup cause of a leg that was never answered means for the offer. Source: ITU-T Q.850, RFC 3398. */
export function outcomeOfCause(cause: number): OfferOutcome {
  switch (cause) {
    case 17:
      return 'busy';
    case 21:
      return 'declined';
    case 0:
    case 16:
    case 18:
    case 19:
    case 102:
    case 127:
      return 'noAnswer';
    default:
      return 'unreachable';
  }
}
