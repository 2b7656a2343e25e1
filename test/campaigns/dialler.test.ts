import { afterEach, describe, expect, it } from 'vitest';
import { profile, queue } from '../routing/fixtures.ts';
import { CallingHouse } from './fixtures.ts';

let calling: CallingHouse;
const open = async (...args: Parameters<typeof CallingHouse.open>): Promise<CallingHouse> =>
  (calling = await CallingHouse.open(...args));

afterEach(() => {
  calling.house.assertSound();
});

const hour = 3_600_000;
const advance = (ms: number): Promise<void> => calling.advance(ms);
/** Lets everything happen that has begun. */
const calm = (): Promise<void> => calling.advance(0);
const agentLegs = (): string[] => calling.house.calls.flatMap(({ offers = [] }) => offers.map(({ legId }) => legId));
const customerLegs = (): string[] => [...calling.house.pbx.legs.keys()].filter((id) => id.endsWith('.customer'));
const dials = (): number =>
  calling.house.pbx.commands.filter((one) => one.kind === 'dial' && one.legId.endsWith('.customer')).length;

/** The agent picks up and the customer's phone rings. */
async function dialled(): Promise<string> {
  calling.house.pbx.answer(agentLegs()[0] ?? '');
  await advance(1);
  return customerLegs()[0] ?? '';
}

/** One attempt that ends with a Q.850 cause. */
async function attempt(cause: number): Promise<void> {
  const leg = await dialled();
  calling.house.pbx.hangUp(leg, cause);
  await advance(1);
}

describe('a job', () => {
  it('reserves an agent, dials him, then the customer, and is done when the two talk', async () => {
    await open();
    const { id } = await calling.request({ reason: 'renewal', data: { contract: '7' } });
    expect(await calling.job(id)).toMatchObject({ status: 'active', tries: 1, attempts: 0 });
    expect(calling.house.call).toMatchObject({
      direction: 'outbound',
      phase: 'offering',
      callerNumber: '+8613800000001',
      dialledNumber: '4001',
      data: { contract: '7', outboundReason: 'renewal' },
    });
    calling.house.pbx.answer(await dialled());
    await calm();
    expect(calling.house.call.phase).toBe('talking');
    expect(await calling.job(id)).toMatchObject({ status: 'finished', outcome: 'answered', attempts: 1 });
    expect(calling.jobs.types).toEqual([
      'job.accepted',
      'attempt.started',
      'attempt.dialling',
      'attempt.ended',
      'job.finished',
    ]);
    const dial = calling.house.pbx.commands.find((one) => one.kind === 'dial' && one.legId.endsWith('.customer'));
    expect(dial).toMatchObject({ endpoint: 'PJSIP/13800000001@trunk', callerNumber: '4001' });
  });

  it('is dialled as often as there are idle agents, and no more', async () => {
    await open();
    for (let n = 0; n < 5; n += 1) await calling.request();
    await advance(2_000);
    expect(agentLegs()).toHaveLength(2);
    expect((await calling.jobs.active()).length).toBe(2);
    calling.house.desk.signOut('ann');
    await advance(2_000);
    expect((await calling.jobs.active()).length).toBeLessThanOrEqual(2);
  });

  it('waits for an agent whose phone is in use elsewhere, and has him when it is free', async () => {
    await open({ agents: [profile('ann')] }, ['ann']);
    calling.house.phones.set('PJSIP/ann', 'inUse');
    await calling.request();
    await advance(60_000);
    expect(calling.house.calls).toEqual([]);
    calling.house.phones.set('PJSIP/ann', 'notInUse');
    await advance(1_000);
    expect(agentLegs()).toHaveLength(1);
  });

  it('for one agent waits for that one', async () => {
    await open({}, ['ann']);
    await calling.request({ agentId: 'bob' });
    await advance(5_000);
    expect(calling.house.calls).toEqual([]);
    calling.house.desk.signIn('bob');
    await advance(1_000);
    expect(calling.house.call.offers?.[0]?.token.agentId).toBe('bob');
  });

  it('does not go out while the PBX or the states of its phones are out of sight', async () => {
    await open();
    calling.house.phones.link('down');
    await calling.request();
    await advance(10_000);
    expect(calling.house.calls).toEqual([]);
    calling.house.phones.link('up');
    await advance(1_000);
    expect(calling.house.calls).toHaveLength(1);
  });

  it('goes before others by its priority, else by its age', async () => {
    await open({ agents: [profile('ann')] }, []);
    const first = await calling.request();
    const urgent = await calling.request({ priority: 5 });
    calling.house.desk.signIn('ann');
    await advance(1_000);
    expect((await calling.job(urgent.id)).status).toBe('active');
    expect((await calling.job(first.id)).status).toBe('pending');
  });
});

