import { afterEach, describe, expect, it } from 'vitest';
import { customerLegIdOf, type DialOutcome, type OutboundOrder } from '../../src/call/index.ts';
import { profile, queue } from '../routing/fixtures.ts';
import { settle } from '../support/fake-clock.ts';
import { House, type HouseOptions } from './house.ts';

let house: House;
const open = async (options?: HouseOptions, signedIn?: readonly string[]): Promise<House> =>
  (house = await House.open(options, signedIn));

/** Whatever a test did: all that was published fits the catalogue, nothing broke. */
afterEach(() => {
  house.assertSound();
});

const callId = 'rm-out';
const customerLeg = customerLegIdOf(callId);

const order = (part: Partial<OutboundOrder> = {}, byAgent = false): OutboundOrder => ({
  callId,
  nodeId: 'pbx1',
  queueId: 'sales',
  entryId: 'none',
  number: '+8613800000001',
  data: {},
  dial: {
    endpoint: 'PJSIP/13800000001@trunk',
    shownNumber: '4001',
    ringTimeoutMs: 30_000,
    agentWaitMs: 15_000,
    byAgent,
    priority: 0,
    agentHeaders: {},
    ...(byAgent ? {} : { jobId: 'job-1' }),
  },
  ...part,
});
const byAnn = (): OutboundOrder => order({ agentId: 'ann' }, true);

const agentLeg = (): string => house.call.offers?.[0]?.legId ?? '';
const outcomes = (): [DialOutcome, boolean][] => house.outbound.outcomes.map(([, ...rest]) => rest);
const nothingLeft = (): void => {
  expect([house.calls, house.pbx.legs.size, house.pbx.bridges.size]).toEqual([[], 0, 0]);
  expect([house.agent('ann'), house.agent('bob')].filter((state) => !state.endsWith('idle'))).toEqual([]);
};

/** The agent has picked up, and the customer's phone is dialled. */
async function dialling(): Promise<void> {
  expect(house.out.place(byAnn())).toBe(true);
  await settle();
  house.pbx.answer(agentLeg());
  await settle();
}

async function talking(): Promise<void> {
  await dialling();
  house.pbx.answer(customerLeg);
  await settle();
  await settle();
}

describe('an agent dials', () => {
  it('from his ring to the end of wrap-up', async () => {
    await open();
    await dialling();
    expect(house.call).toMatchObject({ phase: 'dialling', outbound: { stage: 'dialled' } });
    expect(house.out.stageOf(callId)).toBe('dialling');
    expect(house.agent('ann')).toBe('available/talking');
    house.pbx.ring(customerLeg);
    house.pbx.answer(customerLeg);
    await settle();
    await settle();
    expect(house.pbx.together()).toEqual([[house.call.talk?.legId, customerLeg]]);
    expect(house.out.stageOf(callId)).toBe('reached');
    expect(outcomes()).toEqual([['answered', true]]);
    house.pbx.hangUp(customerLeg);
    await settle();
    await house.clock.advance(10_000);
    nothingLeft();
    expect(house.journal.types('call.').map((type) => type.slice(5, -3))).toEqual([
      'placed',
      'queued',
      'customer.updated',
      'offered',
      'answered',
      'dialling',
      'dial.ringing',
      'connected',
      'wrapup.started',
      'ended',
    ]);
  });

  it('also while he is paused, but not while signed out, ringing, talking, or on the phone elsewhere', async () => {
    await open({}, ['ann']);
    house.desk.pause('ann', 'calls');
    expect(house.out.agent('ann', house.clock.nowMs())).toEqual({ queues: ['sales'], idle: false });
    expect(house.out.agent('bob', house.clock.nowMs())).toMatchObject({ busy: 'signedOut' });
    await dialling();
    expect(house.out.agent('ann', house.clock.nowMs())).toMatchObject({ busy: 'talking' });
    house.desk.hangUp(callId, 'ann');
    await settle();
    nothingLeft();
    expect(house.agent('ann')).toBe('paused/idle');
    house.phones.set('PJSIP/ann', 'inUse');
    expect(house.out.agent('ann', house.clock.nowMs())).toMatchObject({ busy: 'phoneBusy' });
    expect(house.out.place({ ...byAnn(), callId: 'rm-second' })).toBe(true);
    await house.clock.advance(15_000);
    expect(house.pbx.legs.size).toBe(0);
    expect(outcomes().at(-1)).toEqual(['noAgent', false]);
    nothingLeft();
  });

  it('and nobody else is rung when he does not pick up', async () => {
    await open();
    house.out.place(byAnn());
    await settle();
    await house.clock.advance(20_000);
    expect(outcomes()).toEqual([['noAgent', false]]);
    nothingLeft();
    expect(house.pbx.commands.filter(({ kind }) => kind === 'dial')).toHaveLength(1);
  });

  it('he may give it up himself, and nobody else may', async () => {
    await open();
    await dialling();
    expect(house.desk.hangUp(callId, 'bob')).toMatchObject({ code: 'call.not_yours' });
    expect(house.desk.hangUp(callId, 'ann')).toEqual({ ok: true });
    await settle();
    expect(outcomes()).toEqual([['cancelled', true]]);
    nothingLeft();
  });

  it('a customer who answers when the agent has left is hung up', async () => {
    await open();
    await dialling();
    house.pbx.hangUp(agentLeg());
    house.pbx.answer(customerLeg);
    await settle();
    expect(outcomes()).toEqual([['agentLeft', true]]);
    nothingLeft();
  });
});

