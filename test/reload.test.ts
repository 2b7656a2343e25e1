import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig, recordingCare } from '../config/index.ts';
import type { CheckOutcome } from '../src/call/index.ts';
import { Checks } from '../src/compose-checks.ts';
import { Recordings } from '../src/compose-recordings.ts';
import { type Logger, systemClock } from '../src/kernel/index.ts';
import type { RecordingRecord, RecordingStore } from '../src/recordings/ports.ts';
import { RulesDesk } from '../src/rules-desk.ts';
import { House } from './bridge/house.ts';
import { settle } from './support/fake-clock.ts';

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };
const quiet = { onCommitted() {}, record() {} };
const kept = { id: 'rm-0.recording1', phase: 'ready' } as unknown as RecordingRecord;
/** Of the recordings of earlier lives of the server. */
const store = { list: () => Promise.resolve([kept]) } as unknown as RecordingStore;
const preset = new URL('../config/presets/checks/sample-order.yaml', import.meta.url);

const whole = {
  nodes: "[{ id: pbx1, ari: { url: 'http://h:8088', user: u, password: p } }]",
  number: '',
  sales: '',
  overflow: 'voicemail:night',
  bob: '',
  schedules: "[{ id: office, timeZone: UTC, weekly: { mon-sun: ['00:00-24:00'] } }]",
  flows: '[]',
  checks: '[]',
  voicemails: "[{ id: night, prompt: ['sound:first'] }]",
  outbound: `
  routes: [{ id: out, prefixes: ['*'], node: pbx1, endpoint: 'PJSIP/{number}@trunk' }]
  callingHours: [{ regions: ['*'], schedule: office }]`,
  prompts: '{ texts: { welcome: { en: hello } } }',
  more: '',
};
type Site = typeof whole;

const site = (part: Partial<Site>): string => {
  const { nodes, number, sales, overflow, bob, more, ...sections } = { ...whole, ...part };
  return `tenant: t
insecurePlainSecrets: true
pbx: { nodes: ${nodes} }
numbers: [{ id: hotline, number: '4001', queue: sales, fallback: hangup${number} }]
queues: [{ id: sales, maxWaitMs: 1m, overflow: ${overflow}${sales} }]
agents: [{ id: bob, name: Bob, endpoint: PJSIP/bob, queues: [sales]${bob} }]
${Object.entries(sections)
  .map(([name, text]) => `${name}: ${text}\n`)
  .join('')}${more}`;
};

let folder: string;
let house: House;
let desk: RulesDesk;
let checks: Checks;
let recordings: Recordings;
let inForce: string[];

const file = () => join(folder, 'ringmaster.yaml');
const template = () => join(folder, 'orders.yaml');
const write = (part: Partial<Site> = {}) => writeFileSync(file(), site(part));
const env: Record<string, string> = {};
const load = () => loadConfig(file(), { env });

async function start(part: Partial<Site> = {}, nowMs?: number): Promise<void> {
  write(part);
  const config = load();
  checks = new Checks(config, { clock: systemClock, logger: silent, env: {} });
  house = await House.open({ rules: config.rules, checks, recording: recordingCare(config) }, []);
  recordings = new Recordings(config, {
    clock: house.clock,
    log: { ...quiet, write: () => true },
    store,
    audit: quiet,
    logger: silent,
  });
  desk = new RulesDesk({
    config,
    env,
    rules: house.board.rules,
    journal: house.journal,
    audit: { record() {} },
    checks,
    onRules: (set) => recordings.want(set),
    onInForce: ({ schedules }) => inForce.push(schedules.map(({ id }) => id).join()),
    clock:
      nowMs === undefined
        ? house.clock
        : { nowMs: () => nowMs, after: (delayMs: number, run: () => void) => house.clock.after(delayMs, run) },
    logger: silent,
  });
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringmaster-reload-'));
  copyFileSync(preset, template());
  inForce = [];
});
afterEach(async () => {
  house.assertSound();
  house.kill();
  await checks.stop();
  rmSync(folder, { recursive: true });
});

async function arrive(legId: string) {
  house.pbx.arrive(legId);
  await settle();
  const call = house.calls.find((one) => one.callerLegId === legId);
  if (!call) throw new Error('no call');
  return call;
}

