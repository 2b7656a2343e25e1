import { afterEach, describe, expect, it } from 'vitest';
import type { Call } from '../../src/call/index.ts';
import { profile, queue } from '../routing/fixtures.ts';
import { settle } from '../support/fake-clock.ts';
import { House, type HouseOptions } from './house.ts';

let house: House;
const bob = { kind: 'agent', agentId: 'bob' } as const;
const outside = { kind: 'number', number: '10086' } as const;
const queues = [queue('sales', { wrapUpMs: 10_000 }), queue('service', { wrapUpMs: 4_000 })];
const agents = [profile('ann', { queues: ['sales'] }), profile('bob', { queues: ['service'] })];

afterEach(() => {
  house.assertSound();
});

/** Ann talks with the caller, Bob is free. */
async function open(options: HouseOptions = {}): Promise<Call> {
  house = await House.open({ queues, agents, ...options });
  const call = await house.talking();
  await house.clock.advance(5_000);
  return call;
}

async function ask(target: Parameters<House['desk']['control']['consult']>[1] = bob): Promise<string> {
  const { id } = house.call;
  expect(house.desk.control.consult(id, target, 'ann')).toEqual({ ok: true });
  await settle();
  return house.call.consult?.legId ?? '';
}

async function inPrivate(target: Parameters<typeof ask>[0] = bob): Promise<string> {
  const legId = await ask(target);
  house.pbx.answer(legId);
  await settle();
  return legId;
}

const act = (name: 'complete' | 'cancel' | 'swap' | 'merge', by = 'ann') =>
  house.desk.control.consultAction(house.calls[0]?.id ?? '', name, by);
const code = (outcome: { ok: boolean; code?: string }): string => (outcome.ok ? 'ok' : (outcome.code ?? ''));

describe('who is asked', () => {
  it('is reserved as for an offer: no second call is offered meanwhile, nor after the answer', async () => {
    await open({ agents: [profile('ann'), profile('bob')] });
    const legId = await ask();
    expect(house.agent('bob')).toBe('available/offered');
    house.pbx.arrive('caller-2');
    await settle();
    expect(house.calls[1]).toMatchObject({ phase: 'waiting' });
    house.pbx.answer(legId);
    await settle();
    expect(house.agent('bob')).toBe('available/talking');
    expect(house.calls[1]).toMatchObject({ phase: 'waiting' });
    act('cancel');
    await settle();
    expect(house.calls[1]).toMatchObject({ phase: 'offering', offers: [{ token: { agentId: 'bob' } }] });
  });

  it.each([
    ['signed out', () => house.desk.signOut('bob'), 'agent.signed_out'],
    ['paused', () => house.desk.pause('bob', 'lunch'), 'agent.not_free'],
    ['busy on the phone', () => house.phones.set('PJSIP/bob', 'inUse'), 'agent.not_free'],
  ])('is refused at once when %s', async (_name, arrange, expected) => {
    await open();
    arrange();
    expect(code(house.desk.control.consult(house.call.id, bob, 'ann'))).toBe(expected);
    expect(house.call.phase).toBe('talking');
    expect(house.call.consult).toBeUndefined();
  });

  it('can be whoever of a queue is free; nobody free is told at once', async () => {
    await open();
    const service = { kind: 'queue', queueId: 'service' } as const;
    await ask(service);
    expect(house.call.consult).toMatchObject({ party: { agentId: 'bob', queueId: 'service' } });
    act('cancel');
    await settle();
    house.desk.pause('bob', 'lunch');
    expect(code(house.desk.control.consult(house.call.id, service, 'ann'))).toBe('call.nobody_free');
  });

  it('has the call on screen, may decline it there, and may silence only itself', async () => {
    await open();
    await inPrivate();
    const { call } = house.desk.snapshot().calls[0] ?? {};
    expect(call).toMatchObject({ agentId: 'ann', consult: { agentId: 'bob', state: 'private' } });
    expect(code(house.desk.control.mute(house.call.id, true, 'bob'))).toBe('ok');
    expect(house.call).toMatchObject({ consult: { muted: true }, talk: { agentId: 'ann' } });
    expect(house.call.talk?.muted).toBeUndefined();
    for (const outcome of [act('complete', 'bob'), house.desk.control.sendKeys(house.call.id, '1', 'bob')]) {
      expect(code(outcome)).toBe('call.not_yours');
    }
    expect(code(house.desk.hangUp(house.call.id, 'bob'))).toBe('ok');
    await settle();
    expect(house.call).toMatchObject({ phase: 'talking', consult: undefined });
  });

  it('declines on screen: the agent is back with the caller', async () => {
    await open();
    const legId = await ask();
    expect(code(house.desk.reject(house.call.id, 'bob'))).toBe('ok');
    await settle();
    expect(house.pbx.legs.has(legId)).toBe(false);
    expect(house.pbx.together()).toEqual([['caller-1', house.call.talk?.legId]]);
    expect(house.agent('bob')).toBe('available/idle');
  });

  it('rings no longer than the queue says, a number outside no longer than the config says', async () => {
    await open();
    await ask();
    await house.clock.advance(20_000);
    expect(house.call).toMatchObject({ phase: 'talking', consult: undefined });
    await ask(outside);
    await house.clock.advance(44_000);
    expect(house.call.consult).toMatchObject({ stage: 'dialled' });
    await house.clock.advance(2_000);
    expect(house.call).toMatchObject({ phase: 'talking', consult: undefined });
  });
});

