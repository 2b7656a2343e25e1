export { occupation, unavailability } from './eligibility.ts';
export { expectedWaitMs, handled, type QueuePace, served } from './estimate.ts';
export { RoutingEngine } from './engine.ts';
export type { RoutingInput, RoutingOutput } from './interface.ts';
export type { QueuePolicy } from './policy.ts';
export { type QueueFigures, queueFigures } from './queue-figures.ts';
export type { RoutingRequest } from './request.ts';
export type { WaitingCall } from './waiting-call.ts';
