export { type MirrorOptions, QueueMirror } from './core/index.ts';
export { learntBy, type MirrorAgents, MirrorDesk } from './desk.ts';
export { type AgentOf, memberFinder } from './members-of.ts';
export type * from './ports.ts';
