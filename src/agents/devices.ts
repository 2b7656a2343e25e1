import type { DeviceState } from '../call/index.ts';
import type { Agent } from './agent.ts';
import type { AgentDevice } from './profile.ts';

/** A phone that rings, talks or is not there cannot be offered a call; one that we know nothing of can. */
export function deviceIsFree(state: DeviceState): boolean {
  return state === 'notInUse' || state === 'unknown';
}

const isAbsent = (state: DeviceState): boolean => state === 'unavailable' || state === 'invalid';

type Phones = Pick<Agent, 'profile' | 'devices' | 'chosenDevice'>;

/**
 * The phone that is rung for this agent: the one that the agent chose, whether it can be reached or not, else the first
 * in order that can be reached.
 */
function rungDevice({ profile, devices = {}, chosenDevice }: Phones): AgentDevice | undefined {
  const list = profile.devices;
  if (!list) return undefined;
  const chosen = list.find(({ id }) => id === chosenDevice);
  return chosen ?? list.find(({ endpoint }) => !isAbsent(devices[endpoint] ?? 'unknown')) ?? list[0];
}

/** What Asterisk dials for this agent now. */
export const endpointOf = (agent: Phones): string => rungDevice(agent)?.endpoint ?? agent.profile.endpoint;

/**
 * One state for all phones of an agent: who is on one of them, with whatever call, is not free on the others. Else that
 * of the phone that would be rung.
 */
export function stateOfPhones(agent: Phones): DeviceState {
  const states = agent.devices ?? {};
  const own = (agent.profile.devices ?? []).map(({ endpoint }) => states[endpoint] ?? 'unknown');
  const busy = own.filter((state) => !deviceIsFree(state) && !isAbsent(state));
  if (busy.includes('ringing') && busy.some((state) => state !== 'ringing')) return 'ringInUse';
  return busy[0] ?? states[endpointOf(agent)] ?? 'unknown';
}

/** We ring an agent who turns out to be on a call that is not ours: the phones' state came late. `before`: that state. */
export const isOnAnotherCall = (agent: Agent, before: DeviceState): boolean =>
  agent.offer !== undefined && agent.device === 'ringInUse' && before !== 'ringInUse';
