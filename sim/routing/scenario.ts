import type { AgentProfile } from '../../src/agents/index.ts';
import type { QueueFolding, QueuePolicy, RoutingRequest } from '../../src/routing/index.ts';
import type { Distribution } from '../chance/distribution.ts';

/** A constant rate of calls that holds from a time of the day until the next one's. */
export interface RateStep {
  /** Milliseconds since midnight. */
  readonly fromMs: number;
  readonly callsPerHour: number;
}

export type Arrivals =
  /** At random (Poisson), with a rate that may change over the day; repeated each day. Steps in order, none before midnight. */
  | { readonly kind: 'poisson'; readonly steps: readonly RateStep[] }
  /** The calls of a real day again and again, milliseconds since midnight, in order. */
  | { readonly kind: 'recorded'; readonly timesMs: readonly number[] };

/** Callers who are alike. */
export interface CallerClass {
  readonly id: string;
  readonly queueId: string;
  readonly needs: Readonly<Record<string, number>>;
  readonly priority: number;
  readonly value: number;
  readonly urgency: RoutingRequest['urgency'];
  /** Share of them who are VIPs, 0 to 1. */
  readonly vipShare: number;
  /** For rules. */
  readonly tier: string;
  /** For rules. */
  readonly language: string;
  /** Share of them who have an agent they know: the owner of the customer, and who talked with them last. */
  readonly stickyShare: number;
  readonly arrivals: Arrivals;
  /** So many more come at the very start, at once: an experiment in steady state need not begin empty. */
  readonly atStart: number;
  readonly handling: Distribution;
  /** Absent: as long as the queue allows. */
  readonly wrapUp?: Distribution;
  /** How long they wait before they hang up. Absent: for ever. */
  readonly patience?: Distribution;
}

/** A time of work, milliseconds since midnight; `toMs` may lie on the next day. */
export interface Shift {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Agents who are alike. */
export interface AgentGroup {
  readonly id: string;
  readonly agents: readonly AgentProfile[];
  /** Absent: always at work. */
  readonly shifts?: readonly Shift[];
  /** Pauses within the shifts. */
  readonly breaks: readonly Shift[];
  readonly ringTime: Distribution;
  /** Share of offers that are declined, 0 to 1. */
  readonly rejectShare: number;
  /** Share of offers that nobody takes, 0 to 1. */
  readonly noAnswerShare: number;
  /** After this time an agent who was paused for not answering is back. */
  readonly backAfterMs: number;
}

/** A way to route, as it could be deployed. */
export interface PolicyUnderTest {
  readonly name: string;
  readonly queues: readonly QueuePolicy[];
  /** By queue, what of its rules must be filled in for each call. */
  readonly folding?: ReadonlyMap<string, QueueFolding>;
  readonly groups: readonly AgentGroup[];
}

export interface Scenario {
  readonly name: string;
  readonly seed: number;
  readonly replications: number;
  /** When it starts, milliseconds since midnight. */
  readonly startMs: number;
  /** Calls come for so long, the warm-up included. */
  readonly durationMs: number;
  /** What happens to calls that came before is not counted. */
  readonly warmUpMs: number;
  /** Callers in the house at the same time; more get a busy tone. */
  readonly linesMax: number;
  /** The service level is the share answered within this time. */
  readonly answerWithinMs: number;
  readonly classes: readonly CallerClass[];
  readonly policies: readonly PolicyUnderTest[];
  /** `call`: a call's handling time is its own, whoever takes it when. `start`: the n-th conversation has the n-th time. */
  readonly handlingBy: 'call' | 'start';
}
