import type { CustomerResult, OfferOutcome } from '../../call/index.ts';

/** Who is rung or talks: the agent, or the member's interface where it is nobody's that we know. */
export interface Party {
  readonly id: string;
  readonly agentId?: string | undefined;
}

/** A phone that app_queue rings for a call. */
export interface MirroredOffer {
  readonly party: Party;
  readonly interface: string;
  readonly legId: string;
  readonly attempt: number;
  readonly sinceMs: number;
  /** The pop waits until it is known who calls, at most until the lookup's deadline. */
  readonly told: boolean;
  /** It rings no more, and why is told by what follows: the Q.850 cause, or that it was not answered. */
  readonly over?: { readonly sinceMs: number; readonly cause?: number; readonly unanswered?: true } | undefined;
}

export interface MirroredTalk {
  readonly party: Party;
  /** The member's interface. */
  readonly dialled: string;
  readonly legId: string;
  readonly sinceMs: number;
  readonly waitedMs: number;
  /** Its channel is gone, which the conversation outlives where it was a Local channel. */
  readonly legIsGone?: true | undefined;
}

/** A call that app_queue routes, as far as it tells; plain data, kept over restarts. Times are Unix milliseconds. */
export interface MirroredCall {
  readonly id: string;
  readonly version: number;
  readonly nodeId: string;
  readonly uniqueId: string;
  readonly callerNumber: string;
  readonly dialledNumber: string;
  readonly phase: 'arriving' | 'waiting' | 'offering' | 'talking' | 'ended';
  readonly phaseSinceMs: number;
  readonly queueId: string;
  readonly enteredAtMs: number;
  readonly queuedAtMs: number;
  readonly attempts: number;
  readonly offers: readonly MirroredOffer[];
  readonly talk?: MirroredTalk | undefined;
  /** Out of the queue; whether somebody has answered is told by what follows. */
  readonly leftAtMs?: number | undefined;
  readonly customer?: CustomerResult | undefined;
}

export type MirroredEnd = 'completed' | 'abandoned' | 'transferred' | 'overflowed';

/** What is told of a call, without the call itself; the types and fields of the catalogue. */
export type MirroredEvent =
  | { readonly type: 'call.arrived.v1' }
  | { readonly type: 'call.queued.v1'; readonly reason: 'arrived' | 'overflow' | 'returned' }
  | { readonly type: 'call.customer.updated.v1'; readonly customer: CustomerResult; readonly late: boolean }
  | { readonly type: 'call.offered.v1'; readonly offer: MirroredOffer; readonly waitedMs: number }
  | { readonly type: 'call.offer.ended.v1'; readonly offer: MirroredOffer; readonly outcome: OfferOutcome }
  | {
      readonly type: 'call.answered.v1';
      readonly agentId: string;
      readonly ringMs: number;
      readonly waitedMs: number;
    }
  | { readonly type: 'call.connected.v1'; readonly agentId: string; readonly waitedMs: number }
  | {
      readonly type: 'call.ended.v1';
      readonly reason: MirroredEnd;
      readonly waitedMs: number;
      readonly talkMs: number;
      readonly attempts: number;
    };

/** An event with the call as it was when the event was told. */
export interface MirroredTold {
  readonly call: MirroredCall;
  readonly event: MirroredEvent;
}
