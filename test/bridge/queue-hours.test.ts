import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { timeZone } from '../../src/calendar/index.ts';
import type { EntryPolicy, QueueHours, Target } from '../../src/call/index.ts';
import { entry } from '../call/fixtures.ts';
import { queue } from '../routing/fixtures.ts';
import { settle, t0 } from '../support/fake-clock.ts';
import { ExplainDesk } from '../../src/bridge/index.ts';
import { House } from './house.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
const timeOfDay = t0 % day;
/** By the clock of UTC, every day: from and to so long after the test began. */
const schedule = (fromMs: number, toMs: number): QueueHours['schedule'] => ({
  id: 'office',
  zone: timeZone('UTC'),
  weekly: Array.from({ length: 7 }, () => [{ fromMs: timeOfDay + fromMs, toMs: timeOfDay + toMs }]),
  exceptions: new Map(),
  specialDays: new Map(),
  holidayHours: [],
  workdayAs: 0,
});
const closed = schedule(60 * minute, 120 * minute);
const closesSoon = schedule(-minute, 10 * minute);

const outside: Target = { kind: 'dialplan', context: 'night', extension: 's', priority: 1 };
const to = (queueId: string): Target => ({ kind: 'queue', queueId });
const hours = (
  when: QueueHours['schedule'],
  target: Target,
  atClosing: QueueHours['atClosing'] = 'serve',
  prompt: readonly string[] = [],
): { hours: QueueHours } => ({ hours: { schedule: when, afterHours: { prompt, target }, atClosing } });

let house: House;
type Rules = Partial<Parameters<typeof queue>[1]>;
async function open(queues: Readonly<Record<string, Rules>>, part: Partial<EntryPolicy> = {}): Promise<void> {
  const policies = Object.entries(queues).map(([id, rules]) => queue(id, { maxWaitMs: 60 * minute, ...rules }));
  house = await House.open({ entries: [{ ...entry, greeting: [], ...part }], queues: policies }, []);
  house.pbx.arrive('caller-1');
  await settle();
  await house.clock.advance(2);
}
afterEach(() => house.assertSound());

const told = (type: string): Record<string, unknown>[] =>
  house.journal.events.filter((event) => event.type === type).map(({ data }) => data as Record<string, unknown>);
const overflows = (): unknown[] =>
  told('call.overflowed.v1').map(({ target, reason }) => `${String(reason)} ${String(target)}`);
const heard = async (): Promise<void> => {
  const playbackId = `${house.call.id}.wait${house.call.wait?.plays}`;
  house.pbx.tell({ kind: 'playbackEnded', playbackId, failed: false });
  await settle();
  await house.clock.advance(2);
};
const waitingIn = (queueId: string): number => [...house.board.desk.engine.callsOf(queueId)].length;
async function restart(awayMs: number): Promise<void> {
  house.kill();
  await house.clock.advance(awayMs);
  await house.start();
  house.up();
  await settle();
}

