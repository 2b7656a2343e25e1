export type { MirroredCall, MirroredEvent, MirroredTold } from './call.ts';
export { type MirrorInput, type MirrorOptions, type MirrorOutput, QueueMirror } from './mirror.ts';
export type { Membership, Pause } from './pauses.ts';
export type { QueueFact, QueueSnapshot } from './facts.ts';
