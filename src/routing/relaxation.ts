import type { Requirement } from './requirement.ts';
import type { SelectionStrategy } from './selection/strategy.ts';

/**
 * One step of a call's wait. Steps go on by the clock, also while a matched agent is being rung; the time of a step
 * counts from entering it. When the last one expires, the queue's own rules hold. Config, with the call's own data folded in.
 */
export interface RelaxationStep {
  /** Milliseconds until the next step; absent: the call stays in this one. */
  readonly expiresAfterMs?: number | undefined;
  /** Instead of the needs of queue and call; absent: these stand. */
  readonly requirement?: Requirement | undefined;
  /** Only this agent, whatever his queues and skills: the owner, or who spoke to the caller last. */
  readonly agentId?: string | undefined;
  /** The agents of this queue are asked instead; the call keeps its own queue, place and figures. */
  readonly targetQueueId?: string | undefined;
  /** Which agent first; absent: as the queue says. */
  readonly orderBy?: SelectionStrategy | undefined;
  /** Minutes of waiting that the call is put ahead on entering the step; negative puts it back. */
  readonly priorityDelta?: number | undefined;
  /** Agents left out in this step. */
  readonly exclude?: readonly string[] | undefined;
  /** The step is passed over if this holds when it would be entered. */
  readonly skipIf?: StepCondition | undefined;
}

/** Which agents a rule counts. */
export type Counted = 'free' | 'atWork' | 'signedIn';

/** Looked at once, on the way into a step. */
export type StepCondition =
  | { readonly kind: 'constant'; readonly value: boolean }
  /** How many agents that fit the step are free, at work (free or not), or signed in. */
  | {
      readonly kind: 'agents';
      readonly counted: Counted;
      readonly op: '>=' | '<';
      readonly count: number;
    }
  /** How many calls wait in the call's queue. */
  | { readonly kind: 'waiting'; readonly op: '>=' | '<'; readonly count: number }
  | { readonly kind: 'waited'; readonly op: '>=' | '<'; readonly waitedMs: number };
