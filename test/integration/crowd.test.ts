import { readFileSync } from 'node:fs';
import { setTimeout as passes } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { becomesTrue } from '../../lab/index.ts';
import type { SeenEvent } from '../../lab/ringmaster/control-room.ts';
import type { Rng } from '../../src/kernel/index.ts';
import { checkStory, entry, queue, Site } from './support/site.ts';
import { StreamReader } from './support/stream-reader.ts';

const callers = 60;
const serverLives = 2;
const callersPerLife = 30;
const seed = Number(process.env['CROWD_SEED'] ?? 20_261_122);

let site: Site;

beforeAll(async () => {
  site = await Site.open({
    phones: {
      phone: { behaviour: 'answer', answerAfterMs: 60, count: 4 },
      brief: { behaviour: 'answer', answerAfterMs: 30, talkMs: 1_100, count: 4 },
      drop: { behaviour: 'answerThenDrop', talkMs: 30, count: 2 },
      busy: { behaviour: 'busy', count: 1 },
      decline: { behaviour: 'decline', answerAfterMs: 50, count: 1 },
      silent: { behaviour: 'noAnswer', count: 2 },
    },
    locals: { answer: 4, drop: 1, gone: 1 },
    numbers: [
      { ...entry, greeting: ['sound:beep'] },
      { ...entry, id: 'unpaid', number: '4002', answer: 'withAgent' },
      { ...entry, id: 'other', number: '4003', queue: 'other' },
    ],
    queues: [
      { ...queue, ringTimeoutMs: 1_000, wrapUpMs: '100ms' },
      { ...queue, id: 'other', ringTimeoutMs: 1_000, maxWaitMs: 1_500, overflow: 'queue:support', waitingCallsMax: 5 },
    ],
    agents: [
      { id: 'both1', endpoint: 'Local/answer71@lab-agents', queues: ['support', 'other'] },
      { id: 'both2', endpoint: 'Local/slow72@lab-agents', queues: ['support', 'other'] },
    ],
  });
});

afterAll(() => site?.[Symbol.asyncDispose]());

/** A small generator of chance (mulberry32): the seed tells what was tried, though not when the PBX answered. */
function chance(from: number): Rng & { pick<Item>(items: readonly Item[]): Item } {
  let state = from;
  const next = (): number => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    pick: (items) => items[Math.floor(next() * items.length)] as (typeof items)[number],
  };
}

it(`a crowd of callers and agents who do as they like leaves nothing behind (seed ${seed})`, async () => {
  const rng = chance(seed);
  const agentIds = site.profiles.map(({ id }) => id);
  await site.room.signIn(...agentIds);
  const numbers: string[] = [];
  const callerLives: Promise<unknown>[] = [];
  for (let index = 0; index < callers; index += 1) {
    const { number, sip } = site.dial({ target: rng.pick(['4001', '4001', '4002', '4003']) });
    numbers.push(number);
    callerLives.push(passes(rng.next() * 5_000).then(() => sip.hangUp()));
    await meddle(rng, agentIds);
    // People come and go at random; nothing is waited for here.
    await passes(rng.next() * 60);
  }
  await Promise.all(callerLives);
  const ids = await Promise.all(numbers.map((number) => site.room.callFrom(number)));
  await becomesTrue(async () => (await site.liveCalls()).length === 0, 15_000, 50);
  await site.clear();
  for (const id of ids) checkStory(site.room.ofCall(id));
  checkAgents(site.room.events);
  const complaints = readFileSync(site.server.logPath, 'utf8').split('\n');
  expect(complaints.filter((line) => line.includes('"level":"error"'))).toEqual([]);
});

