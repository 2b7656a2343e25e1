import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { startPostgres } from '../../lab/index.ts';
import type { CallViewData } from '../../src/events/catalogue/index.ts';
import { EventLog, type EventStore, type StoredEvent } from '../../src/events/index.ts';
import { systemClock, systemRng } from '../../src/kernel/index.ts';
import { createEventStore } from '../../src/storage/index.ts';
import { callEvent, callState, silent } from '../events/support.ts';

const parts = { clock: systemClock, rng: systemRng, logger: silent };
const writer = fileURLToPath(new URL('./events-writer.ts', import.meta.url));
const cleanUps: (() => Promise<unknown> | void)[] = [];
const turn = () => new Promise(setImmediate);

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

function sqliteUrl(): string {
  const dir = mkdtempSync(join(tmpdir(), 'ringmaster-crash-'));
  cleanUps.push(() => rmSync(dir, { recursive: true, force: true }));
  return `sqlite:${join(dir, 'log.db')}`;
}

async function postgresUrl(): Promise<string> {
  const lab = inject('postgresUrl') ?? '';
  const name = `crash_${process.pid}_${Math.random().toString(36).slice(2)}`;
  const administer = async (statement: string) => {
    const client = new pg.Client({ connectionString: lab });
    await client.connect();
    await client.query(statement);
    await client.end();
  };
  await administer(`create database ${name}`);
  cleanUps.push(() => administer(`drop database ${name} with (force)`));
  return Object.assign(new URL(lab), { pathname: `/${name}` }).href;
}

/** Lets a writer commit so many batches, kills it, and tells the newest sequence that it had published. */
async function killAfter(url: string, batches: number): Promise<number> {
  const child = spawn(process.execPath, [writer, url], { stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  let published = 0;
  let seen = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    published = Number(line);
    seen += 1;
    if (seen === batches) child.kill('SIGKILL');
  }
  await gone;
  expect(child.signalCode).toBe('SIGKILL');
  return published;
}

async function everything(store: EventStore): Promise<StoredEvent[]> {
  const all: StoredEvent[] = [];
  for (;;) {
    const page = await store.read(all.at(-1)?.sequence ?? 0, 1000);
    if (page.length === 0) return all;
    all.push(...page);
  }
}

/** What the states must be by the log alone. */
function statesByLog(events: readonly StoredEvent[]): Record<string, unknown> {
  const states: Record<string, unknown> = {};
  for (const event of events) {
    if (event.type !== 'call.arrived.v1') continue;
    const { call } = (JSON.parse(event.body) as { data: { call: CallViewData } }).data;
    if (call.phase === 'ended') delete states[call.id];
    else states[call.id] = { version: call.version };
  }
  return states;
}

const kinds = [
  { name: 'SQLite', url: async () => sqliteUrl() },
  ...(inject('postgresUrl') ? [{ name: 'PostgreSQL', url: postgresUrl }] : []),
];

describe.each(kinds)('a writer killed with -9 on $name', ({ url }) => {
  it('leaves a log without holes, with everything published, and states that agree with it', async () => {
    const at = await url();
    for (const batches of [1, 7, 40]) {
      const published = await killAfter(at, batches);
      const store = createEventStore({ url: at }, parts);
      const position = await store.open();
      const events = await everything(store);
      expect(position).toMatchObject({ unclean: true, lastSequence: events.length });
      expect(position.lastSequence).toBeGreaterThanOrEqual(published);
      expect(events.map((event) => event.sequence)).toEqual(events.map((_, n) => n + 1));
      const states = Object.fromEntries((await store.states()).map(({ id, state }) => [id, state]));
      expect(states).toEqual(statesByLog(events));
      // As the crash left it: the next writer has to announce it.
      await store.close({ clean: false });
    }
    const store = createEventStore({ url: at }, parts);
    const log = await EventLog.open({ store, ...parts });
    while (log.lastCommitted !== log.lastAssigned) await turn();
    const gaps = (await everything(store)).filter((event) => event.type === 'stream.gap.v1');
    expect(gaps).toHaveLength(3);
    expect(await log.stop(1000)).toBe(true);
  });
});

describe('PostgreSQL killed under a running log', () => {
  it('loses nothing: events wait and are written once when it is back', async (context) => {
    if (!inject('postgresUrl')) return context.skip('no PostgreSQL here');
    const postgres = await startPostgres();
    cleanUps.push(() => postgres.stop());
    const store = createEventStore({ url: postgres.url, connectTimeoutMs: 500, statementTimeoutMs: 2000 }, parts);
    const log = await EventLog.open({ store, ...parts }, { retryMinMs: 20, retryMaxMs: 100 });
    cleanUps.push(() => log.stop(2000));
    const published: number[] = [];
    log.onCommitted((events) => published.push(...events.map((event) => event.sequence)));
    let version = 0;
    const write = async (count: number) => {
      for (let n = 0; n < count; n += 1) {
        version += 1;
        expect(log.write([callEvent('a', { version })], [callState('a', { version })])).toBe(true);
        if (n % 10 === 0) await turn();
      }
    };
    await write(200);
    await postgres.kill9();
    await write(200);
    while (log.health().state === 'up') await turn();
    expect(log.health()).toMatchObject({ state: 'down', code: 'storage.unavailable' });
    await postgres.restart();
    while (log.lastCommitted < 400) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(log.health()).toMatchObject({ state: 'up', buffered: 0 });
    expect(published).toEqual(Array.from({ length: 400 }, (_, n) => n + 1));
    expect((await everything(store)).map((event) => event.sequence)).toEqual(published);
    expect(await store.states()).toMatchObject([{ id: 'a', version: 400, state: { version: 400 } }]);
  });
});
