import type { Announcements, CallbackOffer, QueueHours, RecordingRule, Target } from '../call/index.ts';
import type { Counted, RelaxationStep } from './relaxation.ts';
import type { Requirement } from './requirement.ts';
import type { SelectionStrategy } from './selection/strategy.ts';

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
  /** How long an agent is taken to be busy with one call, until it has been measured. Absent: nobody is told a wait. */
  readonly handlingMs?: number | undefined;
  /** What those who wait are told; absent: nothing. */
  readonly announcements?: Announcements;
  /** Offered instead of waiting; absent: not. */
  readonly callback?: CallbackOffer;
  /** Always open when absent. Routing itself offers what it is given: whom it closes to, the call decides. */
  readonly hours?: QueueHours;
  /** Who gave up and calls again within this time gets back the age he had. Absent: nobody does. */
  readonly resumeWindowMs?: number | undefined;
  /** Asked of an agent besides `needs`. */
  readonly requirement?: Requirement | undefined;
  /** How the wait goes on; the first step begins when the call enters. Absent: one step without end. */
  readonly steps?: readonly RelaxationStep[] | undefined;
  /** How agents stand to this queue, by agent id; who is not named has priority 50, no delay, no penalty, weight 1. */
  readonly edges?: Readonly<Record<string, AgentEdge>> | undefined;
  /** Which of several free agents; absent: who has been idle for longest. */
  readonly selection?: SelectionStrategy | undefined;
  /** Which of several waiting calls; absent: by virtual arrival. */
  readonly ordering?: OrderingPolicy | undefined;
  /** Callers who are not VIPs are offered only while more than so many fitting agents are free. */
  readonly vipReserve?: number | undefined;
  /** Who has waited so long goes before all who have not, whatever their class; milliseconds. */
  readonly deadlineMs?: number | undefined;
  /** At most so many phones ring at once; the first to answer has the call. Absent or 1: one after another. */
  readonly ringAll?: number | undefined;
  /** Whether a caller may come to wait while no agent is there for the call. */
  readonly joinEmpty?: EmptyRule | undefined;
  /** Whether callers go on waiting once the last agent who is there for them has left. */
  readonly leaveEmpty?: EmptyRule | undefined;
  /** How long callers wait for an agent to come back before `leaveEmpty` sends them on. */
  readonly noAgentGraceMs?: number | undefined;
  /** `fixed`: ends by the clock; `manual`: by the agent, at the latest after `maxMs`; `extendable`: by the clock, which the agent may put off to `maxMs`. */
  readonly wrapUp?: WrapUpPolicy | undefined;
  /** Whether a call that an agent makes begins the idle time anew; absent: yes. */
  readonly outboundResetsIdle?: boolean | undefined;
}

/** How an agent stands to a queue. */
export interface AgentEdge {
  /** 1 to 99: a free agent takes the calls of a queue with a lower number first. */
  readonly priority: number;
  /** A call of the queue must have waited so long in it before this agent is asked. */
  readonly delayMs: number;
  /** Agents with a lower penalty are asked first. */
  readonly penalty: number;
  /** For the selection `weighted`: twice the weight, twice the calls. */
  readonly weight: number;
}

/**
 * `virtualArrival`: real arrival minus what puts the call ahead. `strict`: a higher class always first, within one by
 * virtual arrival. `accumulating`: each class gathers priority at its own rate per unit of waiting; the first of the
 * list is class 0. A call's class is `RoutingRequest.orderClass`, or 1 for a VIP and 0 for others.
 */
export type OrderingPolicy =
  | { readonly kind: 'virtualArrival' }
  | { readonly kind: 'strict' }
  | { readonly kind: 'accumulating'; readonly rates: readonly number[] };

/** Fewer than one agent who fits and is `counted` makes the queue empty; then the call goes to `target`. */
export interface EmptyRule {
  readonly counted: Counted;
  readonly target: Target;
}

export interface WrapUpPolicy {
  readonly kind: 'fixed' | 'manual' | 'extendable';
  readonly ms: number;
  readonly maxMs: number;
}

/** How long an agent writes a call of this queue up, if nobody ends it before. */
export function wrapUpMsOf({ wrapUp, wrapUpMs }: Pick<QueuePolicy, 'wrapUp' | 'wrapUpMs'>): number {
  if (!wrapUp) return wrapUpMs;
  return wrapUp.kind === 'manual' ? wrapUp.maxMs : wrapUp.ms;
}
