export { type MirrorOptions, QueueMirror } from './core/index.ts';
export { type MirrorAgents, MirrorDesk } from './desk.ts';
export { type AgentOf, memberFinder, type MemberRules } from './members-of.ts';
export type * from './ports.ts';
export { routedBy } from './views.ts';
