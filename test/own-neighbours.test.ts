import { expect, it } from 'vitest';
import { ownNeighbours } from '../src/own-neighbours.ts';
import { parseConfig } from '../config/index.ts';

const yaml = (store: string) => `
tenant: acme
insecurePlainSecrets: true
server: { port: 8090 }
pbx:
  nodes:
    - id: pbx1
      ari: { url: 'http://10.0.0.1:8088', user: u, password: p }
      ami: { host: pbx.example, user: u, secret: s }
store: { url: '${store}' }
redis: { url: 'redis://cache.example' }
numbers: [{ id: hotline, number: '4001', queue: support, fallback: hangup }]
queues: [{ id: support, overflow: hangup }]
`;

it('names every place where a part of ours listens', () => {
  const config = parseConfig(yaml('postgres://u:p@db.example/x'), 'r.yaml', { env: {} });
  expect(ownNeighbours(config)).toEqual([
    { host: 'db.example', port: 5432 },
    { host: 'cache.example', port: 6379 },
    { host: '10.0.0.1', port: 8088 },
    { host: 'pbx.example', port: 5038 },
    { host: '127.0.0.1', port: 8090 },
  ]);
});

it('finds no port in an SQLite file', () => {
  const found = ownNeighbours(parseConfig(yaml('sqlite:./x.db'), 'r.yaml', { env: {} }));
  expect(found.map(({ host }) => host)).not.toContain('');
  expect(found).toHaveLength(4);
});
