import { afterEach, describe, expect, it } from 'vitest';
import type { CallbackMode, CallbackOffer } from '../../src/call/index.ts';
import { customerLegIdOf } from '../../src/call/index.ts';
import type { Job } from '../../src/campaigns/ports.ts';
import { entry } from '../call/fixtures.ts';
import { timeZone } from '../../src/calendar/index.ts';
import type { QueuePolicy } from '../../src/routing/index.ts';
import { queue } from '../routing/fixtures.ts';
import { settle, t0 } from '../support/fake-clock.ts';
import { CallingHouse } from './fixtures.ts';

const second = 1_000;
const callback = (mode: CallbackMode): CallbackOffer => ({
  key: '1',
  afterMs: 10 * second,
  answerMs: 8 * second,
  attempts: 2,
  mode,
  leadMs: 30 * second,
  graceMs: 5 * second,
  keepMs: 3_600 * second,
  pendingMax: 2,
  prompts: { '*': { offer: ['sound:offer'], confirm: [], enter: [], accepted: [], refused: [] } },
});

let calling: CallingHouse;

async function open(
  mode: CallbackMode = 'agentFirst',
  signedIn: readonly string[] = [],
  rules: Partial<QueuePolicy> = {},
): Promise<void> {
  const sales = queue('sales', { handlingMs: 120 * second, callback: callback(mode), ...rules });
  const entries = [{ ...entry, greeting: [], priority: 2 }];
  calling = await CallingHouse.open({ queues: [sales, queue('service')], entries }, signedIn);
}
afterEach(() => {
  calling.house.assertSound();
  calling.kill();
});

const number = '13800000001';
/** A caller waits for ten seconds, is offered a callback and presses the key. */
async function requested(legId = 'caller-1', from = number): Promise<Job> {
  const { house } = calling;
  house.pbx.arrive(legId, from);
  await settle();
  await calling.advance(10 * second);
  house.pbx.tell({ kind: 'keyPressed', legId, key: '1' });
  await calling.advance(1);
  const job = [...calling.jobs.rows.values()].at(-1);
  if (!job) throw new Error('no job');
  return job;
}
const types = (prefix = 'callback.'): string[] =>
  calling.jobs.events.filter(({ type }) => type.startsWith(prefix)).map(({ type }) => type.slice(prefix.length, -3));
const jobNow = (id: string): Job => calling.jobs.rows.get(id) as Job;
const waiting = (): string[] =>
  [...calling.house.board.desk.engine.waitingCalls()].map(({ request }) => request.callId);
const ghost = () => calling.house.calls.find(({ direction }) => direction === 'outbound');
const agentLeg = (): string => ghost()?.offers?.[0]?.legId ?? '';
const customerLeg = (): string => customerLegIdOf(ghost()?.id ?? '');