describe('outbound work and callers', () => {
  it('a caller goes first, however long the work has waited and whatever its priority', async () => {
    await open({}, []);
    house.out.place(order({ dial: { ...order().dial, priority: 1000, agentWaitMs: 600_000 } }));
    await settle();
    await house.clock.advance(60_000);
    house.pbx.arrive('caller-1');
    await settle();
    house.desk.signIn('ann');
    const caller = house.calls.find(({ callerLegId }) => callerLegId === 'caller-1');
    expect(caller?.phase).toBe('offering');
    expect(house.board.calls.get(callId)?.phase).toBe('waiting');
  });

  it('outbound work is not counted with who waits, and takes nobody a place in the queue', async () => {
    await open({ queues: [queue('sales', { waitingCallsMax: 1 })] }, []);
    house.out.place(order());
    await settle();
    expect(house.desk.queue('sales')?.waiting).toBe(0);
    house.pbx.arrive('caller-1');
    await settle();
    expect(house.calls.map(({ phase }) => phase)).toEqual(['waiting', 'waiting']);
    expect(house.desk.queue('sales')?.waiting).toBe(1);
  });

  it.each(['ringing', 'inUse', 'busy', 'onHold', 'unavailable'] as const)(
    'an agent whose phone is %s on a call of his own is not taken',
    async (state) => {
      await open({ agents: [profile('ann')] }, ['ann']);
      house.phones.set('PJSIP/ann', state);
      expect(house.out.idleAgents('sales', house.clock.nowMs())).toBe(0);
      house.out.place(order());
      await house.clock.advance(15_000);
      expect(house.pbx.commands.filter(({ kind }) => kind === 'dial')).toEqual([]);
      expect(outcomes()).toEqual([['noAgent', false]]);
      house.phones.set('PJSIP/ann', 'notInUse');
      expect(house.out.idleAgents('sales', house.clock.nowMs())).toBe(1);
    },
  );

  it('a paused agent is taken by his own wish only', async () => {
    await open({}, ['ann']);
    house.desk.pause('ann', 'lunch');
    house.out.place(order());
    await house.clock.advance(15_000);
    expect(outcomes()).toEqual([['noAgent', false]]);
  });

  it('the next agent is rung when one declines, and the work is given up when its time is over', async () => {
    await open();
    house.out.place(order());
    await settle();
    const first = house.call.offers?.[0]?.token.agentId;
    house.pbx.hangUp(agentLeg(), 21);
    await settle();
    expect(house.call.offers?.[0]?.token.agentId).not.toBe(first);
    house.pbx.hangUp(agentLeg(), 21);
    await settle();
    // Who had declined was asked again after a rest, and let it ring.
    await house.clock.advance(30_000);
    expect(outcomes()).toEqual([['noAgent', false]]);
    nothingLeft();
  });

  it('nothing is dialled where the states of the phones are not seen', async () => {
    await open();
    expect(house.out.mayDialOn('pbx1')).toBe(false);
    house.phones.link('up');
    expect(house.out.mayDialOn('pbx1')).toBe(true);
    house.phones.link('down');
    expect(house.out.mayDialOn('pbx1')).toBe(false);
    house.phones.link('up');
    house.pbx.down();
    expect(house.out.mayDialOn('pbx1')).toBe(false);
  });

  it('a full or draining server places nothing', async () => {
    await open({ callsMax: 1 });
    expect(house.out.place(order())).toBe(true);
    expect(house.out.place(order({ callId: 'rm-more' }))).toBe(false);
    house.board.drain();
    await settle();
    expect(outcomes()).toEqual([['interrupted', false]]);
    expect(house.out.place(order())).toBe(false);
  });
});