describe('wrap-up after a consultation', () => {
  it('is each agent’s own, by the queue in which each worked', async () => {
    await open();
    await inPrivate();
    act('complete');
    await settle();
    expect([house.agent('ann'), house.agent('bob')]).toEqual(['available/wrapUp', 'available/talking']);
    await house.clock.advance(2_000);
    house.pbx.hangUp('caller-1');
    await settle();
    expect([house.agent('ann'), house.agent('bob')]).toEqual(['available/wrapUp', 'available/wrapUp']);
    await house.clock.advance(4_000);
    expect([house.agent('ann'), house.agent('bob')]).toEqual(['available/wrapUp', 'available/idle']);
    expect(house.calls).toEqual([]);
    await house.clock.advance(4_000);
    expect(house.agent('ann')).toBe('available/idle');
  });

  it('is for both who were in the conference that the caller ended', async () => {
    await open();
    await inPrivate();
    act('merge');
    await settle();
    expect(house.pbx.together()[0]).toHaveLength(3);
    house.pbx.hangUp('caller-1');
    await settle();
    expect([house.agent('ann'), house.agent('bob')]).toEqual(['available/wrapUp', 'available/wrapUp']);
    await house.clock.advance(20_000);
    expect([house.calls, house.pbx.legs.size, house.pbx.bridges.size]).toEqual([[], 0, 0]);
  });

  it('is for nobody who only gave advice', async () => {
    await open();
    await inPrivate();
    act('cancel');
    await settle();
    expect(house.agent('bob')).toBe('available/idle');
  });
});

describe('commands meanwhile', () => {
  it('that would break the consultation are refused', async () => {
    await open();
    await inPrivate();
    const { id } = house.call;
    expect(code(house.desk.resume(id, 'ann'))).toBe('call.consulting');
    expect(code(house.desk.transfer(id, outside, 'ann'))).toBe('call.consulting');
    expect(code(house.desk.control.consult(id, outside, 'ann'))).toBe('call.consulting');
    act('merge');
    expect(code(house.desk.hold(id, 'ann'))).toBe('call.consulting');
    expect(code(act('swap'))).toBe('call.wrong_phase');
  });

  it('and a caller whom the phone holds: refused', async () => {
    const { talk } = await open();
    house.pbx.tell({ kind: 'legHeld', legId: talk?.legId ?? '' });
    expect(code(house.desk.control.consult(house.call.id, bob, 'ann'))).toBe('call.held_by_phone');
    expect(house.agent('bob')).toBe('available/idle');
  });

  it('need a consultation, and an answer', async () => {
    await open();
    expect(code(act('complete'))).toBe('call.no_consult');
    await ask();
    expect(code(act('complete'))).toBe('call.consult_unanswered');
    expect(code(act('cancel'))).toBe('ok');
  });

  it('and the link away: refused', async () => {
    await open();
    house.pbx.down();
    expect(code(house.desk.control.consult(house.call.id, bob, 'ann'))).toBe('pbx.link_down');
    expect(house.agent('bob')).toBe('available/idle');
  });

  it('a number outside takes over: the call ends with the caller, no agent is held', async () => {
    await open();
    await inPrivate(outside);
    act('complete');
    await settle();
    expect(house.call.phase).toBe('outside');
    expect(house.agent('ann')).toBe('available/wrapUp');
    expect(house.pbx.together()).toHaveLength(1);
    await house.restart();
    expect(house.call.phase).toBe('outside');
    house.pbx.hangUp('caller-1');
    await settle();
    expect([house.calls, house.pbx.legs.size]).toEqual([[], 0]);
  });
});