describe('agent first', () => {
  it('the caller hangs up, the place is kept, and whoever is free is put through', async () => {
    await open();
    const { house } = calling;
    const since = house.clock.nowMs();
    const { id, callback: place } = await requested();
    expect(place).toMatchObject({ mode: 'agentFirst', queuedAtMs: since });
    expect([house.calls, house.pbx.legs.size]).toEqual([[], 0]);
    await calling.advance(5 * second);
    // Somebody who came after the caller, though before the callback was placed in line.
    house.pbx.arrive('caller-2', '13800000002');
    await calling.advance(second);
    expect(ghost()).toMatchObject({ phase: 'waiting', queuedAtMs: since, callerNumber: `+86${number}` });
    house.desk.signIn('ann');
    await settle();
    expect(ghost()?.phase).toBe('offering');
    house.pbx.answer(agentLeg());
    await calling.advance(1);
    expect(jobNow(id).call?.dialling).toBe(true);
    house.pbx.answer(customerLeg());
    await calling.advance(1);
    expect(house.pbx.together()).toHaveLength(1);
    expect(types()).toEqual(['requested', 'due', 'reached']);
    expect(jobNow(id)).toMatchObject({ status: 'finished', outcome: 'answered' });
  });

  it('does not keep other agents from those behind', async () => {
    await open();
    await requested();
    await calling.advance(6 * second);
    const { house } = calling;
    house.desk.signIn('ann');
    await settle();
    house.pbx.arrive('caller-2', '13800000002');
    house.desk.signIn('bob');
    await settle();
    const other = house.calls.find(({ callerLegId }) => callerLegId === 'caller-2');
    expect([ghost()?.offers?.[0]?.token.agentId, other?.offers?.[0]?.token.agentId]).toEqual(['ann', 'bob']);
  });

  it('a customer who is busy frees the agent, and is called again with the same place', async () => {
    await open('agentFirst', []);
    const { house } = calling;
    const { id, callback: place } = await requested();
    await calling.advance(6 * second);
    house.desk.signIn('ann');
    await settle();
    house.pbx.answer(agentLeg());
    await calling.advance(1);
    house.pbx.hangUp(customerLeg(), 17);
    await calling.advance(1);
    expect(house.agent('ann')).toBe('available/idle');
    expect(jobNow(id)).toMatchObject({ status: 'pending', attempts: 1, callback: place });
    await calling.advance(61 * second);
    expect(ghost()).toMatchObject({ queuedAtMs: place?.queuedAtMs });
  });

  it('keeps its place through kill -9, whether in line or not yet', async () => {
    await open();
    const { id, callback: place } = await requested();
    await calling.restart();
    await calling.advance(6 * second);
    expect(ghost()?.queuedAtMs).toBe(place?.queuedAtMs);
    await calling.restart();
    await calling.advance(6 * second);
    expect(ghost()?.queuedAtMs).toBe(place?.queuedAtMs);
    expect(jobNow(id)).toMatchObject({ status: 'active', attempts: 0 });
  });

  it('is given up when nobody could be reached by the end of its time', async () => {
    await open();
    const { id } = await requested();
    await calling.advance(3_700 * second);
    expect(jobNow(id)).toMatchObject({ status: 'finished', outcome: 'expired' });
    expect(types()).toEqual(['requested', 'failed']);
    expect(waiting()).toEqual([]);
  });

  it('is cancelled by people, in line and before', async () => {
    await open();
    const first = await requested();
    await calling.desk.cancel(first.id);
    await calling.advance(6 * second);
    const second_ = await requested('caller-2', '13800000002');
    await calling.advance(6 * second);
    expect(waiting()).toHaveLength(1);
    await calling.desk.cancel(second_.id);
    await calling.advance(1);
    expect([waiting(), types()]).toEqual([[], ['requested', 'cancelled', 'requested', 'cancelled']]);
  });

  it('waits for the calling hours, within its time, and refuses what cannot be', async () => {
    await open();
    const ask = (text: string) =>
      calling.callbacks.ask({
        callId: `rm-${text}`,
        number: text,
        queueId: 'sales',
        entryId: 'hotline',
        queuedAtMs: 0,
        priority: 0,
        data: {},
      });
    calling.doNotCall.numbers.add('+8613800000009');
    expect(await ask('13800000009')).toEqual({ ok: false, reason: 'doNotCall' });
    expect(await ask('13800000003&x')).toEqual({ ok: false, reason: 'number' });
    const first = await ask('13800000004');
    expect(await ask('13800000004')).toEqual(first);
    await ask('13800000005');
    expect(await ask('13800000006')).toEqual({ ok: false, reason: 'full' });
    await calling.house.clock.advance(12 * 3_600 * second);
    await calling.advance(1);
    expect(await ask('13800000007')).toEqual({ ok: false, reason: 'hours' });
    calling.jobs.away = true;
    await calling.house.clock.advance(12 * 3_600 * second);
    expect(await ask('13800000008')).toEqual({ ok: false, reason: 'unavailable' });
  });

  it('is not taken for a queue that calls nobody back', async () => {
    await open();
    const wish = { callId: 'rm-1', number, entryId: 'hotline', queuedAtMs: 0, priority: 0, data: {} };
    expect(await calling.callbacks.ask({ ...wish, queueId: 'service' })).toMatchObject({ reason: 'unavailable' });
  });
});