describe('limits', () => {
  it.each([
    ['a route', { routes: 1 }],
    ['all', { limits: { concurrentMax: 1 } }],
    ['a queue', { limits: { queueConcurrentMax: 1 } }],
    ['a second', { limits: { ratePerSecond: 1 } }],
  ])('of %s', async (_name, { routes, limits }: { routes?: number; limits?: object }) => {
    await open();
    calling.kill();
    calling.limits = { ...calling.limits, ...limits };
    calling.routes = calling.routes.map((one) => ({ ...one, concurrentMax: routes ?? one.concurrentMax }));
    await calling.restart();
    for (let n = 0; n < 2; n += 1) await calling.request();
    await advance(100);
    expect((await calling.jobs.active()).length).toBe(1);
  });
});

describe('retries by rule', () => {
  it('busy is tried again after its delay, and answered at last', async () => {
    await open();
    const { id } = await calling.request();
    await attempt(17);
    expect(await calling.job(id)).toMatchObject({ status: 'pending', attempts: 1, lastOutcome: 'busy' });
    await advance(59_000);
    expect(calling.house.calls).toEqual([]);
    await advance(1_500);
    calling.house.pbx.answer(await dialled());
    await calm();
    expect(calling.jobs.attempts).toEqual([
      ['busy', true],
      ['answered', true],
    ]);
    expect(calling.jobs.finals).toEqual(['answered']);
  });

  it.each([
    ['busy', 17, 3, 60_000],
    ['noAnswer', 19, 2, hour],
    ['failed', 1, 2, 600_000],
  ] as const)('%s is given up after its number of attempts', async (outcome, cause, attempts, delayMs) => {
    await open();
    const { id } = await calling.request();
    for (let n = 0; n < attempts; n += 1) {
      await attempt(cause);
      await advance(delayMs + 1_000);
    }
    expect(calling.jobs.finals).toEqual([outcome]);
    expect(await calling.job(id)).toMatchObject({ status: 'finished', outcome, attempts });
    await advance(24 * hour);
    expect(dials()).toBe(attempts);
  });

  it('dials in all are bounded, whatever their outcomes', async () => {
    await open();
    const { id } = await calling.request({ retry: { attemptsMax: 2 } });
    await attempt(17);
    await advance(61_000);
    await attempt(19);
    expect(await calling.job(id)).toMatchObject({ status: 'finished', outcome: 'noAnswer', attempts: 2 });
  });

  it('a job may ask for other rules, within the bounds of the site', async () => {
    await open();
    const { retry } = await calling.request({
      retry: { attemptsMax: 99, busy: { delayMs: 5 }, failed: { attemptsMax: 1 } },
    });
    expect(retry).toEqual({
      attemptsMax: 5,
      busy: { attemptsMax: 3, delayMs: 1_000 },
      noAnswer: { attemptsMax: 2, delayMs: hour },
      failed: { attemptsMax: 1, delayMs: 600_000 },
    });
  });

  it('an agent who does not take it costs the customer nothing and the job no attempt', async () => {
    await open({ agents: [profile('ann')] }, ['ann']);
    const { id } = await calling.request();
    calling.house.pbx.hangUp(agentLegs()[0] ?? '', 21);
    await advance(1);
    calling.house.desk.signOut('ann');
    await advance(20_000);
    expect(calling.jobs.attempts).toEqual([['noAgent', false]]);
    expect(await calling.job(id)).toMatchObject({ status: 'pending', attempts: 0, tries: 1 });
    expect(dials()).toBe(0);
  });

  it('an agent who hangs up on a ringing customer has cost an attempt', async () => {
    await open({ agents: [profile('ann')] }, ['ann']);
    const { id } = await calling.request();
    await dialled();
    calling.house.pbx.hangUp(agentLegs()[0] ?? '');
    await advance(1);
    expect(calling.jobs.attempts).toEqual([['agentLeft', true]]);
    expect(await calling.job(id)).toMatchObject({
      status: 'pending',
      attempts: 1,
      dueAtMs: calling.house.clock.nowMs() - 1 + 600_000,
    });
  });

  it('expires when its time is over', async () => {
    await open({}, []);
    const nowMs = calling.house.clock.nowMs();
    const { id } = await calling.request({ notAfterMs: nowMs + 10_000 });
    await advance(11_000);
    expect(await calling.job(id)).toMatchObject({ status: 'finished', outcome: 'expired' });
    calling.house.desk.signIn('ann');
    await advance(10_000);
    expect(calling.house.calls).toEqual([]);
    expect(calling.jobs.finals).toEqual(['expired']);
  });
});

