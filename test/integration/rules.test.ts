import { setTimeout as passes } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { becomesTrue } from '../../lab/index.ts';
import type { SeenEventOf } from '../../lab/ringmaster/control-room.ts';
import { checkStory, entry, queue, Site } from './support/site.ts';

const callsPerSecond = 20;
const reloads = 5;
const betweenMs = 1_200;
const perQueue = 80;

const locals = (queueId: string, from: number) =>
  Array.from({ length: perQueue }, (_, at) => ({
    id: `${queueId}${at}`,
    endpoint: `Local/answer${from + at}@lab-agents`,
    queues: [queueId],
  }));

let site: Site;

beforeAll(async () => {
  site = await Site.open({
    phones: { desk: { behaviour: 'answer', answerAfterMs: 50, count: 3 } },
    phoneQueues: () => ['skilled', 'known'],
    numbers: [
      entry,
      { ...entry, id: 'skilled', number: '4002', queue: 'skilled' },
      { ...entry, id: 'known', number: '4003', queue: 'known' },
    ],
    queues: [
      queue,
      { ...queue, id: 'second' },
      { ...queue, id: 'skilled', needs: { zh: 50 }, steps: [{ expiresAfterMs: '1500ms' }, { needs: {} }] },
      { ...queue, id: 'known', steps: [{ agent: 'last', expiresAfterMs: '10s' }, {}] },
    ],
    agents: [...locals('support', 100), ...locals('second', 500)],
  });
});

afterAll(() => site?.[Symbol.asyncDispose]());
afterEach(() => site.clear());

it('a call is offered to less skilled agents only after its step, and says why', async () => {
  const agentId = await site.signIn('desk');
  const caller = await site.enqueue({ target: '4002' });
  expect(await site.room.ask('POST', '/v1/routing/explain', { callId: caller.id })).toMatchObject({
    queueId: 'skilled',
    step: 0,
    decision: 'wait',
    agents: expect.arrayContaining([
      { agentId, idleMs: expect.any(Number) as number, reasons: ['skill:zh'] },
    ]) as object,
  });
  const offered = await site.see('call.offered.v1', caller.id);
  const queued = await site.see('call.queued.v1', caller.id);
  expect(offered.data.agentId).toBe(agentId);
  expect(Date.parse(offered.time) - Date.parse(queued.time)).toBeGreaterThanOrEqual(1_500);
  await site.see('call.connected.v1', caller.id);
  caller.sip.hangUp();
  expect((await site.ended(caller.id)).data.reason).toBe('completed');
});

it('who calls again gets the agent who talked with the number last, not who has been idle for longest', async () => {
  const [first, other] = [await site.signIn('desk'), await site.signIn('desk')];
  const number = site.nextNumber();
  const talkOnce = async (): Promise<string> => {
    const caller = await site.enqueue({ target: '4003', number });
    const { agentId } = (await site.see('call.connected.v1', caller.id)).data;
    caller.sip.hangUp();
    await site.ended(caller.id);
    return agentId;
  };
  const known = await talkOnce();
  expect([first, other]).toContain(known);
  expect(await talkOnce()).toBe(known);
  expect(await talkOnce()).toBe(known);
});

/** A caller without SIP, who hangs up three seconds after having been answered. */
async function originate(number: string): Promise<void> {
  const { ariUrl, ariUser, ariPassword } = site.asterisk;
  const wish = { endpoint: 'Local/4001@from-trunk/n', context: 'lab-callers', extension: 'short', priority: '1' };
  const answer = await fetch(`${ariUrl}/channels?${new URLSearchParams({ ...wish, callerId: number }).toString()}`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${ariUser}:${ariPassword}`).toString('base64')}` },
  });
  expect(answer.status).toBe(200);
}

it('rules are exchanged under twenty calls a second: no call is lost, each goes by the rules it came with', async () => {
  await site.room.signIn(...site.profiles.filter(({ id }) => /^(support|second)\d/.test(id)).map(({ id }) => id));
  const from = site.room.events.length;
  const queueOf = new Map<string | undefined, string>([[undefined, 'support']]);
  const numbers: string[] = [];
  const placed: Promise<void>[] = [];
  let goesOn = true;
  const callers = (async () => {
    while (goesOn) {
      const number = site.nextNumber();
      numbers.push(number);
      placed.push(originate(number));
      await passes(1_000 / callsPerSecond);
    }
    await Promise.all(placed);
  })();
  // Told below, where it is waited for.
  callers.catch(() => undefined);
  for (let round = 1; round <= reloads; round += 1) {
    await passes(betweenMs);
    const to = round % 2 === 1 ? 'second' : 'support';
    site.server.edit((config) => {
      // Another version each time, also when the queue is one that was before.
      Object.assign(config.numbers[0] ?? {}, { queue: to, priority: round });
    });
    const { outcome, version } = await site.room.ask<{ outcome: string; version: string }>('POST', '/v1/config/reload');
    expect(outcome).toBe('live');
    queueOf.set(version, to);
  }
  await passes(betweenMs);
  goesOn = false;
  await callers;
  const seen = <Type extends 'call.arrived.v1' | 'call.queued.v1' | 'call.connected.v1' | 'call.ended.v1'>(
    type: Type,
  ) => site.room.events.slice(from).filter((event): event is SeenEventOf<Type> => event.type === type);
  expect(await becomesTrue(() => seen('call.ended.v1').length === numbers.length, 30_000, 100)).toBe(true);

  expect(seen('call.arrived.v1')).toHaveLength(numbers.length);
  expect(seen('call.connected.v1')).toHaveLength(numbers.length);
  expect(seen('call.ended.v1').map(({ data }) => data.reason)).toEqual(numbers.map(() => 'completed'));
  const misrouted = seen('call.connected.v1').filter(({ data: { call, agentId } }) => {
    const wanted = queueOf.get(call.rulesVersion) ?? '';
    return call.queueId !== wanted || !agentId.startsWith(wanted);
  });
  expect(misrouted).toEqual([]);
  const used = new Set(seen('call.connected.v1').map(({ data }) => data.call.rulesVersion));
  expect(used.size).toBe(reloads + 1);
  for (const { data } of seen('call.ended.v1')) checkStory(site.room.ofCall(data.call.id));
  const { versions } = await site.room.ask<{ versions: { answered: number }[] }>('GET', '/v1/config/versions');
  const completed = site.room.events.filter((event) => event.type === 'call.ended.v1' && event.data.talkMs > 0);
  expect(versions.reduce((sum, { answered }) => sum + answered, 0)).toBe(completed.length);

  site.server.edit((config) => {
    Object.assign(config.queues[0] ?? {}, { requires: 'agent.skills.zhh >= 1' });
  });
  await expect(site.room.ask('POST', '/v1/config/reload')).rejects.toThrow(/422|config_refused/);
});
