export {
  type Agent,
  type AgentInput,
  type AgentRecord,
  deviceIsFree,
  newAgent,
} from './agent.ts';
export type { AgentProfile } from './profile.ts';
export { reduceAgent } from './reduce.ts';