it(`and so it does when the server is killed in their midst (seed ${seed})`, async () => {
  const rng = chance(seed + 1);
  const agentIds = site.profiles.map(({ id }) => id);
  await site.room.signIn(...agentIds);
  const archived = new Map<string, StreamReader['events'][number]>();
  const openArchive = () => StreamReader.open(site.server.url, site.server.key, { consumer: 'archive' });
  let archive = await openArchive();
  const keep = () => archive.events.forEach((event) => archived.set(event.sequence, event));
  const callerLives: Promise<unknown>[] = [];
  for (let life = 1; life <= serverLives; life += 1) {
    for (let index = 0; index < callersPerLife; index += 1) {
      const { sip } = site.dial({ target: rng.pick(['4001', '4001', '4002', '4003']) });
      callerLives.push(passes(rng.next() * 4_000).then(() => sip.hangUp()));
      await meddle(rng, agentIds);
    }
    await site.server.kill9();
    keep();
    await site.server.start();
    await site.reopen();
    await archive[Symbol.asyncDispose]();
    archive = await openArchive();
  }
  await Promise.all(callerLives);
  await becomesTrue(async () => (await site.liveCalls()).length === 0, 15_000, 50);
  await site.clear();
  const isWhole = () => {
    keep();
    const count = (wanted: string) => [...archived.values()].filter(({ type }) => type === wanted).length;
    return count('call.arrived.v1') > 0 && count('call.arrived.v1') === count('call.ended.v1');
  };
  expect(await becomesTrue(isWhole, 10_000)).toBe(true);
  await archive[Symbol.asyncDispose]();

  const log = [...archived.values()].toSorted((a, b) => (a.sequence < b.sequence ? -1 : 1));
  expect(log.filter(({ type }) => type === 'stream.gap.v1')).toHaveLength(serverLives);
  for (const [subject, story] of Map.groupBy(log, (event) => event.subject)) {
    if (subject.startsWith('call/')) checkStory(story);
  }
});

/** Does something to a call or an agent, whether it fits or not: a refusal is an answer too. */
async function meddle(rng: Rng & { pick<Item>(items: readonly Item[]): Item }, agentIds: readonly string[]) {
  const ask = (path: string, body?: object) => site.room.ask('POST', path, body).catch(() => undefined);
  const calls = await site.liveCalls();
  const call = calls.length > 0 ? rng.pick(calls) : undefined;
  const agentId = rng.pick(agentIds);
  const targets = [
    { kind: 'queue', queueId: 'other' },
    { kind: 'agent', agentId },
    { kind: 'number', number: '5000' },
  ];
  const deeds: (() => Promise<unknown>)[] = [
    () => ask(`/v1/agents/${agentId}/sign-out`).then(() => ask(`/v1/agents/${agentId}/sign-in`)),
    () => ask(`/v1/agents/${agentId}/end-wrap-up`),
    ...(call
      ? [
          () => ask(`/v1/calls/${call.id}/hold`),
          () => ask(`/v1/calls/${call.id}/resume`),
          () => ask(`/v1/calls/${call.id}/hang-up`),
          () => ask(`/v1/calls/${call.id}/reject?agentId=${call.agentId ?? agentId}`),
          () => ask(`/v1/calls/${call.id}/transfer`, { target: rng.pick(targets) }),
        ]
      : []),
  ];
  await rng.pick(deeds)();
}

/** An agent has at most one call at a time. */
function checkAgents(events: readonly SeenEvent[]): void {
  const callOf = new Map<string, string>();
  for (const event of events) {
    if (event.type === 'call.offered.v1') {
      if (callOf.has(event.data.agentId)) throw new Error(`${event.data.agentId} is offered a call while having one`);
      callOf.set(event.data.agentId, event.data.call.id);
    }
    const isOver =
      event.type === 'call.offer.ended.v1' ||
      event.type === 'call.transferred.v1' ||
      event.type === 'call.wrapup.started.v1';
    if (isOver) callOf.delete(event.data.agentId);
    if (event.type === 'call.ended.v1') {
      for (const [agentId, callId] of callOf) if (callId === event.data.call.id) callOf.delete(agentId);
    }
  }
}