describe('who comes while the queue is closed', () => {
  it('hears so and goes on, and nobody is looked for', async () => {
    await open({ sales: hours(closed, outside, 'serve', ['sound:closed']) });
    expect(house.pbx.askedOf('caller-1').slice(-2)).toEqual(['stopMusic', 'play']);
    house.desk.signIn('ann');
    await settle();
    expect([house.call.phase, waitingIn('sales')]).toEqual(['waiting', 0]);
    await heard();
    expect(overflows()).toEqual(['closed dialplan:night,s,1']);
    expect(house.pbx.askedOf('caller-1').at(-1)).toBe('leave');
  });

  it('goes without a message where he is not answered', async () => {
    await open({ sales: hours(closed, outside, 'serve', ['sound:closed']) }, { answer: 'withAgent' });
    expect(overflows()).toEqual(['closed dialplan:night,s,1']);
    expect(house.pbx.askedOf('caller-1')).not.toContain('play');
  });

  it('keeps the age in an open queue', async () => {
    await open({ sales: hours(closed, to('service')), service: {} });
    expect(overflows()).toEqual(['closed queue:service']);
    expect(house.call).toMatchObject({ phase: 'waiting', queueId: 'service', queuedAtMs: t0 });
    expect(house.call.wait?.turnedFrom).toBeUndefined();
    expect([waitingIn('sales'), waitingIn('service')]).toEqual([0, 1]);
  });

  it('is sent away from an overflow, too, and the queue before has no ghost of him', async () => {
    await open({
      sales: { maxWaitMs: minute, overflow: to('service') },
      service: hours(closed, outside, 'serve', ['sound:closed']),
    });
    await house.clock.advance(minute + 2);
    expect([waitingIn('sales'), waitingIn('service'), house.call.phase]).toEqual([0, 0, 'waiting']);
    await heard();
    expect(overflows()).toEqual(['maxWait queue:service', 'closed dialplan:night,s,1']);
  });

  it('is sent away from a transfer, too', async () => {
    const service = queue('service', hours(closed, outside, 'serve', ['sound:closed']));
    house = await House.open({ entries: [{ ...entry, greeting: [] }], queues: [queue('sales'), service] }, ['ann']);
    const { id } = await house.talking();
    house.desk.transfer(id, to('service'));
    await settle();
    await house.clock.advance(2);
    expect([house.call.phase, waitingIn('service')]).toEqual(['waiting', 0]);
    await heard();
    expect(overflows()).toEqual(['closed dialplan:night,s,1']);
  });

  it('is let in when an agent drops him after closing time', async () => {
    const rules = hours(schedule(-minute, 10_000), outside);
    house = await House.open({ entries: [{ ...entry, greeting: [] }], queues: [queue('sales', rules)] }, ['ann']);
    const call = await house.ringing();
    await house.clock.advance(9_500);
    house.pbx.answer(call.offers?.[0]?.legId ?? '');
    await settle();
    await settle();
    await house.clock.advance(500);
    house.pbx.hangUp(house.call.talk?.legId ?? '');
    await settle();
    expect([house.call.phase, house.call.returned, waitingIn('sales'), overflows()]).toEqual(['waiting', true, 1, []]);
  });

  it('is let through to an agent by name', async () => {
    await open({ sales: hours(closed, { kind: 'agent', agentId: 'ann' }) });
    expect(overflows()).toEqual(['closed agent:ann']);
    house.desk.signIn('ann');
    await settle();
    expect(house.call.phase).toBe('offering');
  });

  it.each([
    ['A → B → A', { sales: hours(closed, to('service')), service: hours(closed, to('sales')) }, 2],
    ['A → A', { sales: hours(closed, to('sales')) }, 1],
    [
      'A → B → C → B, with messages',
      {
        sales: hours(closed, to('service'), 'serve', ['sound:a']),
        service: hours(closed, to('third'), 'serve', ['sound:b']),
        third: hours(closed, to('service'), 'serve', ['sound:c']),
      },
      3,
    ],
  ])('%s ends at the fallback of the number', async (_ring, queues, passes) => {
    await open(queues, { fallback: outside });
    for (let times = 0; times < passes && house.calls.length > 0; times += 1) await heard();
    expect(overflows()).toHaveLength(passes);
    expect(overflows().at(-1)).toBe('closed dialplan:night,s,1');
    expect(house.pbx.askedOf('caller-1').at(-1)).toBe('leave');
  });

  it('is sent away by the server that starts in the middle of the message', async () => {
    await open({ sales: hours(closed, outside, 'serve', ['sound:closed']) });
    await restart(minute);
    await house.clock.advance(2);
    expect(waitingIn('sales')).toBe(0);
    await heard();
    expect(overflows()).toEqual(['closed dialplan:night,s,1']);
  });

  it('is let in by a server that starts when it has opened', async () => {
    await open({ sales: hours(schedule(10 * minute, 60 * minute), outside, 'serve', ['sound:closed']) });
    await restart(11 * minute);
    await house.clock.advance(minute);
    expect([waitingIn('sales'), house.call.phase, overflows()]).toEqual([1, 'waiting', []]);
  });

  it('hangs up in the middle of the message: given up', async () => {
    await open({ sales: hours(closed, outside, 'serve', ['sound:closed']) });
    house.pbx.hangUp('caller-1');
    await settle();
    expect(told('call.ended.v1')).toMatchObject([{ reason: 'abandoned' }]);
  });

  it('goes to the fallback when the server shuts down in the middle of the message', async () => {
    await open({ sales: hours(closed, to('service'), 'serve', ['sound:closed']), service: {} }, { fallback: outside });
    house.board.drain();
    await settle();
    expect(overflows()).toEqual(['draining dialplan:night,s,1']);
  });
});

describe('who waits when the queue closes', () => {
  it('is served', async () => {
    await open({ sales: hours(closesSoon, outside) });
    await house.clock.advance(20 * minute);
    house.desk.signIn('ann');
    await settle();
    expect([house.call.phase, overflows()]).toEqual(['offering', []]);
  });

  it('goes where those go who come after hours, if so, with the age', async () => {
    await open({ sales: hours(closesSoon, to('service'), 'afterHours', ['sound:closed']), service: {} });
    await house.clock.advance(10 * minute);
    expect(waitingIn('sales')).toBe(1);
    await heard();
    expect(overflows()).toEqual(['closed queue:service']);
    expect(house.call).toMatchObject({ queueId: 'service', queuedAtMs: t0 });
    expect([waitingIn('sales'), waitingIn('service')]).toEqual([0, 1]);
  });

  it('has the agent who is found during the message', async () => {
    await open({ sales: hours(closesSoon, outside, 'afterHours', ['sound:closed']) });
    await house.clock.advance(10 * minute);
    house.desk.signIn('ann');
    await settle();
    expect(house.call.phase).toBe('offering');
    house.desk.reject(house.call.id, 'ann');
    await settle();
    await house.clock.advance(2_000);
    await heard();
    expect(overflows()).toEqual(['closed dialplan:night,s,1']);
  });

  it('goes when the server starts after closing time', async () => {
    await open({ sales: hours(closesSoon, outside, 'afterHours') });
    await restart(15 * minute);
    await house.clock.advance(2_000);
    expect(overflows()).toEqual(['closed dialplan:night,s,1']);
  });

  it('goes to a queue that closes later, and from there to its own target', async () => {
    await open(
      {
        sales: hours(closesSoon, to('service'), 'afterHours'),
        service: hours(schedule(-minute, 20 * minute), to('sales'), 'afterHours'),
      },
      { fallback: outside },
    );
    await house.clock.advance(25 * minute);
    expect(overflows()).toEqual(['closed queue:service', 'closed queue:sales', 'closed dialplan:night,s,1']);
  });
});

