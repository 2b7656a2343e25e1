export { occupation, unavailability } from './eligibility.ts';
export { expectedWaitMs, handled, type QueuePace, served } from './estimate.ts';
export { RoutingEngine } from './engine.ts';
export type { DryRun } from './dry-run.ts';
export type { QueueFolding } from './folding.ts';
export type { RoutingInput, RoutingOutput } from './interface.ts';
export { type AgentEdge, type EmptyRule, type OrderingPolicy, type QueuePolicy, wrapUpMsOf } from './policy.ts';
export { openFigures, type QueueFigures, queueFigures } from './queue-figures.ts';
export type { RelaxationStep, StepCondition } from './relaxation.ts';
export type { RoutingRequest } from './request.ts';
export {
  always,
  both,
  evaluate,
  partsAbout,
  type Requirement,
  requirementOf,
  type Traits,
  type Truth,
} from './requirement.ts';
export type { RuleSet } from './rule-set.ts';
export type { SelectionStrategy } from './selection/strategy.ts';
export type { WaitingCall } from './waiting-call.ts';