/** Of a refused reload: line and key of each problem. */
function refusal(part: Partial<Site>): readonly string[] {
  const before = house.board.books.current.book.version;
  write(part);
  const outcome = desk.reload('ops');
  expect(house.board.books.current.book.version).toBe(before);
  return outcome.outcome === 'refused' ? outcome.problems.map(({ kind, key }) => `${kind} ${key}`) : [];
}

describe('voicemail', () => {
  it('asks as the rules say with which the call came, while others are asked anew', async () => {
    await start();
    const before = await arrive('before');
    write({ voicemails: "[{ id: night, prompt: ['sound:second'] }]" });
    expect(desk.reload('ops')).toMatchObject({
      outcome: 'live',
      changed: ['voicemails'],
      restartNeeded: [],
      warnings: [],
    });
    const after = await arrive('after');
    await house.clock.advance(60_000);
    const heard = (legId: string) =>
      house.pbx.commands.flatMap((command) =>
        command.kind === 'play' && command.legId === legId ? command.media : [],
      );
    expect([before.callerLegId, after.callerLegId].map(heard)).toEqual([['sound:first'], ['sound:second']]);
  });

  it('is a new box that rules send callers to at once', async () => {
    await start();
    write({
      voicemails: "[{ id: night, prompt: ['sound:first'] }, { id: day, prompt: ['sound:day'] }]",
      sales: ', whenFull: voicemail:day',
    });
    expect(desk.reload('ops')).toMatchObject({ outcome: 'live', changed: ['queues', 'voicemails'] });
    const { book } = house.board.books.current;
    expect(book.voicemails.map(({ id }) => id)).toEqual(['night', 'day']);
  });

  it('goes on in the format of the start, as the answer says', async () => {
    await start();
    write({ more: 'recording: { format: gsm }', voicemails: "[{ id: night, prompt: ['sound:second'] }]" });
    expect(desk.reload('ops').outcome === 'live' && house.board.books.current.book.voicemails[0]?.format).toBe('wav');
    expect(desk.reload('ops')).toMatchObject({
      outcome: 'unchanged',
      warnings: [{ code: 'config.restart_needed', keys: ['recording.format'] }],
    });
  });
});

describe('what is recorded', () => {
  const unrecorded = { voicemails: '[]', overflow: 'hangup' };

  it('may be a message in a first box that a reload brings', async () => {
    await start(unrecorded);
    expect(await recordings.door.list({ limit: 1 })).toEqual([]);
    write();
    expect(desk.reload('ops')).toMatchObject({ outcome: 'live', changed: ['queues', 'voicemails'], warnings: [] });
    await arrive('after');
    await house.clock.advance(60_000);
    expect(house.pbx.commands).toContainEqual(expect.objectContaining({ kind: 'play', media: ['sound:first'] }));
    expect(await recordings.door.list({ limit: 1 })).toEqual([kept]);
  });

  it('may be a conversation by a first rule that a reload brings, and is none any more after a rollback', async () => {
    await start(unrecorded);
    house.desk.signIn('bob');
    const { id } = await house.talking('before');
    house.pbx.hangUp('before');
    await house.clock.advance(60_000);
    write({ ...unrecorded, sales: ', recording: always' });
    expect(desk.reload('ops')).toMatchObject({ outcome: 'live', changed: ['queues'], warnings: [] });
    const after = await house.talking('after');
    expect(house.journal.types('call.recording')).toEqual(['call.recording.started.v1']);
    expect(house.journal.state('recording', `${after.id}.recording1`)).toMatchObject({ phase: 'live' });
    expect(house.journal.state('recording', `${id}.recording1`)).toBeUndefined();
    expect(await recordings.door.list({ limit: 1 })).toEqual([kept]);
    house.pbx.hangUp('after');
    await house.clock.advance(60_000);
    desk.rollBack('ops');
    await house.talking('last');
    expect(house.journal.types('call.recording.started')).toHaveLength(1);
  });
});

