import { describe, expect, it } from 'vitest';
import type { CommandErrorCode, FrontDoor } from '../../src/bridge/index.ts';
import type { CallPhase } from '../../src/call/index.ts';
import { queue } from '../routing/fixtures.ts';
import { settle } from '../support/fake-clock.ts';
import { House } from './house.ts';

type Verdict = 'ok' | CommandErrorCode;
const phases = ['waiting', 'pending', 'ringing', 'talking', 'held', 'wrapUp', 'none'] as const;
type Place = (typeof phases)[number];
type Six = [Verdict, Verdict, Verdict, Verdict, Verdict, Verdict];

/** A house with its only call in a phase; ann is the agent. */
async function houseIn(place: Place): Promise<{ house: House; callId: string }> {
  const isPending = place === 'pending';
  const house = await House.open(
    { queues: [queue('sales', { offer: isPending ? 'accept' : 'ring' })] },
    place === 'waiting' ? [] : ['ann'],
  );
  if (place === 'none') return { house, callId: 'rm-0' };
  if (place === 'waiting' || isPending) {
    house.pbx.arrive('caller-1');
    await settle();
    return { house, callId: house.call.id };
  }
  const { id } = place === 'ringing' ? await house.ringing() : await house.talking();
  if (place === 'held') house.desk.hold(id);
  await house.clock.advance(5000);
  if (place === 'wrapUp') house.pbx.hangUp('caller-1');
  await settle();
  return { house, callId: id };
}

const wrong = 'call.wrong_phase' as const;
const unknown = 'call.unknown' as const;
const noOffer = 'agent.no_offer' as const;
const queueTarget = { kind: 'queue', queueId: 'sales' } as const;

/** What each command of ann's gives in each place. */
const table: [string, (door: FrontDoor, callId: string) => ReturnType<FrontDoor['hold']>, Record<Place, Verdict>][] = [
  ['accept', (door, id) => door.accept(id, 'ann'), row(noOffer, 'ok', wrong, noOffer, noOffer, noOffer)],
  ['reject', (door, id) => door.reject(id, 'ann'), row(noOffer, 'ok', 'ok', noOffer, noOffer, noOffer)],
  ['hold', (door, id) => door.hold(id, 'ann'), row('call.not_yours', wrong, wrong, 'ok', wrong, wrong)],
  ['resume', (door, id) => door.resume(id, 'ann'), row('call.not_yours', wrong, wrong, wrong, 'ok', wrong)],
  [
    'transfer',
    (door, id) => door.transfer(id, queueTarget, 'ann'),
    row('call.not_yours', wrong, wrong, 'ok', 'ok', wrong),
  ],
  ['hang up', (door, id) => door.hangUp(id, 'ann'), row('call.not_yours', wrong, wrong, 'ok', 'ok', wrong)],
  ['hang up by an integration', (door, id) => door.hangUp(id), row('ok', 'ok', 'ok', 'ok', 'ok', wrong)],
  [
    'attach data',
    (door, id) => door.attachData(id, { a: '1' }, 'ann'),
    row('call.not_yours', 'ok', 'ok', 'ok', 'ok', 'ok'),
  ],
  [
    'end wrap-up',
    (door) => door.endWrapUp('ann'),
    { ...row(...fill('agent.no_wrap_up')), wrapUp: 'ok', none: 'agent.no_wrap_up' },
  ],
];

function row(...[waiting, pending, ringing, talking, held, wrapUp]: Six): Record<Place, Verdict> {
  return { waiting, pending, ringing, talking, held, wrapUp, none: unknown };
}
function fill(verdict: Verdict): Six {
  return [verdict, verdict, verdict, verdict, verdict, verdict];
}

describe('what an agent may ask, and when', () => {
  const cases = table.flatMap(([name, ask, verdicts]) =>
    phases.map((place) => [name, place, ask, verdicts[place]] as const),
  );
  it.each(cases)('%s, %s', async (_name, place, ask, verdict) => {
    const { house, callId } = await houseIn(place);
    const before = house.calls[0];
    const outcome = ask(house.desk, callId);
    expect(outcome.ok ? 'ok' : outcome.code).toBe(verdict);
    expect(outcome.ok || house.calls[0] === before).toBe(true);
    await settle();
    expect(house.journal.faults).toEqual([]);
  });
});

it("another agent's call is not ours", async () => {
  const { house, callId } = await houseIn('talking');
  for (const outcome of [
    house.desk.hold(callId, 'bob'),
    house.desk.hangUp(callId, 'bob'),
    house.desk.transfer(callId, queueTarget, 'bob'),
    house.desk.attachData(callId, {}, 'bob'),
  ]) {
    expect(outcome).toMatchObject({ ok: false, kind: 'conflict', code: 'call.not_yours' });
  }
});

