import { describe, expect, it } from 'vitest';
import { ConfigError, parseConfig } from '../../config/index.ts';

const node = (id: string, ami = true): string =>
  `{ id: ${id}, ari: { url: 'http://127.0.0.1:8088', user: u, password: '\${env:ARI}' }${ami ? ", ami: { user: u, secret: '${env:ARI}' }" : ''} }`;

const file = (mirror: string, nodes = node('pbx1')): string => `tenant: t
pbx: { nodes: [${nodes}] }
agents: [{ id: li, name: Li, endpoint: PJSIP/1001, node: pbx1 }]
queues: [{ id: support, overflow: hangup }]
numbers: [{ id: hotline, number: 4001, queue: support, fallback: hangup }]
mirror: ${mirror}
`;
const load = (...text: Parameters<typeof file>) => parseConfig(file(...text), 'ringmaster.yaml', { env: { ARI: 'x' } });

function problem(...text: Parameters<typeof file>): string {
  try {
    load(...text);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(({ key, message }) => `${key}: ${message}`).join('\n');
    throw error;
  }
  return '';
}

describe('queues of app_queue', () => {
  it('with what they leave out', () => {
    expect(load('{ queues: [{ id: care }] }').mirror).toEqual({
      queues: [{ id: 'care' }],
      members: [],
      memberForms: [],
      ringMaxMs: 60_000,
      graceMs: 1_000,
      staleMaxMs: 600_000,
      rereadMs: 300_000,
      callsMax: 5_000,
      membersMax: 1_000,
    });
  });

  it.each([
    ['{ queues: [{ id: support }] }', undefined, 'mirror.queues[0].id: "support" is already taken by a queue of ours'],
    ['{ queues: [{ id: a }, { id: a }] }', undefined, 'mirror.queues[1].id: "a" is already taken by mirror.queues[0]'],
    ['{ queues: [{ id: a, node: pbx9 }] }', undefined, 'mirror.queues[0].node: there is no node "pbx9"'],
    ['{ queues: [{ id: a, name: "x, y" }] }', undefined, 'mirror.queues[0].name'],
    ['{ queues: [{ id: a }], members: [{ interface: Local/7@x, agent: lu }] }', undefined, 'mirror.members[0].agent'],
    ['{ queues: [{ id: a }], memberForms: [Local/1@x] }', undefined, 'mirror.memberForms[0]'],
    ['{ queues: [{ id: a }] }', `${node('pbx1')}, ${node('pbx2')}`, 'with several PBX nodes a queue must name its own'],
    ['{ queues: [{ id: a }] }', node('pbx1', false), 'app_queue tells of its queues by AMI, which the node lacks'],
  ])('that cannot be: %s', (mirror, nodes, said) => {
    expect(problem(mirror, nodes)).toContain(said);
  });
});
