import type { RecordingRule, Target } from '../call/index.ts';

/** How one queue routes; from config. Times in milliseconds. */
export interface QueuePolicy {
  readonly id: string;
  readonly name: string;
  /** Skill to lowest level, 0 to 100; all must hold. An agent without the skill never matches. */
  readonly needs: Readonly<Record<string, number>>;
  /** How long a phone rings before the offer counts as not answered. */
  readonly ringTimeoutMs: number;
  /** `ring`: the phone rings at once; `accept`: it rings after the agent accepted on screen. */
  readonly offer: 'ring' | 'accept';
  readonly waitingCallsMax: number;
  /** After this wait the call goes to `overflow`. */
  readonly maxWaitMs: number;
  readonly overflow: Target;
  /** Where a call goes that finds `waitingCallsMax` calls waiting. */
  readonly whenFull: Target;
  readonly wrapUpMs: number;
  /** Minutes of waiting that calls of this queue are ahead of those of others. */
  readonly priority: number;
  /** Milliseconds of waiting that a VIP is ahead. */
  readonly vipBoostMs: number;
  /** Milliseconds of waiting ahead per point of customer value (0 to 100). */
  readonly valueBoostMs: number;
  /** Milliseconds of waiting ahead for a caller with an open ticket of urgency high / critical. */
  readonly urgencyBoostMs: { readonly high: number; readonly critical: number };
  /** After so many unanswered offers in a row the agent is paused with reason `noAnswer`. */
  readonly noAnswerLimit: number;
  /** How long an agent is left alone after an offer that ended so; a second at least. */
  readonly cooldownMs: {
    readonly declined: number;
    readonly busy: number;
    readonly noAnswer: number;
    readonly unreachable: number;
  };
  /** Whether conversations of this queue are recorded; as the server's rule says when absent. */
  readonly recording?: RecordingRule;
  /** Music on hold class for callers who wait or are held. */
  readonly musicClass: string;
}
