export type { AgentProfile } from './profile.ts';
