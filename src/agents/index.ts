export {
  type Agent,
  type AgentInput,
  type AgentRecord,
  givenProfile,
  newAgent,
  recordOf,
  restoredAgent,
} from './agent.ts';
export { deviceIsFree, endpointOf, isOnAnotherCall } from './devices.ts';
export type { AgentProfile } from './profile.ts';
export { reduceAgent } from './reduce.ts';
export { reprofiled } from './reprofiled.ts';