describe('customer first', () => {
  it('nobody is dialled while the turn is far; then the customer, who goes first in line', async () => {
    await open('customerFirst', ['ann']);
    const { house } = calling;
    const talk = await house.talking('talker', '13800000009');
    const { id } = await requested();
    await calling.advance(20 * second);
    expect([ghost()?.phase, waiting(), house.pbx.legs.has(customerLeg())]).toEqual(['waiting', [], false]);
    // Who comes behind is not held up, and knows of the place before it.
    house.pbx.arrive('caller-2', '13800000002');
    await settle();
    house.pbx.hangUp(talk.callerLegId);
    await calling.advance(10 * second);
    const other = house.calls.find(({ callerLegId }) => callerLegId === 'caller-2');
    expect(other?.phase).toBe('offering');
    house.desk.signIn('bob');
    await calling.advance(2 * second);
    expect(house.pbx.legs.has(customerLeg())).toBe(true);
    const leg = customerLeg();
    house.desk.pause('bob', 'tea');
    house.pbx.answer(leg);
    await calling.advance(1);
    const call = house.calls.find(({ callerLegId }) => callerLegId === leg);
    expect(call).toMatchObject({ phase: 'waiting', answered: true });
    expect(house.pbx.askedOf(leg)).toContain('startMusic');
    expect(types()).toEqual(['requested', 'due', 'reached']);
    expect(jobNow(id).outcome).toBe('answered');
    house.desk.setAvailable('bob');
    await settle();
    house.pbx.answer(house.board.calls.get(call?.id ?? '')?.offers?.[0]?.legId ?? '');
    await calling.advance(1);
    expect(house.board.calls.get(call?.id ?? '')?.phase).toBe('talking');
  });

  it('dials no more customers than there are agents for', async () => {
    await open('customerFirst');
    await requested();
    await requested('caller-2', '13800000002');
    calling.house.desk.signIn('ann');
    await calling.advance(20 * second);
    const dialled = calling.house.pbx.commands.filter(({ kind }) => kind === 'dial');
    expect(dialled).toHaveLength(1);
  });

  it('a customer who is busy is tried again, and nobody was bothered', async () => {
    await open('customerFirst');
    const { id } = await requested();
    calling.house.desk.signIn('ann');
    await calling.advance(8 * second);
    calling.house.pbx.hangUp(customerLeg(), 17);
    await calling.advance(1);
    expect(jobNow(id)).toMatchObject({ status: 'pending', attempts: 1, lastOutcome: 'busy' });
    expect(calling.house.agent('ann')).toBe('available/idle');
  });

  it('kill -9 while the customer is dialled: who answered meanwhile is in line, who rings still counts', async () => {
    await open('customerFirst', []);
    const { house } = calling;
    const { id } = await requested();
    house.desk.signIn('ann');
    await calling.advance(8 * second);
    const leg = customerLeg();
    expect(house.pbx.legs.has(leg)).toBe(true);
    calling.kill();
    const stands = house.pbx.legs.get(leg);
    if (stands) stands.answered = true;
    await calling.start();
    await calling.advance(1);
    const call = house.calls.find(({ callerLegId }) => callerLegId === leg);
    expect(['waiting', 'offering']).toContain(call?.phase);
    expect(jobNow(id)).toMatchObject({ status: 'finished', outcome: 'answered' });
  });
});

describe('a queue with hours', () => {
  const day = 86_400 * second;
  const span = (fromS: number, toS: number) => ({
    fromMs: (t0 % day) + fromS * second,
    toMs: (t0 % day) + toS * second,
  });
  /** Of UTC, every day: open between these, counted from the beginning of the test. */
  const opened = (fromS: number, toS: number): Partial<QueuePolicy> => ({
    hours: {
      schedule: {
        id: 'office',
        zone: timeZone('UTC'),
        weekly: Array.from({ length: 7 }, () => (fromS < toS ? [span(fromS, toS)] : [])),
        exceptions: new Map(),
        specialDays: new Map(),
        holidayHours: [],
        workdayAs: 0,
      },
      afterHours: { prompt: [], target: { kind: 'callback', queueId: 'sales' } },
      atClosing: 'serve',
    },
  });

  it.each(['agentFirst', 'customerFirst'] as const)('%s: nobody is dialled while it is closed', async (mode) => {
    await open(mode, [], opened(-600, 600));
    const { id, callback: place } = await requested();
    await calling.advance(10 * second);
    expect(ghost()).toBeDefined();
    await calling.advance(590 * second);
    calling.house.desk.signIn('ann');
    await calling.advance(60 * second);
    expect(calling.house.pbx.commands.some(({ kind }) => kind === 'dial')).toBe(false);
    expect(jobNow(id)).toMatchObject({ status: 'pending', dueAtMs: t0 + day });
    calling.house.desk.signOut('ann');
    await calling.restart();
    await calling.advance(day - 660 * second);
    expect(jobNow(id)).toMatchObject({ status: 'active', callback: place });
    expect(ghost()).toMatchObject({ queuedAtMs: place?.queuedAtMs });
  });

  it('who comes while it is closed may be called back when it opens, however far off that is', async () => {
    // An hour is kept, it opens after two.
    await open('agentFirst', ['ann'], opened(7_200, 10_000));
    calling.house.pbx.arrive('caller-1', number);
    await calling.advance(1 * second);
    const [job] = [...calling.jobs.rows.values()];
    expect(job).toMatchObject({
      status: 'pending',
      dueAtMs: t0 + 7_200 * second,
      // 2,800 s of the hour on the first day, the rest on the next.
      notAfterMs: t0 + day + 8_000 * second,
    });
    expect(calling.house.calls).toEqual([]);
    await calling.advance(7_205 * second);
    expect(ghost()).toMatchObject({ phase: 'offering', queuedAtMs: t0 });
  });

  it('that never opens takes none', async () => {
    await open('agentFirst', ['ann'], opened(0, 0));
    calling.house.pbx.arrive('caller-1', number);
    await calling.advance(1 * second);
    const refused = calling.house.journal.events.filter(({ type }) => type === 'call.callback.refused.v1');
    expect(refused.map(({ data }) => data)).toMatchObject([{ reason: 'hours' }]);
    expect(calling.house.pbx.askedOf('caller-1').at(-1)).toBe('leave');
  });
});