describe('who may be called, and when', () => {
  it('nobody on the list: refused at once, and again right before the dial', async () => {
    await open();
    calling.doNotCall.numbers.add('+8613800000001');
    await expect(calling.request()).rejects.toMatchObject({ code: 'outbound.do_not_call' });
    expect(calling.jobs.rows.size).toBe(0);
    calling.doNotCall.numbers.clear();
    const { id } = await calling.request();
    calling.doNotCall.numbers.add('+8613800000001');
    calling.house.pbx.answer(agentLegs()[0] ?? '');
    await advance(1);
    expect(dials()).toBe(0);
    expect(await calling.job(id)).toMatchObject({ status: 'finished', outcome: 'doNotCall', attempts: 0 });
    await calm();
    expect(calling.house.pbx.legs.size).toBe(0);
  });

  it.each(['down', 'hangs'] as const)('a list that is %s lets nobody be dialled', async (mode) => {
    await open();
    const { id } = await calling.request();
    calling.doNotCall.mode = mode;
    calling.house.pbx.answer(agentLegs()[0] ?? '');
    await advance(3_000);
    expect(dials()).toBe(0);
    expect(calling.jobs.attempts).toEqual([['unavailable', false]]);
    expect((await calling.job(id)).status).toBe('pending');
    const refused = calling.request();
    await Promise.all([advance(3_000), expect(refused).rejects.toMatchObject({ code: 'outbound.not_checked' })]);
  });

  it('a store that cannot take the intent in time lets nobody be dialled', async () => {
    await open();
    const { id } = await calling.request();
    calling.jobs.away = true;
    calling.house.pbx.answer(agentLegs()[0] ?? '');
    await advance(1);
    expect([dials(), calling.house.pbx.legs.size]).toEqual([0, 0]);
    calling.jobs.away = false;
    expect(await calling.job(id)).toMatchObject({ attempts: 0 });
  });

  it('a job that is cancelled while the list is asked is not dialled', async () => {
    await open();
    const { id } = await calling.request();
    let answer: (listed: boolean) => void = () => {};
    calling.doNotCall.has = () => new Promise((resolve) => (answer = resolve));
    calling.house.pbx.answer(agentLegs()[0] ?? '');
    await advance(1);
    const cancelled = calling.desk.cancel(id);
    answer(false);
    await cancelled;
    await advance(1);
    expect([dials(), calling.jobs.finals]).toEqual([0, ['cancelled']]);
  });

  it('a job of the night waits for the morning', async () => {
    await open();
    await advance(13 * hour);
    const { id, dueAtMs } = await calling.request();
    expect(dueAtMs - calling.house.clock.nowMs() + 1).toBe(11 * hour);
    await advance(10 * hour);
    expect(calling.house.calls).toEqual([]);
    await advance(hour);
    expect((await calling.job(id)).status).toBe('active');
  });

  it('a retry that falls into the night waits for the morning too', async () => {
    await open();
    await advance(11.5 * hour);
    const { id } = await calling.request();
    await attempt(19);
    const { dueAtMs } = await calling.job(id);
    expect((dueAtMs - 1_800_000_000_000) / hour).toBe(24);
  });

  it('a job that nobody may call in its time is refused', async () => {
    await open();
    await advance(13 * hour);
    const notAfterMs = calling.house.clock.nowMs() + hour;
    await expect(calling.request({ notAfterMs })).rejects.toMatchObject({ code: 'outbound.no_time' });
  });

  it('a night that falls between the reservation and the dial', async () => {
    await open();
    await advance(12 * hour - 5_000);
    const { id } = await calling.request();
    await advance(6_000);
    calling.house.pbx.answer(agentLegs()[0] ?? '');
    await advance(1);
    expect(dials()).toBe(0);
    expect(calling.jobs.attempts).toEqual([['outsideHours', false]]);
    expect(await calling.job(id)).toMatchObject({ status: 'pending', attempts: 0 });
  });
});

