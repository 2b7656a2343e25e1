import type { RoutingFacts } from '../call/index.ts';
import type { RelaxationStep } from './relaxation.ts';
import type { Requirement } from './requirement.ts';

/**
 * What of a queue's rules depends on the call: filled in when the call enters the queue and when its data changes, so
 * that matching sees plain data. Pure functions; absent where every call gets the same, which is then in the policy.
 */
export interface QueueFolding {
  readonly requirement?: (facts: RoutingFacts) => Requirement;
  /** `needs`: the skills that queue and call ask for, skill to lowest level. */
  readonly steps?: (facts: RoutingFacts, needs: Readonly<Record<string, number>>) => readonly RelaxationStep[];
}
