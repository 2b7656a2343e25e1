export {
  type Agent,
  type AgentDraft,
  type AgentInput,
  type AgentRecord,
  draftOf,
  givenProfile,
  newAgent,
  recordOf,
  restoredAgent,
} from './agent.ts';
export { capacityFor, isAtRest, isFull } from './contacts.ts';
export { deviceIsFree, endpointOf, isOnAnotherCall } from './devices.ts';
export type { AgentProfile } from './profile.ts';
export { changeAgent, reduceAgent } from './reduce.ts';
export { reprofiled } from './reprofiled.ts';