describe('sent twice', () => {
  it('the same key and body is the same job, and one call', async () => {
    await open();
    const first = await calling.request({ idempotencyKey: 'k', reason: 'x', data: { a: '1', b: '2' } });
    const again = await calling.request({ idempotencyKey: 'k', data: { b: '2', a: '1' }, reason: 'x' });
    expect(again.id).toBe(first.id);
    expect(calling.house.calls).toHaveLength(1);
    await expect(calling.request({ idempotencyKey: 'k', reason: 'y' })).rejects.toMatchObject({
      code: 'outbound.key_reused',
    });
  });

  it('at the same moment, from two sides', async () => {
    await open();
    const both = await Promise.all([1, 2, 3].map(() => calling.request({ idempotencyKey: 'k' })));
    expect(new Set(both.map(({ id }) => id)).size).toBe(1);
    expect(calling.jobs.rows.size).toBe(1);
  });

  it('after a restart it is still known', async () => {
    await open();
    const { id } = await calling.request({ idempotencyKey: 'k' });
    await calling.restart();
    expect((await calling.request({ idempotencyKey: 'k' })).id).toBe(id);
    expect(calling.jobs.rows.size).toBe(1);
  });

  it('a store that is away takes no job, and says so', async () => {
    await open();
    calling.jobs.away = true;
    await expect(calling.request()).rejects.toMatchObject({ code: 'outbound.not_kept' });
    calling.jobs.away = false;
    await advance(10_000);
    expect(calling.house.calls).toEqual([]);
  });
});

describe('cancelled', () => {
  it('before it is called', async () => {
    await open({}, []);
    const { id } = await calling.request();
    expect((await calling.desk.cancel(id)).outcome).toBe('cancelled');
    calling.house.desk.signIn('ann');
    await advance(10_000);
    expect(calling.house.calls).toEqual([]);
    expect(calling.jobs.finals).toEqual(['cancelled']);
    expect((await calling.desk.cancel(id)).outcome).toBe('cancelled');
    expect(calling.jobs.finals).toEqual(['cancelled']);
  });

  it('while the agent is rung, or the customer', async () => {
    await open();
    const { id } = await calling.request();
    await calling.desk.cancel(id);
    await advance(1);
    const other = await calling.request();
    await dialled();
    await calling.desk.cancel(other.id);
    await advance(1);
    expect(calling.jobs.attempts).toEqual([
      ['cancelled', false],
      ['cancelled', true],
    ]);
    expect(calling.jobs.finals).toEqual(['cancelled', 'cancelled']);
    expect([calling.house.calls, calling.house.pbx.legs.size]).toEqual([[], 0]);
  });

  it('while the two talk: they go on talking', async () => {
    await open();
    const { id } = await calling.request();
    calling.house.pbx.answer(await dialled());
    await calm();
    expect((await calling.desk.cancel(id)).outcome).toBe('answered');
    expect(calling.house.call.phase).toBe('talking');
  });

  it('a job that nobody knows', async () => {
    await open();
    await expect(calling.desk.cancel('job-x')).rejects.toMatchObject({ code: 'outbound.job_unknown' });
  });
});

