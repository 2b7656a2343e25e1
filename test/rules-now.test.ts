import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Config, loadConfig } from '../config/index.ts';
import type { Logger } from '../src/kernel/index.ts';
import { rulesNow } from '../src/rules-now.ts';

let folder: string;
let errors: unknown[];
let start: Config;
let now: () => Config;
let writes = 0;

const file = () => join(folder, 'ringmaster.yaml');
function write(text: string): void {
  writeFileSync(file(), text);
  // Written later, however fast this test is.
  writes += 1;
  utimesSync(file(), writes, writes);
}

const site = (wrapUp: string, port = 8090): string => `tenant: t
insecurePlainSecrets: true
server: { port: ${port} }
pbx: { nodes: [{ id: a, ari: { url: 'http://h:8088', user: u, password: p } }] }
numbers: [{ id: hotline, number: '*', queue: support, fallback: hangup }]
queues: [{ id: support, overflow: hangup, wrapUpMs: ${wrapUp} }]
`;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringmaster-now-'));
  errors = [];
  const note = (about: unknown): void => void errors.push(about);
  const logger: Logger = { debug: note, info: note, warn: note, error: note, child: () => logger };
  write(site('10s'));
  start = loadConfig(file(), { env: {} });
  now = rulesNow(start, { env: {}, logger });
});
afterEach(() => rmSync(folder, { recursive: true }));

it('who takes over goes by the rules that the file holds then, and else as at the start', () => {
  write(site('20s', 9000));
  const taken = now();
  const fresh = loadConfig(file(), { env: {} });
  expect([taken.rules.version, taken.queues[0]?.wrapUpMs]).toEqual([fresh.rules.version, 20_000]);
  expect([taken.server.port, taken.digests['server.port']]).toEqual([8090, start.digests['server.port']]);
  expect(taken.digests['queues']).toBe(fresh.digests['queues']);
});

it('a file that nobody has touched is not read again', () => {
  expect(now()).toBe(start);
});

it.each([
  ['with errors', () => write('tenant: t\n')],
  ['that is gone', () => rmSync(file())],
])('a file %s leaves the rules of the start, and is told', (_, change) => {
  change();
  expect(now()).toBe(start);
  expect(errors).toHaveLength(1);
});