it('an explanation says that it is closed, where the call would go, and when it opens', async () => {
  await open({ sales: hours(closed, to('service')), service: hours(closesSoon, outside) });
  house.desk.signIn('ann');
  await settle();
  const desk = new ExplainDesk(house.board, house.clock, ['pbx1']);
  expect(desk.madeUp({})).toMatchObject({
    explained: {
      decision: 'refused',
      chosen: [],
      closed: { target: 'queue:service', opensAtMs: t0 + 60 * minute },
    },
  });
  const service = desk.madeUp({ queueId: 'service' });
  expect(service.ok && 'closed' in service.explained).toBe(false);
});

describe('figures of a queue', () => {
  const openings = (): unknown[] =>
    told('queue.stats.v1').map(({ queue: view }) => (view as { hours?: { open: boolean } }).hours);

  it('say whether it is open and when that changes, and are told when it does', async () => {
    await open({ sales: hours(closesSoon, to('service')), service: {} });
    const opensAtMs = t0 + day - minute;
    await house.clock.advance(11 * minute);
    expect(openings()).toEqual([
      { open: true, changesAtMs: t0 + 10 * minute },
      { open: false, changesAtMs: opensAtMs },
    ]);
    expect(house.desk.queue('sales')).toMatchObject({ hours: { open: false } });
    expect(house.desk.queue('service')).not.toHaveProperty('hours');
    expect([...house.board.desk.openQueues()]).toEqual([['sales', false]]);
    house.pbx.hangUp('caller-1');
    await house.clock.advance(opensAtMs - house.clock.nowMs() + 2_000);
    expect(openings().at(-1)).toEqual({ open: true, changesAtMs: t0 + day + 10 * minute });
  });

  it('follow rules that are read anew', async () => {
    await open({ sales: {} });
    const { current } = house.board.books;
    const queues = [queue('sales', hours(schedule(5 * minute, 60 * minute), outside))];
    house.board.rules.use({ ...current.book, version: 'next', queues });
    await house.clock.advance(6 * minute);
    expect(openings().at(-1)).toMatchObject({ open: true });
    // Who is here keeps the rules with which he came.
    expect([house.call.phase, overflows()]).toEqual(['waiting', []]);
  });
});

describe('a queue gets other hours while calls are here', () => {
  it('who comes has them, who waits keeps those he came with', async () => {
    await open({ sales: hours(closesSoon, outside, 'afterHours') });
    const { current } = house.board.books;
    const queues = [queue('sales', { maxWaitMs: 60 * minute, ...hours(closed, to('sales')) })];
    house.board.rules.use({ ...current.book, version: 'next', queues });
    house.pbx.arrive('caller-2');
    await settle();
    await house.clock.advance(2);
    expect(overflows()).toEqual(['closed dialplan:fallback,s,1']);
    await house.clock.advance(10 * minute);
    expect(overflows()).toEqual(['closed dialplan:fallback,s,1', 'closed dialplan:night,s,1']);
  });
});

it('whatever queues are closed and send callers to whichever, each caller waits in an open one or is out (seed 20260412)', async () => {
  const ids = ['sales', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  const closedTo = fc.constantFrom(undefined, 'out', ...ids);
  await fc.assert(
    fc.asyncProperty(fc.tuple(...ids.map(() => closedTo)), async (targets) => {
      const rules = (target: string | undefined): Rules =>
        target === undefined ? {} : hours(closed, target === 'out' ? outside : to(target));
      await open(Object.fromEntries(ids.map((id, index) => [id, rules(targets[index])])));
      await house.clock.advance(100);
      // Follows the closed queues by hand.
      const passed: string[] = [];
      let at: string | undefined = 'sales';
      while (at !== undefined && at !== 'out' && !passed.includes(at) && targets[ids.indexOf(at)] !== undefined) {
        passed.push(at);
        at = targets[ids.indexOf(at)];
      }
      const isIn = at !== undefined && at !== 'out' && !passed.includes(at) && passed.length <= 5;
      expect(house.calls.map(({ queueId }) => queueId)).toEqual(isIn ? [at] : []);
      for (const id of ids) expect(waitingIn(id)).toBe(isIn && id === at ? 1 : 0);
      expect(overflows().filter((text) => String(text).startsWith('closed'))).toHaveLength(passed.length);
      house.assertSound();
      house.kill();
    }),
    { seed: 20260412, numRuns: 200 },
  );
});
