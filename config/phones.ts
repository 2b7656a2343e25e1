import type { Problems } from './problems.ts';
import type { ConfigFileData } from './schema.ts';

type AgentData = ConfigFileData['agents'][number];

/** One phone by `endpoint`, or several by `devices`; no phone twice, since its state would be told of two agents. */
export function checkPhones(agents: readonly AgentData[], problems: Problems): void {
  const first = new Map<string, string>();
  agents.forEach((agent, index) => {
    const key = `agents[${index}]`;
    checkChoice(agent, key, problems);
    for (const [at, endpoint] of phonesOf(agent)) {
      const phone = `${endpoint}${agent.node === undefined ? '' : ` on ${agent.node}`}`;
      const before = first.get(phone);
      if (before === undefined) first.set(phone, key);
      else problems.report('duplicate', `${key}.${at}`, `"${phone}" is already taken by ${before}`, giveEach);
    }
  });
}

const giveEach = 'Give each agent a phone.';

function phonesOf({ endpoint, devices }: AgentData): (readonly [key: string, endpoint: string])[] {
  if (endpoint !== undefined) return [['endpoint', endpoint]];
  return devices.map((device, index) => [`devices[${index}].endpoint`, device.endpoint]);
}

function checkChoice({ endpoint, devices }: AgentData, key: string, problems: Problems): void {
  if (endpoint === undefined && devices.length === 0) {
    problems.report('missing', `${key}.endpoint`, 'this agent has no phone', 'Give an endpoint, or devices.');
  }
  if (endpoint !== undefined && devices.length > 0) {
    const mend = 'List the endpoint among the devices, and leave it out.';
    problems.report('contradiction', `${key}.devices`, 'this agent has both endpoint and devices', mend);
  }
  devices.forEach(({ id }, index) => {
    if (devices.findIndex((device) => device.id === id) === index) return;
    const mend = 'Give each phone of an agent a name of its own.';
    problems.report('duplicate', `${key}.devices[${index}].id`, `"${id}" is named twice`, mend);
  });
}