describe('callbacks', () => {
  const callback = (keepMs: string) => `, callback: { keepMs: ${keepMs}, prompts: { '*': { offer: ['sound:x'] } } }`;

  it('are on the terms of the rules with which the caller came, or else of those in force', async () => {
    await start({ sales: callback('1h') });
    const before = await arrive('before');
    write({ sales: callback('2h') });
    desk.reload('ops');
    const after = await arrive('after');
    const keepMs = [before.id, after.id, undefined].map((callId) => house.out.callbackTerms('sales', callId)?.keepMs);
    expect(keepMs).toEqual([3_600_000, 7_200_000, 7_200_000]);
    write();
    desk.reload('ops');
    expect([house.out.callbackTerms('sales'), house.out.callbackTerms('sales', after.id)?.keepMs]).toEqual([
      undefined,
      7_200_000,
    ]);
  });

  it('show the number of the entry as it is now', async () => {
    await start();
    writeFileSync(file(), site({}).replace("'4001'", "'4002'"));
    desk.reload('ops');
    expect([house.out.entryNumber('hotline'), house.out.entryNumber('gone')]).toEqual(['4002', undefined]);
  });

  it('keep to the hours that are in force, and to those of before after a rollback', async () => {
    await start();
    const weekly = "weekly: { mon-sun: ['00:00-24:00'] }";
    write({ schedules: `[{ id: office, timeZone: UTC, ${weekly} }, { id: shop, timeZone: UTC, ${weekly} }]` });
    desk.reload('ops', '0%');
    expect(inForce).toEqual([]);
    desk.promote('ops');
    desk.rollBack('ops');
    expect(inForce).toEqual(['office,shop', 'office']);
  });
});

describe('rules that ask for what the server was started without', () => {
  const queueCallback = ", callback: { prompts: { '*': { offer: ['sound:x'] } } }";
  it.each<[string, Partial<Site>, Partial<Site>, readonly string[]]>([
    [
      'a callback, without a way out',
      { outbound: '{}' },
      { sales: queueCallback },
      ['restart_needed queues[0].callback'],
    ],
    [
      'an agent at a PBX that was not there',
      {},
      {
        nodes: whole.nodes.replace(/\]$/, ", { id: pbx2, ari: { url: 'http://g:8088', user: u, password: p } }]"),
        bob: ', node: pbx2',
      },
      ['restart_needed agents[0].node'],
    ],
    [
      'hours of calling out that are no more',
      {},
      {
        schedules: whole.schedules.replace('office', 'shop'),
        outbound: whole.outbound.replace('schedule: office', 'schedule: shop'),
      },
      ['restart_needed schedules'],
    ],
  ])('are refused: %s', async (_, before, after, problems) => {
    await start(before);
    expect(refusal(after)).toEqual(problems);
  });
});

describe('what a reload cannot change', () => {
  it('is named by its keys, also where only a secret differs, and only as long as it differs', async () => {
    const store = (password: string) => `store: { url: 'postgres://u:${password}@h/db', deadlineMs: 2s }`;
    await start({ more: store('one') });
    write({ more: `${store('two')}\ncontrol: { outsideRingTimeoutMs: 30s }` });
    expect(desk.reload('ops')).toMatchObject({
      outcome: 'unchanged',
      restartNeeded: ['control', 'store'],
      warnings: [{ code: 'config.restart_needed', keys: ['control.outsideRingTimeoutMs', 'store.url'] }],
    });
    write({ more: store('one') });
    expect(desk.reload('ops')).toMatchObject({ restartNeeded: [], warnings: [] });
  });

  it('is that a year of holidays is not known, which is told as at a start', async () => {
    await start({}, Date.UTC(2126, 5, 1));
    const holidays = whole.schedules.replace('weekly:', 'holidays: china, weekly:').replace('UTC', 'Asia/Shanghai');
    write({ schedules: holidays });
    expect(desk.reload('ops')).toMatchObject({
      outcome: 'live',
      warnings: [{ code: 'config.doubtful', keys: ['schedules'], message: expect.stringContaining('office') }],
    });
  });

  it('is how prompts were spoken; one that is new can be named at once', async () => {
    await start();
    const texts = '{ texts: { welcome: { en: good day }, bye: { en: goodbye } } }';
    write({ prompts: texts, number: ', greeting: [prompt:bye]' });
    expect(desk.reload('ops')).toMatchObject({
      outcome: 'live',
      changed: ['numbers'],
      restartNeeded: [],
      warnings: [{ code: 'config.prompts_changed', keys: ['prompts.texts.bye', 'prompts.texts.welcome'] }],
    });
    expect(house.board.books.current.book.entries[0]?.greeting).toEqual(['sound:ringmaster/bye']);
    expect(desk.reload('ops')).toMatchObject({ warnings: [] });
  });
});

