export {
  type Agent,
  type AgentInput,
  type AgentRecord,
  givenProfile,
  newAgent,
  type Presence,
  recordOf,
  restoredAgent,
} from './agent.ts';
export { deviceIsFree, endpointOf, isOnAnotherCall } from './devices.ts';
export type { AgentDevice, AgentProfile } from './profile.ts';
export { reduceAgent } from './reduce.ts';