it('a target that is not there is refused before anything moves', async () => {
  const { house, callId } = await houseIn('talking');
  for (const target of [
    { kind: 'queue', queueId: 'x' },
    { kind: 'agent', agentId: 'x' },
  ] as const) {
    expect(house.desk.transfer(callId, target)).toMatchObject({ kind: 'unknown', code: 'call.target_unknown' });
  }
  expect(house.call.phase).toBe('talking');
});

it('an agent who is signed out gets no transfer', async () => {
  const { house, callId } = await houseIn('talking');
  const target = { kind: 'agent', agentId: 'bob' } as const;
  expect(house.desk.transfer(callId, target)).toMatchObject({ kind: 'conflict', code: 'agent.signed_out' });
  expect(house.call.phase).toBe('talking');
  house.desk.signIn('bob');
  expect(house.desk.transfer(callId, target)).toEqual({ ok: true });
});

it('a call that the phone holds is brought back by the phone', async () => {
  const { house, callId } = await houseIn('talking');
  const legId = house.call.talk?.legId ?? '';
  house.pbx.tell({ kind: 'legHeld', legId });
  expect(house.desk.resume(callId, 'ann')).toMatchObject({ kind: 'conflict', code: 'call.held_by_phone' });
  expect(house.call.phase).toBe('held');
  house.pbx.tell({ kind: 'legUnheld', legId });
  expect(house.call.phase).toBe('talking');
});

it('nothing is promised about a call whose PBX is out of reach; data can still be attached', async () => {
  const asks = (house: House, callId: string) => [
    house.desk.hold(callId),
    house.desk.hangUp(callId),
    house.desk.transfer(callId, queueTarget),
  ];
  const talking = await houseIn('talking');
  talking.house.pbx.down();
  const ringing = await houseIn('ringing');
  ringing.house.pbx.down();
  for (const outcome of [...asks(talking.house, talking.callId), ringing.house.desk.reject(ringing.callId, 'ann')]) {
    expect(outcome).toMatchObject({ kind: 'unavailable', code: 'pbx.link_down' });
  }
  expect(talking.house.call.phase).toBe('talking');
  expect(talking.house.desk.attachData(talking.callId, { a: '1' })).toEqual({ ok: true });
  talking.house.pbx.up();
  expect(talking.house.desk.hold(talking.callId)).toEqual({ ok: true });
});

it('a transferred caller waits anew in the figures', async () => {
  const { house, callId } = await houseIn('talking');
  await house.clock.advance(60_000);
  house.desk.transfer(callId, { kind: 'queue', queueId: 'sales' });
  await house.clock.advance(1000);
  expect(house.desk.queue('sales')).toMatchObject({ waiting: 1, longestWaitMs: 1000 });
  expect(house.call.queuedAtMs).toBeLessThan(house.clock.nowMs() - 60_000);
});

it('people who are not there, or not at work', async () => {
  const house = await House.open({}, []);
  expect(house.desk.signIn('x')).toMatchObject({ kind: 'unknown', code: 'agent.unknown' });
  expect(house.desk.pause('ann', 'lunch')).toMatchObject({ kind: 'conflict', code: 'agent.signed_out' });
  expect(house.desk.setAvailable('ann')).toMatchObject({ code: 'agent.signed_out' });
  expect(house.desk.signOut('ann')).toEqual({ ok: true });
});

it('the snapshot shows all that is alive', async () => {
  const { house, callId } = await houseIn('talking');
  const { calls, agents, queues } = house.desk.snapshot();
  const phase: CallPhase = 'talking';
  expect(calls).toMatchObject([{ call: { id: callId, phase, agentId: 'ann' }, customer: { status: 'none' } }]);
  expect(agents.map(({ id, routing }) => `${id} ${routing}`)).toEqual(['ann talking', 'bob idle']);
  expect(queues).toMatchObject([{ id: 'sales', waiting: 0, agentsSignedIn: 1 }]);
  expect(house.desk.queue('x')).toBeUndefined();
  expect(house.desk.agent('x')).toBeUndefined();
});

it('what is known of a call and its agent is stale from the loss of the link until the comparison', async () => {
  const { house, callId } = await houseIn('talking');
  const stale = () => {
    const { calls, agents } = house.desk.snapshot();
    const marks = [calls[0]?.call, house.desk.call(callId)?.call, house.desk.agent('ann'), agents[0], agents[1]];
    return marks.map((view) => view?.stale);
  };
  const never = [undefined, undefined, undefined, undefined, undefined];
  expect(stale()).toEqual(never);
  house.pbx.down();
  expect(stale()).toEqual([true, true, true, true, undefined]);
  house.pbx.up();
  expect(stale()).toEqual(never);
});
