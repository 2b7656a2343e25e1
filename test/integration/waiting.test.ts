import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freeUdpPort, type SippPhone, startPhone } from '../../lab/index.ts';
import type { JobViewData } from '../../src/events/catalogue/index.ts';
import { type Caller, checkStory, entry, queue, Site } from './support/site.ts';

const callback = {
  afterMs: '1s',
  graceMs: 0,
  prompts: { '*': { offer: ['sound:beep'], accepted: ['sound:beep'] } },
};
const long = Array.from({ length: 10 }, () => 'sound:menu');
const chained = (id: string, next: string) => ({ ...queue, id, maxWaitMs: 1_000, overflow: next });

let site: Site;
let customer: SippPhone;

beforeAll(async () => {
  const port = await freeUdpPort();
  customer = await startPhone({ behaviour: 'answer', answerAfterMs: 100, port });
  site = await Site.open({
    phones: { phone: { behaviour: 'answer', answerAfterMs: 60, count: 9 } },
    phoneQueues: () => ['support', 'later', 'told', 'c', 'join', 'leave'],
    extraConfig: {
      'pjsip.conf': `[outside](phone)
aors = outside
[outside]
type = aor
contact = sip:outside@127.0.0.1:${port}`,
    },
    schedules: [{ id: 'always', timeZone: 'Asia/Shanghai', weekly: { 'mon-sun': ['00:00-24:00'] } }],
    numbers: [
      entry,
      { ...entry, id: 'later', number: '4002', queue: 'later' },
      { ...entry, id: 'told', number: '4003', queue: 'told' },
      { ...entry, id: 'chain', number: '4004', queue: 'a' },
      { ...entry, id: 'again', number: '4005', queue: 'again' },
      { ...entry, id: 'join', number: '4006', queue: 'join' },
      { ...entry, id: 'leave', number: '4007', queue: 'leave' },
    ],
    queues: [
      { ...queue, callback },
      { ...queue, id: 'later', callback: { ...callback, mode: 'customerFirst' } },
      {
        ...queue,
        id: 'told',
        announcements: { firstAfterMs: '1s', everyMs: '5s', prompts: { '*': { position: long } } },
      },
      chained('a', 'queue:b'),
      chained('b', 'queue:c'),
      { ...queue, id: 'c' },
      { ...queue, id: 'again', resumeWindowMs: '1m' },
      { ...queue, id: 'join', joinEmpty: { target: 'queue:c' } },
      { ...queue, id: 'leave', leaveEmpty: { target: 'queue:c' }, noAgentGraceMs: '1s' },
    ],
    outbound: {
      routes: [{ id: 'out', prefixes: ['*'], node: 'pbx1', endpoint: 'PJSIP/{number}@outside', callerId: '4001' }],
      ringTimeoutMs: '4s',
      callingHours: [{ regions: ['CN'], schedule: 'always' }],
      restMs: '300ms',
      tickMs: '100ms',
    },
  });
});

afterAll(async () => {
  await site?.[Symbol.asyncDispose]();
  await customer?.stop();
});

afterEach(async () => {
  for (const { id, phase } of await site.liveCalls()) if (phase !== 'wrapUp') await site.command(id, 'hang-up');
  await site.clear();
});

/** A caller is offered a callback, presses the key and hangs up. */
async function hangsUp(target = '4001'): Promise<Caller & { readonly job: JobViewData }> {
  const caller = await site.enqueue({ target });
  await site.see('call.callback.offered.v1', caller.id);
  await caller.sip.press('1');
  const asked = await site.room.waitFor('callback.requested.v1', ({ data }) => data.job.callback?.callId === caller.id);
  caller.sip.hangUp();
  expect((await site.ended(caller.id)).data.reason).toBe('callback');
  checkStory(site.room.ofCall(caller.id));
  return { ...caller, job: asked.data.job };
}

const placed = (number: string, after = 0) =>
  site.room.waitFor(
    'call.queued.v1',
    ({ data, sequence }) =>
      data.call.direction === 'outbound' && data.call.callerNumber.endsWith(number) && sequence > after,
  );

