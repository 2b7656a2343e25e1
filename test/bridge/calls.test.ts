import { afterEach, describe, expect, it } from 'vitest';
import { entry } from '../call/fixtures.ts';
import { profile, queue } from '../routing/fixtures.ts';
import { settle } from '../support/fake-clock.ts';
import { customer } from './fake-neighbours.ts';
import { House, type HouseOptions } from './house.ts';

let house: House;
const open = async (options?: HouseOptions, signedIn?: readonly string[]): Promise<House> =>
  (house = await House.open(options, signedIn));

/** Whatever a test did: all that was published fits the catalogue, nothing broke, nobody is left reserved. */
afterEach(() => {
  house.assertSound();
});

const shortTypes = (): string[] => house.journal.types('call.').map((type) => type.slice(5, -3));

describe('a call that is offered to several servers', () => {
  const wants = (dialledNumber = '4001'): boolean => house.pbx.wants({ nodeId: 'pbx1', dialledNumber });

  it('is wanted when it is for one of our numbers', async () => {
    await open();
    expect([wants(), wants('4999')]).toEqual([true, false]);
  });

  it('is not wanted while the server shuts down, nor when it is full', async () => {
    await open({ callsMax: 1 });
    await house.ringing();
    expect(wants()).toBe(false);
    await open();
    house.board.drain();
    expect(wants()).toBe(false);
  });
});

describe('a whole call', () => {
  it('from arrival to the end of wrap-up', async () => {
    await open();
    house.lookup.known.set('13800000001', customer({ vip: true }));
    const { id, talk } = await house.talking();
    expect(house.pbx.together()).toEqual([['caller-1', talk?.legId]]);
    expect(house.agent('ann')).toBe('available/talking');
    await house.clock.advance(60_000);
    house.pbx.hangUp('caller-1');
    await settle();
    expect(house.agent('ann')).toBe('available/wrapUp');
    expect(house.pbx.legs.size + house.pbx.bridges.size).toBe(0);
    await house.clock.advance(10_000);
    expect(house.desk.call(id)).toBeUndefined();
    expect(house.agent('ann')).toBe('available/idle');
    expect(shortTypes()).toEqual([
      'arrived',
      'customer.updated',
      'queued',
      'offered',
      'offer.ringing',
      'answered',
      'connected',
      'wrapup.started',
      'ended',
    ]);
  });

  it('with every kind of event on the way', async () => {
    await open({ entries: [entry] });
    house.lookup.known.set('13800000001', customer());
    house.pbx.arrive('caller-1');
    await house.clock.advance(10_000);
    house.pbx.hangUp(house.call.offers?.[0]?.legId ?? '', 17);
    await settle();
    house.pbx.answer(house.call.offers?.[0]?.legId ?? '');
    await settle();
    const { id } = house.call;
    expect(house.desk.hold(id, 'bob')).toEqual({ ok: true });
    await settle();
    expect(house.desk.resume(id, 'bob')).toEqual({ ok: true });
    house.desk.attachData(id, { order: '7' }, 'bob');
    await house.clock.advance(5000);
    house.desk.transfer(id, { kind: 'queue', queueId: 'service' }, 'bob');
    await settle();
    expect(house.call).toMatchObject({ phase: 'waiting', queueId: 'service', data: { order: '7' } });
    await house.clock.advance(600_000);
    expect(house.calls).toEqual([]);
    const seen = new Set(house.journal.types());
    for (const type of ['offer.ended', 'held', 'resumed', 'transferred', 'overflowed', 'ended']) {
      expect(seen).toContain(`call.${type}.v1`);
    }
    expect(seen).toContain('agent.state.v1');
    expect(seen).toContain('queue.stats.v1');
  });

  it('of a caller of whom little is known', async () => {
    await open();
    for (const result of [
      { status: 'ambiguous', source: 'crm:test', candidates: [{ id: 'a', name: 'A' }] },
      { status: 'error', source: 'crm:test', code: 'crm.timeout' },
      { status: 'pending', source: 'nobody' },
    ] as const) {
      house.lookup.known.set('13800000001', result);
      const { id, offers: [offer] = [] } = await house.ringing(`caller-${result.status}`);
      expect(offer).toBeDefined();
      house.desk.hangUp(id);
    }
    await settle();
    expect(house.calls).toEqual([]);
  });
});

