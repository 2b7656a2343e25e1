export type { MirroredCall, MirroredEvent, MirroredOffer, MirroredTold } from './call.ts';
export type * from './facts.ts';
export type { MemberCounts, MirroredQueue } from './members.ts';
export { type MirrorInput, type MirrorOptions, type MirrorOutput, QueueMirror } from './mirror.ts';
export type { Membership, Pause, Presence } from './pauses.ts';