/** The server dies without a word at each step; what the PBX has is what counts. */
describe('kill -9', () => {
  it('while the agent is looked for or rung: given up, the customer was not dialled', async () => {
    await open();
    house.out.place(order());
    await settle();
    await house.restart();
    expect(outcomes()).toEqual([['interrupted', false]]);
    nothingLeft();
  });

  it('when the agent had answered and nobody heard it', async () => {
    await open();
    house.out.place(order());
    await settle();
    const legId = agentLeg();
    house.kill();
    house.pbx.answer(legId);
    await house.restart();
    expect(outcomes()).toEqual([['interrupted', false]]);
    nothingLeft();
  });

  it('between the permission and the dial: it may have been dialled, and that is said', async () => {
    await open();
    house.outbound.holds = true;
    await dialling();
    expect(house.call.outbound?.stage).toBe('clearing');
    await house.restart();
    expect(outcomes()).toEqual([['unknown', true]]);
    expect(house.pbx.askedOf(customerLeg)).toEqual([]);
    nothingLeft();
  });

  it('between the dial and its record: the leg is found by its id, and not dialled again', async () => {
    await open();
    house.outbound.holds = true;
    await dialling();
    // What the PBX has of a dial that the store does not know.
    house.pbx.commands.length = 0;
    house.pbx.legs.set(customerLeg, {
      legId: customerLeg,
      answered: false,
      callerNumber: '4001',
      dialledNumber: '',
      variables: {},
    });
    await house.restart();
    expect(house.call).toMatchObject({ phase: 'dialling', outbound: { stage: 'dialled' } });
    expect(house.agent('ann')).toBe('available/talking');
    house.pbx.answer(customerLeg);
    await settle();
    await settle();
    expect(house.call.phase).toBe('talking');
    expect(house.pbx.askedOf(customerLeg)).not.toContain('dial');
    expect(outcomes()).toEqual([['answered', true]]);
  });

  it('while the customer rings: he rings on, and is joined when he answers', async () => {
    await open();
    await dialling();
    house.pbx.ring(customerLeg);
    await house.restart();
    expect(house.call.phase).toBe('dialling');
    house.pbx.answer(customerLeg);
    await settle();
    await settle();
    expect(house.call.phase).toBe('talking');
    expect(house.pbx.together()).toHaveLength(1);
  });

  it('while the customer rings, who answers before we are back', async () => {
    await open();
    await dialling();
    house.kill();
    house.pbx.answer(customerLeg);
    await house.restart();
    await settle();
    expect(house.call.phase).toBe('talking');
    expect(outcomes()).toEqual([['answered', true]]);
  });

  it('while the customer rings, who gives up before we are back', async () => {
    await open();
    await dialling();
    house.kill();
    house.pbx.hangUp(customerLeg);
    await house.restart();
    expect(outcomes().at(-1)).toEqual(['unknown', true]);
    nothingLeft();
  });

  it('while the customer rings, and the agent hangs up before we are back', async () => {
    await open();
    await dialling();
    const legId = agentLeg();
    house.kill();
    house.pbx.hangUp(legId);
    await house.restart();
    expect(outcomes()).toEqual([['agentLeft', true]]);
    nothingLeft();
  });

  it('in conversation: it goes on, also when the store was lost', async () => {
    await open();
    await talking();
    await house.restart();
    expect(house.call).toMatchObject({ phase: 'talking', direction: 'outbound' });
    house.kill();
    house.journal.lose();
    await house.start();
    house.up();
    await settle();
    expect(house.call).toMatchObject({ id: callId, phase: 'talking', direction: 'outbound' });
    expect(house.pbx.together()).toHaveLength(1);
    expect(house.agent('ann')).toBe('available/talking');
  });

  it('with the store lost while the customer rings: nobody would know of him, so he is hung up', async () => {
    await open();
    await dialling();
    house.kill();
    house.journal.lose();
    await house.start();
    house.up();
    await settle();
    expect([house.pbx.legs.size, house.calls]).toEqual([0, []]);
  });
});

describe('a PBX out of sight', () => {
  it('while the customer rings: he is found again, and joined', async () => {
    await open();
    await dialling();
    house.pbx.down();
    await house.clock.advance(5_000);
    house.pbx.legs.get(customerLeg)!.answered = true;
    house.pbx.up();
    await settle();
    await settle();
    expect(house.call.phase).toBe('talking');
  });

  it('for good: the call is given up when the customer must have stopped ringing, and nothing is left after', async () => {
    await open();
    await dialling();
    house.pbx.down();
    await house.clock.advance(41_000);
    expect(outcomes()).toEqual([['unknown', true]]);
    expect(house.agent('ann')).toBe('available/idle');
    house.pbx.up();
    await settle();
    nothingLeft();
  });

  it('when the permission comes: whether the customer was dialled shows when it is back', async () => {
    await open();
    house.outbound.holds = true;
    await dialling();
    house.pbx.down();
    house.outbound.held[0]?.({ ok: true });
    await settle();
    expect(house.call.phase).toBe('dialling');
    house.pbx.up();
    await settle();
    expect(outcomes()).toEqual([['unknown', true]]);
    nothingLeft();
  });

  it('that starts anew has lost them all', async () => {
    await open();
    await dialling();
    house.pbx.down();
    house.pbx.legs.clear();
    house.pbx.bridges.clear();
    house.pbx.up();
    await settle();
    expect(outcomes()).toEqual([['agentLeft', true]]);
    nothingLeft();
  });
});
