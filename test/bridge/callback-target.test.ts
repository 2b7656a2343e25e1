import { afterEach, expect, it } from 'vitest';
import type { CallbackOffer } from '../../src/call/index.ts';
import { entry } from '../call/fixtures.ts';
import { queue } from '../routing/fixtures.ts';
import { settle } from '../support/fake-clock.ts';
import { House } from './house.ts';

const second = 1_000;
const number = '13800000001';
const callback: CallbackOffer = {
  key: '1',
  afterMs: 30 * second,
  answerMs: 8 * second,
  attempts: 2,
  mode: 'agentFirst',
  leadMs: 30 * second,
  graceMs: 5 * second,
  keepMs: 3_600 * second,
  pendingMax: 10,
  prompts: { '*': { offer: [], confirm: [], enter: [], accepted: ['sound:goodbye'], refused: [] } },
};

let house: House;
afterEach(() => house.assertSound());

/** A caller whose wait is over and who was sent to be called back by the agents of `service`. */
async function sent({ holds = false, from = number } = {}): Promise<void> {
  const sales = queue('sales', { maxWaitMs: 60 * second, overflow: { kind: 'callback', queueId: 'service' } });
  const queues = [sales, queue('service', { callback })];
  house = await House.open({ queues, entries: [{ ...entry, greeting: [] }] }, []);
  house.outbound.holds = holds;
  house.pbx.arrive('caller-1', from);
  await settle();
  await house.clock.advance(60 * second);
}
const told = (type: string): object[] =>
  house.journal.events.filter((event) => event.type === type).map(({ data }) => data);
const inLine = (): number => [...house.board.desk.engine.waitingCalls()].length;

it('who has waited for too long hears goodbye, keeps the age and is called back', async () => {
  await sent();
  const { id, queuedAtMs } = house.call;
  expect(house.outbound.wishes).toEqual([
    { callId: id, number, queueId: 'service', entryId: 'hotline', queuedAtMs, priority: 0, data: {} },
  ]);
  expect([inLine(), house.pbx.askedOf('caller-1').at(-1)]).toEqual([0, 'play']);
  house.pbx.tell({ kind: 'playbackEnded', playbackId: `${id}.wait${house.call.wait?.plays}`, failed: false });
  await settle();
  expect([house.calls, house.pbx.legs.size]).toEqual([[], 0]);
  expect(told('call.overflowed.v1')).toMatchObject([{ target: 'callback:service', reason: 'maxWait' }]);
  expect(told('call.ended.v1')).toMatchObject([{ reason: 'callback' }]);
});

it('nobody is offered a caller who is out of the queue already', async () => {
  await sent({ holds: true });
  house.desk.signIn('ann');
  await settle();
  expect([house.call.phase, house.agent('ann'), inLine()]).toEqual(['waiting', 'available/idle', 0]);
});

it('a hidden number, a refusal and silence lead to the fallback', async () => {
  await sent({ from: 'anonymous' });
  expect(house.pbx.askedOf('caller-1').at(-1)).toBe('leave');
  await sent({ holds: true });
  house.outbound.heldCallbacks[0]?.({ ok: false, reason: 'doNotCall' });
  await settle();
  expect(house.pbx.askedOf('caller-1').at(-1)).toBe('leave');
  await sent({ holds: true });
  await house.clock.advance(10 * second);
  expect(house.pbx.askedOf('caller-1').at(-1)).toBe('leave');
  expect(told('call.callback.refused.v1')).toMatchObject([{ reason: 'late' }]);
  // What is written down after all is one callback too many for who was sent elsewhere.
  house.outbound.heldCallbacks[0]?.({ ok: true, callbackId: 'job1' });
  await settle();
  expect(house.calls).toEqual([]);
});

it('killed while it is written down: asked for again by the next life, once, and not in line', async () => {
  await sent({ holds: true });
  await house.restart();
  expect(house.outbound.wishes.map(({ callId, queueId }) => [callId, queueId])).toEqual([
    [house.call.id, 'service'],
    [house.call.id, 'service'],
  ]);
  expect(inLine()).toBe(0);
  house.outbound.heldCallbacks[1]?.({ ok: true, callbackId: 'job1' });
  await settle();
  expect(house.pbx.askedOf('caller-1').at(-1)).toBe('play');
});

it('a shutdown waits for the word, and goes round in no circle', async () => {
  await sent({ holds: true });
  house.board.drain();
  await settle();
  expect(house.call.wait?.callback?.stage).toBe('sent');
  house.outbound.heldCallbacks[0]?.({ ok: true, callbackId: 'job1' });
  await settle();
  expect(told('call.ended.v1')).toMatchObject([{ reason: 'callback' }]);
});
