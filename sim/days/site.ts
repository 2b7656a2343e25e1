import { type Config, parseConfig } from '../../config/index.ts';

export const nodeId = 'pbx1';
export const application = 'ringmaster';
export const transferContext = 'outward';
export const knownNumbers = 400;

/** What every simulated centre is: read as a config file, so that every default is the server's own. */
export function siteConfig(agents: number): Config {
  const ids = Array.from({ length: agents }, (_, index) => agentIdOf(index));
  const site = {
    tenant: 'sim',
    insecurePlainSecrets: true,
    pbx: { nodes: [{ id: nodeId, ari: { url: 'http://127.0.0.1:1', user: 'u', password: 'p' }, transferContext }] },
    store: { url: 'sqlite::memory:' },
    recording: { rule: '30%', announcement: ['sound:notice'], pauseMaxMs: '20s' },
    numbers: [
      { id: 'hotline', number: '4001', queue: 'sales', greeting: ['sound:welcome'], fallback: 'dialplan:fallback,s,1' },
      { id: 'help', number: '4002', queue: 'service', answer: 'withAgent', fallback: 'dialplan:fallback,s,1' },
    ],
    queues: [
      {
        id: 'sales',
        ringTimeoutMs: '15s',
        waitingCallsMax: 25,
        maxWaitMs: '90s',
        overflow: 'queue:service',
        whenFull: 'dialplan:fallback,s,1',
        wrapUpMs: '5s',
        cooldownMs: { declined: '3s', busy: '5s', noAnswer: '5s', unreachable: '10s' },
      },
      {
        id: 'service',
        offer: 'accept',
        ringTimeoutMs: '15s',
        maxWaitMs: '2m',
        overflow: 'dialplan:fallback,s,1',
        wrapUpMs: '3s',
        cooldownMs: { declined: '3s', busy: '5s', noAnswer: '5s', unreachable: '10s' },
      },
    ],
    agents: ids.map((id, index) => ({ id, name: id, endpoint: endpointOf(id), queues: queuesOf(index) })),
  };
  return parseConfig(JSON.stringify(site), 'simulated-days.yaml', { env: {} });
}

export const agentIdOf = (index: number): string => `agent${index + 1}`;
export const endpointOf = (agentId: string): string => `PJSIP/${agentId}`;

/** One in four serves one queue only, so that a call can wait beside somebody who may not take it. */
function queuesOf(index: number): readonly string[] {
  if (index % 4 === 2) return ['sales'];
  return index % 4 === 3 ? ['service'] : ['sales', 'service'];
}
