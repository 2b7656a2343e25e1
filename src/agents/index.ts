export {
  type Agent,
  type AgentInput,
  type AgentRecord,
  type AgentRouting,
  deviceIsFree,
  newAgent,
  type Presence,
} from './agent.ts';
export type { AgentProfile } from './profile.ts';
export { reduceAgent } from './reduce.ts';