describe('a callback is kept after the caller hangs up', () => {
  it('agent first: an agent becomes free, and both get connected', async () => {
    const { number, job, id } = await hangsUp();
    const ghost = (await placed(number)).data.call;
    const first = await site.see('call.queued.v1', id);
    expect([job.callback?.queuedAtMs, ghost.queuedAtMs]).toEqual([
      first.data.call.queuedAtMs,
      first.data.call.queuedAtMs,
    ]);
    const agentId = await site.signIn('phone');
    const connected = await site.see('call.connected.v1', ghost.id);
    expect(connected.data.agentId).toBe(agentId);
    const [bridge] = await site.bridges();
    expect(bridge?.channels).toHaveLength(2);
    await site.room.waitFor('callback.reached.v1', ({ data }) => data.job.id === job.id);
    await site.command(ghost.id, 'hang-up');
    await site.ended(ghost.id);
    checkStory(site.room.ofCall(ghost.id), 'call.placed.v1');
  });

  it('and goes before who came later, whom it does not hold up', async () => {
    const { number } = await hangsUp();
    const ghost = (await placed(number)).data.call;
    const later = await site.enqueue();
    const first = await site.signIn('phone');
    const second = await site.signIn('phone');
    expect((await site.see('call.offered.v1', ghost.id)).data.agentId).toBe(first);
    expect((await site.see('call.connected.v1', later.id)).data.agentId).toBe(second);
    await site.see('call.connected.v1', ghost.id);
  });

  it('customer first: dialled when somebody is free, and first in line on the answer', async () => {
    const { number, job } = await hangsUp('4002');
    const ghost = (await placed(number)).data.call;
    await site.signIn('phone');
    await site.see('call.dialling.v1', ghost.id);
    await site.see('call.connected.v1', ghost.id);
    await site.room.waitFor('callback.reached.v1', ({ data }) => data.job.id === job.id);
    const told = site.room.ofCall(ghost.id).map(({ type }) => type);
    expect(told.indexOf('call.dialling.v1')).toBeLessThan(told.indexOf('call.offered.v1'));
  });

  it('kill -9 while it is in line: the place is taken again, with its age', async () => {
    const { number, job } = await hangsUp();
    const before = await placed(number);
    await site.server.kill9();
    await site.server.start();
    await site.reopen();
    const again = await placed(number, before.sequence);
    expect(again.data.call.queuedAtMs).toBe(job.callback?.queuedAtMs);
    await site.signIn('phone');
    await site.room.waitFor('callback.reached.v1', ({ data }) => data.job.id === job.id);
  });

  it('is listed, asked for and cancelled by the API', async () => {
    const number = site.nextNumber();
    const job = await site.room.ask<JobViewData>('POST', '/v1/callbacks', { queueId: 'support', number });
    const ghost = (await placed(number)).data.call;
    const { jobs } = await site.room.ask<{ jobs: JobViewData[] }>('GET', '/v1/callbacks?status=active');
    expect(jobs.map(({ id }) => id)).toEqual([job.id]);
    await site.room.ask('POST', `/v1/callbacks/${job.id}/cancel`);
    await site.room.waitFor('callback.cancelled.v1', ({ data }) => data.job.id === job.id);
    expect((await site.ended(ghost.id)).data.reason).toBe('unreached');
  });
});

describe('an announcement', () => {
  it('of twenty seconds is cut when an agent is found, and does not delay the two', async () => {
    const { id } = await site.enqueue({ target: '4003' });
    expect((await site.see('call.announced.v1', id)).data).toMatchObject({ position: 1 });
    await site.signIn('phone');
    await site.see('call.connected.v1', id);
    const [bridge] = await site.bridges();
    expect(bridge?.channels).toHaveLength(2);
  });
});

describe('a queue for which nobody is at work', () => {
  it('is not joined', async () => {
    const { id } = await site.enqueue({ target: '4006' });
    const overflowed = await site.see('call.overflowed.v1', id);
    expect(overflowed.data).toMatchObject({ reason: 'noAgents', target: 'queue:c' });
  });

  it('is left after the grace, with the age, when the last agent goes', async () => {
    const agentId = await site.signIn('phone');
    const talker = await site.enqueue({ target: '4007' });
    await site.see('call.connected.v1', talker.id);
    const { id } = await site.enqueue({ target: '4007' });
    const first = await site.see('call.queued.v1', id);
    await site.room.ask('PUT', `/v1/agents/${agentId}/state`, { state: 'paused', reason: 'break' });
    const overflowed = await site.see('call.overflowed.v1', id);
    expect(overflowed.data).toMatchObject({ reason: 'noAgents', target: 'queue:c' });
    const again = await site.see('call.queued.v1', id, ({ data }) => data.call.queueId === 'c');
    expect(again.data.call.queuedAtMs).toBe(first.data.call.queuedAtMs);
    await site.command(talker.id, 'hang-up');
  });
});

describe('the age of a call', () => {
  it('is kept through three queues', async () => {
    const { id } = await site.enqueue({ target: '4004' });
    const last = await site.see('call.queued.v1', id, ({ data }) => data.call.queueId === 'c');
    const queued = site.room.ofCall(id).flatMap((event) => (event.type === 'call.queued.v1' ? [event.data.call] : []));
    expect(queued.map(({ queueId }) => queueId)).toEqual(['a', 'b', 'c']);
    expect(new Set(queued.map(({ queuedAtMs }) => queuedAtMs))).toEqual(new Set([last.data.call.queuedAtMs]));
    await site.signIn('phone');
    expect((await site.see('call.connected.v1', id)).data.waitedMs).toBeGreaterThanOrEqual(2_000);
  });

  it('is given back to who gave up and calls again soon, once', async () => {
    const first = await site.enqueue({ target: '4005' });
    const since = (await site.see('call.queued.v1', first.id)).data.call.queuedAtMs ?? 0;
    first.sip.hangUp();
    const ended = await site.ended(first.id);
    site.dial({ target: '4005', number: first.number });
    const again = await site.room.waitFor(
      'call.queued.v1',
      ({ data }) => data.call.callerNumber === first.number && data.call.id !== first.id,
    );
    const { queuedAtMs, phaseSinceMs, resumedMs } = again.data.call;
    expect(resumedMs).toBe(ended.data.call.phaseSinceMs - since);
    expect(queuedAtMs).toBe(phaseSinceMs - (resumedMs ?? 0));
  });
});
