import type { DeviceState } from '../call/index.ts';
import { type Agent, type AgentDraft, draftOf } from './agent.ts';
import { stateOfPhones } from './devices.ts';
import type { AgentProfile } from './profile.ts';

type States = Readonly<Record<string, DeviceState>>;

/** The same agent as the config describes him now. `states`: what is known of the phones, by endpoint; others are unknown. */
export function reprofiled(agent: Agent, profile: AgentProfile, states?: States): AgentDraft {
  const after = draftOf(agent);
  after.profile = profile;
  after.version += 1;
  if (hasSamePhones(agent.profile, profile)) return after;
  const known = { ...statesOf(agent, profile), ...states };
  after.devices = profile.devices ? known : undefined;
  after.device = profile.devices ? stateOfPhones(after) : (known[profile.endpoint] ?? 'unknown');
  return after;
}

const endpointsOf = ({ devices, endpoint }: AgentProfile): readonly string[] =>
  devices ? devices.map((device) => device.endpoint) : [endpoint];

function hasSamePhones(a: AgentProfile, b: AgentProfile): boolean {
  if (a.nodeId !== b.nodeId || (a.devices === undefined) !== (b.devices === undefined)) return false;
  const [before, now] = [endpointsOf(a), endpointsOf(b)];
  return before.length === now.length && before.every((endpoint, at) => endpoint === now[at]);
}

/** Of the phones that stay his; on another node they are other phones. */
function statesOf({ profile: before, devices = {}, device }: Agent, profile: AgentProfile): States {
  if (before.nodeId !== profile.nodeId) return {};
  const known: States = before.devices ? devices : { [before.endpoint]: device };
  const own = new Set(endpointsOf(profile));
  return Object.fromEntries(Object.entries(known).filter(([endpoint]) => own.has(endpoint)));
}