describe('mailboxes', () => {
  it('keep the order with a lookup that answers from inside the question', async () => {
    await open();
    await house.ringing();
    const sequences = house.journal.events.flatMap(({ callSequence }) => callSequence ?? []);
    expect(sequences).toEqual([1, 2, 3, 4, 5]);
  });

  it('a call that ends while routing decides does not keep the agent', async () => {
    await open();
    house.pbx.refusals.set('startMusic', { ok: false, failure: 'gone' });
    house.pbx.arrive('caller-1');
    await settle();
    expect(house.calls).toEqual([]);
    expect(house.agent('ann')).toBe('available/idle');
  });

  it('a caller who leaves a ringing phone is offered to nobody else', async () => {
    await open();
    await house.ringing();
    house.pbx.hangUp('caller-1');
    await settle();
    expect([house.agent('ann'), house.agent('bob')]).toEqual(['available/idle', 'available/idle']);
    const offeredTo = house.journal.events.flatMap(({ type, data }) =>
      type === 'agent.state.v1' && JSON.stringify(data).includes('"routing":"offered"') ? [JSON.stringify(data)] : [],
    );
    expect(offeredTo.every((text) => text.includes('"id":"ann"'))).toBe(true);
  });

  it('a PBX that refuses every dial at once does not make us spin', async () => {
    await open({}, ['ann']);
    const refuse = (): void => void house.pbx.refusals.set('dial', { ok: false, failure: 'unavailable' });
    refuse();
    house.pbx.arrive('caller-1');
    await settle();
    expect(house.call.phase).toBe('waiting');
    expect(house.pbx.commands.filter(({ kind }) => kind === 'dial')).toHaveLength(1);
    await house.clock.advance(30_000);
    expect(house.call.phase).toBe('offering');
  });

  it('a blacklisted caller with a queue of its own, found late while an offer is on its way', async () => {
    await open({ entries: [{ ...entry, greeting: [], blacklisted: { kind: 'queue', queueId: 'service' } }] });
    house.lookup.known.set('13800000001', customer({ blacklisted: true }));
    house.pbx.arrive('caller-1');
    await settle();
    expect(house.call).toMatchObject({ phase: 'waiting', queueId: 'service' });
  });
});

describe('the agent', () => {
  it('signs out while the phone rings: the next one', async () => {
    await open();
    await house.ringing();
    house.desk.signOut('ann');
    await settle();
    expect(house.call.offers?.[0]?.token.agentId).toBe('bob');
    expect(house.agent('ann')).toBe('signedOut/idle');
    expect(house.pbx.legs.size).toBe(2);
  });

  it('answers in the moment of the withdrawal: hung up, nobody joined', async () => {
    await open({}, ['ann']);
    const { offers: [offer] = [] } = await house.ringing();
    house.desk.signOut('ann');
    house.pbx.answer(offer?.legId ?? '');
    await settle();
    expect(house.pbx.together()).toEqual([]);
    expect(house.pbx.legs.has(offer?.legId ?? '')).toBe(false);
    expect(house.call.phase).toBe('waiting');
  });

  it('drops the caller: back, first in line, to the other', async () => {
    await open();
    const { talk, queuedAtMs } = await house.talking();
    house.pbx.hangUp(talk?.legId ?? '');
    await settle();
    expect(house.call).toMatchObject({ phase: 'offering', returned: true, queuedAtMs });
    expect(house.call.offers?.[0]?.token.agentId).toBe('bob');
  });

  it('is alone and drops the caller: called again after the rest', async () => {
    await open({}, ['ann']);
    const { talk } = await house.talking();
    house.pbx.hangUp(talk?.legId ?? '');
    await settle();
    expect(house.call.phase).toBe('waiting');
    await house.clock.advance(30_000);
    expect(house.call.phase).toBe('offering');
  });

  it('who passed the call on writes up by the rules of the queue left', async () => {
    await open({ queues: [queue('sales', { wrapUpMs: 10_000 }), queue('service', { wrapUpMs: 0 })] });
    const { id } = await house.talking();
    await house.clock.advance(5000);
    house.desk.transfer(id, { kind: 'queue', queueId: 'service' }, 'ann');
    expect(house.agent('ann')).toBe('available/wrapUp');
  });

  it('accepts on screen before the phone rings', async () => {
    await open({ queues: [queue('sales', { offer: 'accept' })] });
    house.pbx.arrive('caller-1');
    await settle();
    const { id } = house.call;
    expect(house.pbx.commands.some(({ kind }) => kind === 'dial')).toBe(false);
    expect(house.desk.accept(id, 'bob')).toMatchObject({ code: 'agent.no_offer' });
    expect(house.desk.accept(id, 'ann')).toEqual({ ok: true });
    expect(house.desk.accept(id, 'ann')).toMatchObject({ code: 'call.wrong_phase' });
  });
});