/** What is about to be done is written down first; a server that dies in between says what it does not know. */
describe('kill -9', () => {
  const stopAt = (type: string): void => {
    calling.jobs.onSave = (_job, events) => {
      if (events.some((event) => event.type === type)) calling.jobs.away = true;
    };
  };
  const revive = async (): Promise<void> => {
    calling.jobs.onSave = () => {};
    calling.jobs.away = false;
    await calling.restart();
  };

  it('between the job and its call: nobody was rung, it is tried again', async () => {
    await open();
    const { id } = await calling.request();
    // The store has the job as started, but not its call.
    calling.kill();
    calling.house.journal.lose();
    calling.house.pbx.legs.clear();
    await calling.restart();
    expect(calling.jobs.attempts[0]).toEqual(['interrupted', false]);
    expect(await calling.job(id)).toMatchObject({ attempts: 0 });
    expect(calling.jobs.finals).toEqual([]);
  });

  it('while the agent rings: tried again, not counted', async () => {
    await open();
    const { id } = await calling.request();
    await calling.restart();
    await advance(1);
    expect(calling.jobs.attempts).toEqual([['interrupted', false]]);
    expect(await calling.job(id)).toMatchObject({ status: 'pending', attempts: 0 });
    await advance(6_000);
    expect((await calling.job(id)).status).toBe('active');
  });

  it('after the intent, before the dial: counted as an attempt with an unknown outcome, and told', async () => {
    await open();
    const { id } = await calling.request();
    calling.house.pbx.refusals.set('dial', { ok: false, failure: 'unavailable' });
    calling.jobs.onSave = (_job, events) => {
      if (events.some(({ type }) => type === 'outbound.attempt.dialling.v1'))
        setImmediate(() => setImmediate(() => calling.kill()));
    };
    await dialled();
    await revive();
    expect(dials()).toBeLessThanOrEqual(1);
    expect(calling.jobs.attempts).toEqual([['unknown', true]]);
    expect(await calling.job(id)).toMatchObject({ status: 'pending', attempts: 1, counts: { failed: 1 } });
  });

  it('after the dial, before anything of it was written: found on the PBX, not dialled again', async () => {
    await open();
    const { id } = await calling.request();
    const leg = await dialled();
    await calling.restart();
    expect(customerLegs()).toEqual([leg]);
    calling.house.pbx.answer(leg);
    await calm();
    expect(calling.house.call.phase).toBe('talking');
    expect(dials()).toBe(1);
    expect(await calling.job(id)).toMatchObject({ status: 'finished', outcome: 'answered', attempts: 1 });
  });

  it('between the answer and the record of it: the conversation tells', async () => {
    await open();
    const { id } = await calling.request();
    const leg = await dialled();
    stopAt('outbound.attempt.ended.v1');
    calling.house.pbx.answer(leg);
    await calm();
    expect(calling.house.call.phase).toBe('talking');
    await revive();
    expect(calling.house.call.phase).toBe('talking');
    expect(calling.jobs.finals).toEqual(['answered']);
    expect(await calling.job(id)).toMatchObject({ status: 'finished', attempts: 1 });
  });

  it('and the store of the calls lost as well: what may have been dialled counts', async () => {
    await open();
    const { id } = await calling.request();
    const leg = await dialled();
    calling.kill();
    calling.house.journal.lose();
    await calling.restart();
    expect(calling.house.pbx.legs.has(leg)).toBe(false);
    expect(calling.jobs.attempts).toEqual([['unknown', true]]);
    expect(await calling.job(id)).toMatchObject({ attempts: 1 });
  });

  it('with many jobs, at any moment: each ends once, and no customer is dialled more often than is told', async () => {
    await open({ queues: [queue('sales', { wrapUpMs: 0 }), queue('service')] });
    for (let n = 0; n < 4; n += 1) await calling.request({ retry: { attemptsMax: 2 } });
    for (let round = 0; round < 40; round += 1) {
      for (const leg of agentLegs()) calling.house.pbx.answer(leg);
      await advance(200);
      for (const leg of customerLegs()) {
        if (calling.house.out.stageOf(leg.replace('.customer', '')) !== 'dialling') calling.house.pbx.hangUp(leg);
        else if (round % 3 === 0) calling.house.pbx.answer(leg);
        else if (round % 3 === 1) calling.house.pbx.hangUp(leg, 17);
      }
      if (round % 4 === 3) await calling.restart();
      await advance(30_000);
      for (const agentId of ['ann', 'bob']) calling.house.desk.setAvailable(agentId);
    }
    expect(calling.jobs.finals).toHaveLength(4);
    const toldDials = calling.jobs.attempts.filter(([, was]) => was).length;
    expect(dials()).toBeLessThanOrEqual(toldDials);
  });
});

it('no job, no work: it sleeps', async () => {
  await open();
  await advance(1);
  let asked = 0;
  const dueTargets = calling.jobs.dueTargets.bind(calling.jobs);
  calling.jobs.dueTargets = (nowMs) => {
    asked += 1;
    return dueTargets(nowMs);
  };
  await advance(60_000);
  expect(asked).toBeLessThanOrEqual(2);
});
