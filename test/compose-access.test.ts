import { expect, it } from 'vitest';
import { composePhones } from '../src/compose-access.ts';
import { parseConfig } from '../config/index.ts';
import { ManualClock } from './events/support.ts';

const config = parseConfig(
  `tenant: acme
insecurePlainSecrets: true
pbx: { nodes: [{ id: pbx1, ari: { url: 'http://10.0.0.1:8088', user: u, password: p } }] }
auth: { phoneTokenMs: 1m }
numbers: [{ id: hotline, number: '4001', queue: support, fallback: hangup }]
queues: [{ id: support, overflow: hangup }]
`,
  'r.yaml',
  { env: {} },
);

it('gives numbers as tokens that open again here, until they expire, and nowhere else', () => {
  const clock = new ManualClock();
  const phones = composePhones(config, clock);
  const token = phones.seal('13800138000');
  expect(phones.open(token)).toBe('13800138000');
  // Without a secret in the config another start has another key.
  expect(composePhones(config, clock).open(token)).toBeUndefined();
  clock.advance(60_000);
  expect(phones.open(token)).toBeUndefined();
});