describe('phones', () => {
  it('that are busy with calls that are not ours get none of ours', async () => {
    await open();
    house.phones.set('PJSIP/ann', 'inUse');
    const { offers: [offer] = [] } = await house.ringing();
    expect(offer?.token.agentId).toBe('bob');
  });

  it('of which nothing is known any more count as free', async () => {
    await open({}, ['ann']);
    house.phones.link('up');
    house.phones.set('PJSIP/ann', 'inUse');
    house.pbx.arrive('caller-1');
    await settle();
    expect(house.call.phase).toBe('waiting');
    house.phones.link('down');
    expect(house.call.phase).toBe('offering');
  });

  it('a PBX that started anew is told', async () => {
    await open();
    house.phones.restarted();
    expect(house.journal.types('pbx.')).toContain('pbx.restarted.v1');
  });
});

describe('limits', () => {
  it('draining: waiting ones to the fallback, talking ones go on, new ones are turned away unasked', async () => {
    await open({}, ['ann']);
    const { id } = await house.talking();
    house.pbx.arrive('caller-2');
    await settle();
    const asked = house.lookup.asked.length;
    house.board.drain();
    house.pbx.arrive('caller-3');
    await settle();
    expect(house.calls.map((call) => call.id)).toEqual([id]);
    expect(house.pbx.askedOf('caller-2').at(-1)).toBe('leave');
    expect(house.pbx.askedOf('caller-3')).toEqual(['leave']);
    expect(house.lookup.asked).toHaveLength(asked);
    expect(house.desk.transfer(id, { kind: 'queue', queueId: 'service' })).toMatchObject({ code: 'server.draining' });
    expect(house.desk.signIn('bob')).toMatchObject({ code: 'server.draining' });
  });

  it('draining: a caller who comes back from an agent does not wait for ever', async () => {
    await open();
    const { talk } = await house.talking();
    house.board.drain();
    house.pbx.hangUp(talk?.legId ?? '');
    await settle();
    expect(house.calls).toEqual([]);
    expect(house.pbx.askedOf('caller-1').at(-1)).toBe('leave');
  });

  it('callsMax: one more goes to the fallback', async () => {
    await open({ callsMax: 1 });
    await house.ringing('caller-1');
    house.pbx.arrive('caller-2');
    await settle();
    expect(house.calls).toHaveLength(1);
    expect(house.pbx.askedOf('caller-2')).toEqual(['leave']);
  });

  it('an entry nobody configured is refused', async () => {
    await open({ entries: [{ ...entry, number: '4002', greeting: [] }] });
    house.pbx.arrive('caller-1', '138', '9999');
    await settle();
    expect(house.calls).toEqual([]);
    expect(house.pbx.askedOf('caller-1')).toContain('hangup');
  });

  it('a ring of overflows ends at the fallback', async () => {
    const ring = (id: string, other: string) =>
      queue(id, { maxWaitMs: 1000, overflow: { kind: 'queue', queueId: other } });
    await open({ queues: [ring('sales', 'service'), ring('service', 'sales')] }, []);
    house.pbx.arrive('caller-1');
    await house.clock.advance(20_000);
    expect(house.calls).toEqual([]);
    expect(house.pbx.askedOf('caller-1').at(-1)).toBe('leave');
  });

  it('the same arrival told twice is one call', async () => {
    await open();
    house.pbx.arrive('caller-1');
    house.pbx.arrive('caller-1');
    expect(house.calls).toHaveLength(1);
  });

  it('a leg of ours that answers when its call is over is hung up', async () => {
    await open();
    house.pbx.tell({ kind: 'legAnswered', legId: 'rm-77.agent1' });
    house.pbx.tell({ kind: 'legEnded', legId: 'somebody', cause: 16 });
    await settle();
    expect(house.pbx.askedOf('rm-77.agent1')).toEqual(['hangup']);
    expect(house.board.stats).toMatchObject({ factsForNobody: 2, strayLegsHungUp: 1 });
  });
});

it('two nodes: each call is served where its phones are', async () => {
  const agents = [profile('ann', { nodeId: 'pbx1' }), profile('bob', { nodeId: 'pbx2' })];
  await open({ nodes: ['pbx1', 'pbx2'], agents });
  const other = house.pbxs[1];
  other?.arrive('caller-2');
  await settle();
  expect(house.call).toMatchObject({ nodeId: 'pbx2', offers: [{ token: { agentId: 'bob' } }] });
  house.pbx.down();
  house.pbx.up();
  expect(house.call.phase).toBe('offering');
  other?.answer(house.call.offers?.[0]?.legId ?? '');
  await settle();
  expect(other?.together()).toHaveLength(1);
});