describe('killed and started again', () => {
  it('while the other rings: taken back, the agent is with the caller', async () => {
    await open();
    const legId = await ask();
    await house.restart();
    expect(house.pbx.legs.has(legId)).toBe(false);
    expect(house.pbx.together()).toEqual([['caller-1', house.call.talk?.legId]]);
    expect([house.agent('ann'), house.agent('bob')]).toEqual(['available/talking', 'available/idle']);
  });

  it('and the other has answered meanwhile: they talk', async () => {
    await open();
    const legId = await ask();
    house.kill();
    house.pbx.answer(legId);
    await house.restart();
    expect(house.pbx.together()).toEqual([[house.call.talk?.legId, legId]]);
    expect(house.agent('bob')).toBe('available/talking');
  });

  it('in private: they go on, and can complete', async () => {
    await open();
    const legId = await inPrivate();
    await house.restart();
    expect(house.pbx.together()).toEqual([[house.call.talk?.legId, legId]]);
    expect([house.agent('ann'), house.agent('bob')]).toEqual(['available/talking', 'available/talking']);
    act('complete');
    await settle();
    expect(house.pbx.together()).toEqual([['caller-1', legId]]);
  });

  it('and the agent hung up meanwhile: the other has the caller', async () => {
    await open();
    const legId = await inPrivate();
    const agentLeg = house.call.talk?.legId ?? '';
    house.kill();
    house.pbx.hangUp(agentLeg);
    await house.restart();
    expect(house.call).toMatchObject({ phase: 'talking', talk: { agentId: 'bob' } });
    expect(house.pbx.together()).toEqual([['caller-1', legId]]);
    expect([house.agent('ann'), house.agent('bob')]).toEqual(['available/wrapUp', 'available/talking']);
  });

  it('before the store knew that somebody was asked: the caller is back with the agent', async () => {
    const call = await open();
    const bridge = house.pbx.bridges.get(`${call.id}.bridge`);
    house.kill();
    bridge?.delete('caller-1');
    const variables = { RINGMASTER_LEG: `${call.id},bob` };
    const lost = { legId: `${call.id}.agent2`, answered: false, callerNumber: '', dialledNumber: '', variables };
    house.pbx.legs.set(lost.legId, lost);
    await house.restart();
    expect(house.pbx.legs.has(lost.legId)).toBe(false);
    expect(house.pbx.together()).toEqual([['caller-1', call.talk?.legId]]);
  });
});

describe('the link breaks', () => {
  it('and who was rung is gone when it is back: nobody is blamed', async () => {
    await open();
    const legId = await ask();
    house.pbx.down();
    house.pbx.hangUp(legId);
    house.pbx.up();
    await settle();
    expect(house.call).toMatchObject({ phase: 'talking', consult: undefined });
    const told = house.journal.events.filter(({ type }) => type === 'call.consult.ended.v1');
    expect(told).toMatchObject([{ data: { outcome: 'withdrawn' }, reconciled: true }]);
  });

  it('and the ring time is over meanwhile: nobody rings, the caller waits for the agent to come back', async () => {
    await open();
    await ask();
    house.pbx.down();
    await house.clock.advance(30_000);
    house.pbx.up();
    await settle();
    expect(house.pbx.legs.size).toBe(2);
    expect(house.call).toMatchObject({ phase: 'held', consult: undefined });
    expect(house.desk.resume(house.call.id, 'ann')).toEqual({ ok: true });
    await settle();
    expect(house.pbx.together()).toEqual([['caller-1', house.call.talk?.legId]]);
  });
});
