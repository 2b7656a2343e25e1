export type { MirroredCall, MirroredEvent, MirroredTold } from './call.ts';
export type { MirrorInput, MirrorOptions, MirrorOutput } from './io.ts';
export { QueueMirror } from './mirror.ts';
export type { Membership, Pause } from './pauses.ts';
export type { QueueFact, QueueSnapshot } from './facts.ts';
