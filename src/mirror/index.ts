export { type MirrorOptions, QueueMirror } from './core/index.ts';
export { learntBy, type MirrorAgents, MirrorDesk, type MirrorFigures } from './desk.ts';
export { type AgentOf, memberFinder, type MemberRules } from './members-of.ts';
export type * from './ports.ts';