describe('a check of what callers type', () => {
  let crm: Server;
  const asked: string[] = [];
  beforeAll(async () => {
    crm = createServer((request, response) => {
      asked.push(`${request.url} ${request.headers.authorization}`);
      response.setHeader('content-type', 'application/json').end('{}');
    });
    await new Promise<void>((resolve) => crm.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => crm.close());
  beforeEach(() => void (asked.length = 0));

  const flows = `[{ id: order, steps: { ask: { collect: { prompt: ['sound:x'], into: order, check: orders, next: queue:sales } } } }]`;
  const checksOf = (token: string, more = '') => {
    env['TOKEN'] = token;
    const { port } = crm.address() as AddressInfo;
    const variables = `{ RINGMASTER_CRM_URL: 'http://127.0.0.1:${port}', RINGMASTER_CRM_TOKEN: '\${env:TOKEN}' }`;
    return `[{ id: orders, template: orders.yaml, variables: ${variables}, allow: ['127.0.0.0/8']${more} }]`;
  };
  const started = (token = 'one') => start({ flows, number: ', flow: order', checks: checksOf(token) });
  const reloaded = (token: string, more = '') => {
    write({ flows, number: ', flow: order', checks: checksOf(token, more) });
    return desk.reload('ops');
  };
  const otherPath = (text: string) => writeFileSync(template(), text);

  async function typed(legId: string): Promise<void> {
    const before = asked.length;
    for (const key of '12#') house.pbx.tell({ kind: 'keyPressed', legId, key });
    await expect.poll(() => asked.length, { timeout: 10_000 }).toBe(before + 1);
  }

  it('is asked as the template says with which the call came; others by the new one', async () => {
    await started();
    await arrive('before');
    otherPath(readFileSync(preset, 'utf8').replace('/api/orders/', '/api/v2/orders/'));
    expect(reloaded('one')).toMatchObject({ outcome: 'live', changed: ['checks'] });
    await arrive('after');
    await typed('after');
    await typed('before');
    expect(asked).toEqual(['/api/v2/orders/12 Bearer one', '/api/orders/12 Bearer one']);
  });

  it('takes another token at once, which is no other rule', async () => {
    await started();
    await arrive('before');
    expect(reloaded('two')).toMatchObject({ outcome: 'unchanged', changed: ['checks'], restartNeeded: [] });
    await typed('before');
    expect(asked).toEqual(['/api/orders/12 Bearer two']);
  });

  it('goes by another name only where something of it has changed', async () => {
    await started();
    const [first] = load().checks;
    write({ flows, number: ', flow: order', checks: checksOf('one'), sales: ', wrapUpMs: 1s' });
    desk.reload('ops');
    expect(load().checks[0]?.name).toBe(first?.name);
    expect(reloaded('one', ', deadlineMs: 2s')).toMatchObject({ changed: ['checks', 'queues'] });
    expect(load().checks[0]?.name).not.toBe(first?.name);
  });

  it('with a template that cannot be used changes nothing', async () => {
    await started();
    const { version } = house.board.books.current.book;
    const good = readFileSync(preset, 'utf8').split('\n');
    const at = good.findIndex((line) => line.includes('/api/orders/'));
    otherPath(good.with(at, `${good[at]?.replace(/\S.*/, '')}paht: /api/x`).join('\n'));
    const refused = reloaded('one', ', deadlineMs: 2s');
    expect(refused.outcome === 'refused' && refused.problems).toContainEqual({
      kind: 'bad_form',
      file: template(),
      line: at + 1,
      key: expect.stringMatching(/\.paht$/) as string,
      message: expect.stringContaining('no such key') as string,
      mend: expect.stringContaining('line') as string,
    });
    expect(house.board.books.current.book.version).toBe(version);
    await arrive('after');
    await typed('after');
    expect(asked).toEqual(['/api/orders/12 Bearer one']);
  });

  it('that the rules no longer name is let go, and who still asks for it is answered by the newest', async () => {
    await started();
    const { name } = load().checks[0] ?? { name: '' };
    reloaded('one', ', deadlineMs: 2s');
    checks.keep(new Set(load().checks.map((check) => check.name)));
    const outcome = await new Promise<CheckOutcome>((answer) =>
      checks.check({ checkId: name, value: '7', callId: 'rm-1', callerNumber: '1' }, answer),
    );
    expect(outcome.kind).toBe('found');
    checks.keep(new Set());
    const none = await new Promise<CheckOutcome>((answer) =>
      checks.check({ checkId: name, value: '7', callId: 'rm-1', callerNumber: '1' }, answer),
    );
    expect(none.kind).toBe('unavailable');
  });
});
