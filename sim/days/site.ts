import { type Config, parseConfig } from '../../config/index.ts';

export const nodeId = 'pbx1';
export const application = 'ringmaster';
export const transferContext = 'outward';
export const trunk = 'outside';
export const knownNumbers = 400;
/** In the queue for repairs these are asked for first; anybody after a while. */
export const skilledLevel = 60;
export const relaxAfterMs = 10_000;

const fallback = 'dialplan:fallback,s,1';
const pace = {
  ringTimeoutMs: '15s',
  cooldownMs: { declined: '3s', busy: '5s', noAnswer: '5s', unreachable: '10s' },
};

/** What every simulated centre is: read as a config file, so that every default is the server's own. */
export function siteConfig(agents: number): Config {
  const ids = Array.from({ length: agents }, (_, index) => agentIdOf(index));
  const site = {
    tenant: 'sim',
    insecurePlainSecrets: true,
    pbx: { nodes: [{ id: nodeId, ari: { url: 'http://127.0.0.1:1', user: 'u', password: 'p' }, transferContext }] },
    store: { url: 'sqlite::memory:' },
    recording: { rule: '30%', announcement: ['sound:notice'], pauseMaxMs: '20s' },
    skills: ['repair'],
    schedules: [{ id: 'always', timeZone: 'Asia/Shanghai', weekly: { 'mon-sun': ['00:00-24:00'] } }],
    outbound: {
      routes: [{ id: 'trunk', prefixes: ['*'], node: nodeId, endpoint: `PJSIP/{number}@${trunk}`, callerId: '4001' }],
      callingHours: [{ regions: ['*'], schedule: 'always' }],
      ringTimeoutMs: '20s',
      retry: { attemptsMax: 3, busy: { attemptsMax: 2, delayMs: '30s' }, noAnswer: { attemptsMax: 2, delayMs: '60s' } },
    },
    pauses: { reasons: [{ id: 'lunch' }, { id: 'training', productive: true }] },
    dispositions: { codes: [{ id: 'solved' }, { id: 'later' }] },
    voicemails: [{ id: 'night', prompt: ['sound:leave-message'], thanks: ['sound:goodbye'], lengthMaxMs: '20s' }],
    numbers: [
      { id: 'hotline', number: '4001', queue: 'sales', greeting: ['sound:welcome'], fallback },
      { id: 'help', number: '4002', queue: 'service', answer: 'withAgent', fallback },
      { id: 'repairs', number: '4003', queue: 'repair', fallback },
      { id: 'team', number: '4004', queue: 'crew', fallback },
      {
        id: 'menu',
        number: '4005',
        queue: 'service',
        menu: {
          prompt: ['sound:menu'],
          keys: { '1': { target: 'queue:sales', label: 'sales' }, '2': { target: 'queue:repair', label: 'repair' } },
          otherwise: 'queue:service',
        },
        fallback,
      },
    ],
    queues: [
      {
        id: 'sales',
        ...pace,
        waitingCallsMax: 25,
        maxWaitMs: '90s',
        overflow: 'queue:service',
        whenFull: fallback,
        wrapUpMs: '5s',
        announcements: {
          firstAfterMs: '10s',
          everyMs: '20s',
          waitSteps: ['1m', '5m'],
          prompts: { '*': { position: ['sound:place', 'number:{position}'], wait: ['sound:wait'] } },
        },
        callback: {
          afterMs: '15s',
          keepMs: '10m',
          prompts: { '*': { offer: ['sound:offer'], confirm: ['sound:confirm'], accepted: ['sound:accepted'] } },
        },
      },
      {
        id: 'service',
        ...pace,
        offer: 'accept',
        maxWaitMs: '2m',
        overflow: 'voicemail:night',
        wrapUpMs: '3s',
        wrapUp: { kind: 'extendable', maxMs: '20s' },
      },
      {
        id: 'repair',
        ...pace,
        // Short, so that some are sent to be called back.
        maxWaitMs: '20s',
        overflow: 'callback:sales',
        wrapUpMs: '5s',
        wrapUp: { kind: 'manual', maxMs: '15s' },
        steps: [{ needs: { repair: skilledLevel }, expiresAfterMs: relaxAfterMs }, { needs: {} }],
      },
      { id: 'crew', ...pace, ringAll: 3, maxWaitMs: '2m', overflow: fallback, wrapUpMs: '2s' },
    ],
    agents: ids.map((id, index) => ({
      id,
      name: id,
      endpoint: endpointOf(id),
      skills: { repair: index % 2 === 0 ? 80 : 10 },
      queues: queuesOf(index),
    })),
  };
  return parseConfig(JSON.stringify(site), 'simulated-days.yaml', { env: {} });
}

export const agentIdOf = (index: number): string => `agent${index + 1}`;
export const endpointOf = (agentId: string): string => `PJSIP/${agentId}`;

/** One in four serves one queue only, so that a call can wait beside somebody who may not take it. */
function queuesOf(index: number): readonly string[] {
  if (index % 4 === 2) return ['sales', 'repair'];
  return index % 4 === 3 ? ['service', 'crew'] : ['sales', 'service', 'repair', 'crew'];
}
