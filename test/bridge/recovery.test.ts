import { afterEach, describe, expect, it } from 'vitest';
import { entry } from '../call/fixtures.ts';
import { profile, queue } from '../routing/fixtures.ts';
import { settle } from '../support/fake-clock.ts';
import { House, type HouseOptions } from './house.ts';

let house: House;
const open = async (options?: HouseOptions, signedIn?: readonly string[]): Promise<House> =>
  (house = await House.open(options, signedIn));

afterEach(() => {
  house.assertSound();
});

const service = queue('service', { maxWaitMs: 60_000, overflow: { kind: 'hangup' } });

describe('killed and started again on the same store', () => {
  it('a conversation goes on, and its end finds agent and call', async () => {
    await open();
    const { talk } = await house.talking();
    await house.restart();
    expect(house.call.phase).toBe('talking');
    expect(house.agent('ann')).toBe('available/talking');
    expect(house.pbx.together()).toEqual([['caller-1', talk?.legId]]);
    await house.clock.advance(5000);
    house.pbx.hangUp('caller-1');
    await settle();
    expect(house.agent('ann')).toBe('available/wrapUp');
    await house.clock.advance(10_000);
    expect(house.calls).toEqual([]);
    expect(house.agent('ann')).toBe('available/idle');
  });

  it('a bridge that was made but not written down goes with its call', async () => {
    await open({}, []);
    house.pbx.arrive('caller-1');
    await settle();
    house.kill();
    house.pbx.bridges.set(`${house.call.id}.bridge`, new Set());
    await house.restart();
    house.pbx.hangUp('caller-1');
    await settle();
    expect([house.calls, [...house.pbx.bridges.keys()]]).toEqual([[], []]);
  });

  it('waiting callers are served with their age', async () => {
    await open({}, []);
    house.pbx.arrive('caller-1');
    await house.clock.advance(5000);
    const { queuedAtMs } = house.call;
    await house.restart();
    house.desk.signIn('ann');
    expect(house.call).toMatchObject({ phase: 'offering', queuedAtMs });
  });

  it.each([
    ['its state', (): void => {}],
    ['its channel, with an empty store', () => house.journal.lose()],
  ])('the limit of a wait goes on, by %s', async (_name, lose) => {
    const queues = [queue('sales', { maxWaitMs: 60_000, overflow: { kind: 'queue', queueId: 'service' } }), service];
    await open({ queues }, []);
    house.pbx.arrive('caller-1');
    await house.clock.advance(70_000);
    expect(house.call.queueId).toBe('service');
    house.kill();
    lose();
    await house.clock.advance(10_000);
    await house.restart({ queues });
    await house.clock.advance(38_000);
    expect(house.call.queueId).toBe('service');
    await house.clock.advance(3_000);
    expect(house.calls).toEqual([]);
  });

  it('a ringing phone is taken back and the call offered anew', async () => {
    await open();
    const { offers: [offer] = [] } = await house.ringing();
    await house.restart();
    expect(house.pbx.legs.has(offer?.legId ?? '')).toBe(false);
    expect(house.call).toMatchObject({ phase: 'offering', attempts: 2 });
    expect(house.call.offers?.[0]?.legId).not.toBe(offer?.legId);
  });

  it('a phone that rings for an offer known only as not dialled is taken back, and the call offered anew', async () => {
    await open({ queues: [queue('sales', { offer: 'accept' })] });
    house.pbx.arrive('caller-1');
    await settle();
    const { id, offers: [offer] = [] } = house.call;
    expect(offer?.stage).toBe('pending');
    house.kill();
    house.pbx.rings(offer?.legId ?? '');
    await house.restart();
    expect(house.pbx.legs.has(offer?.legId ?? '')).toBe(false);
    expect(house.call).toMatchObject({ id, phase: 'offering', attempts: 2 });
  });

  it('a phone that rings for an offer of which nothing is known is taken back, and its name not given again', async () => {
    await open({}, []);
    house.pbx.arrive('caller-1');
    await settle();
    const legId = `${house.call.id}.agent1`;
    house.kill();
    house.pbx.rings(legId);
    await house.restart();
    expect(house.pbx.legs.has(legId)).toBe(false);
    house.desk.signIn('ann');
    expect(house.call.offers?.map((offer) => offer.legId)).toEqual([`${house.call.id}.agent2`]);
  });

  it('a phone answered while we were away is joined, and the agent stays with the call', async () => {
    await open();
    const { offers: [offer] = [] } = await house.ringing();
    house.kill();
    house.pbx.answer(offer?.legId ?? '');
    await house.restart();
    expect(house.call).toMatchObject({ phase: 'talking', talk: { agentId: 'ann' } });
    expect(house.pbx.together()).toHaveLength(1);
    expect(house.agent('ann')).toBe('available/talking');
  });

  it('killed between answer and join: joined after the start', async () => {
    await open();
    const { offers: [offer] = [] } = await house.ringing();
    house.pbx.refusals.set('join', { ok: false, failure: 'unavailable' });
    house.pbx.answer(offer?.legId ?? '');
    await settle();
    expect(house.call.offers?.[0]?.stage).toBe('answered');
    await house.restart();
    expect(house.call.phase).toBe('talking');
    expect(house.pbx.together()).toHaveLength(1);
    expect(house.agent('ann')).toBe('available/talking');
  });

  it('wrap-up ends at its time, not at a new one', async () => {
    await open();
    await house.talking();
    await house.clock.advance(5000);
    house.pbx.hangUp('caller-1');
    await house.clock.advance(6000);
    await house.restart();
    expect(house.agent('ann')).toBe('available/wrapUp');
    await house.clock.advance(4000);
    expect(house.agent('ann')).toBe('available/idle');
    expect(house.calls).toEqual([]);
  });

  it('wrap-up that ran out meanwhile is over', async () => {
    await open();
    await house.talking();
    await house.clock.advance(5000);
    house.pbx.hangUp('caller-1');
    await settle();
    house.kill();
    await house.clock.advance(60_000);
    await house.restart();
    expect(house.agent('ann')).toBe('available/idle');
    expect(house.calls).toEqual([]);
  });

  it('who hung up while we were away has ended, and the agent is free', async () => {
    await open();
    await house.talking();
    house.kill();
    house.pbx.hangUp('caller-1');
    await house.clock.advance(60_000);
    await house.restart();
    expect(house.agent('ann')).toBe('available/wrapUp');
    await house.clock.advance(10_000);
    expect(house.calls).toEqual([]);
    const ended = house.journal.events.filter(({ reconciled }) => reconciled).map(({ type }) => type);
    expect(ended).toContain('call.wrapup.started.v1');
  });

  it('a call that was still being greeted is looked up again and queued', async () => {
    await open({ entries: [entry] }, []);
    house.lookup.holds = true;
    house.pbx.arrive('caller-1');
    house.lookup.holds = false;
    await house.restart();
    expect(house.call.phase).toBe('waiting');
  });

  it('pauses and their reasons stand; a reservation of the old life is told as gone', async () => {
    await open();
    house.desk.pause('bob', 'lunch');
    await house.ringing();
    house.kill();
    house.pbx.hangUp('caller-1');
    await house.restart();
    expect(house.desk.agent('bob')).toMatchObject({ presence: 'paused', pauseReason: 'lunch' });
    const last = house.journal.events.findLast(({ subject }) => subject === 'agent/ann');
    expect(last?.data).toMatchObject({ agent: { routing: 'idle' } });
  });

  it('an agent who is not in the config any more does not keep the call for ever', async () => {
    await open({}, ['ann']);
    await house.talking();
    await house.restart({ agents: [profile('bob')] });
    await house.clock.advance(5000);
    house.pbx.hangUp('caller-1');
    await settle();
    expect(house.calls).toEqual([]);
  });

  it('a queue that is not in the config any more: the fallback', async () => {
    await open({}, []);
    house.pbx.arrive('caller-1');
    await settle();
    await house.restart({ queues: [queue('service')] });
    expect(house.calls).toEqual([]);
    expect(house.pbx.askedOf('caller-1').at(-1)).toBe('leave');
  });

  it('twice in a row loses nothing', async () => {
    await open();
    await house.talking();
    house.pbx.arrive('caller-2');
    await settle();
    await house.restart();
    await house.restart();
    expect(house.calls.map(({ phase }) => phase).sort()).toEqual(['offering', 'talking']);
  });
});

describe('started with an empty store', () => {
  it('conversations and waiting callers are found again by what stands on their channels', async () => {
    await open({}, ['ann']);
    const { id, talk } = await house.talking();
    house.pbx.arrive('caller-2', '13900000002');
    await house.clock.advance(5000);
    house.kill();
    house.journal.lose();
    const asked = house.lookup.asked.length;
    const told = house.journal.events.length;
    await house.restart();
    // Whoever reads the new log meets each call at its beginning.
    const beginnings = house.journal.events.slice(told).filter(({ type }) => type === 'call.arrived.v1');
    expect(beginnings).toMatchObject([1, 1].map((callSequence) => ({ callSequence, reconciled: true })));
    expect(house.calls.map(({ phase }) => phase).sort()).toEqual(['talking', 'waiting']);
    expect(house.agent('ann')).toBe('available/talking');
    expect(house.lookup.asked).toHaveLength(asked + 2);
    house.pbx.hangUp(talk?.legId ?? '');
    await house.clock.advance(15_000);
    expect(house.board.calls.get(id)).toBeUndefined();
    expect(house.call).toMatchObject({ phase: 'offering', callerLegId: 'caller-2' });
  });

  it('the leg of an agent with a later attempt than the record knows is still heard', async () => {
    await open();
    const first = await house.ringing();
    house.pbx.hangUp(first.offers?.[0]?.legId ?? '', 21);
    await settle();
    house.pbx.answer(house.call.offers?.[0]?.legId ?? '');
    await settle();
    expect(house.call.talk?.legId).toMatch(/agent2$/);
    house.kill();
    house.journal.lose();
    await house.restart();
    await house.clock.advance(5000);
    house.pbx.hangUp(house.call.talk?.legId ?? '');
    await settle();
    expect(house.call.phase).toBe('wrapUp');
  });
});

describe('the link breaks', () => {
  it('and comes back: told, nobody dropped, new callers found', async () => {
    await open();
    await house.talking();
    house.pbx.down();
    house.pbx.arrive('caller-2');
    expect(house.calls).toHaveLength(1);
    house.pbx.up();
    await settle();
    expect(house.calls.map(({ phase }) => phase).sort()).toEqual(['offering', 'talking']);
    expect(house.journal.types('pbx.')).toEqual([
      'pbx.reconciled.v1',
      'pbx.link.lost.v1',
      'pbx.link.restored.v1',
      'pbx.reconciled.v1',
    ]);
  });

  it('while a phone rings: nobody is blamed, the call is offered again', async () => {
    await open({}, ['ann']);
    const { offers: [offer] = [] } = await house.ringing();
    house.pbx.down();
    house.pbx.hangUp(offer?.legId ?? '');
    house.pbx.up();
    await settle();
    expect(house.call.phase).toBe('offering');
    expect(house.board.desk.engine.agent('ann')).toMatchObject({ unanswered: 0 });
  });

  it('for longer than the phone rings: the offer is withdrawn, not counted as unanswered', async () => {
    await open({}, ['ann']);
    await house.ringing();
    house.pbx.down();
    await house.clock.advance(21_000);
    expect(house.call.phase).toBe('waiting');
    expect(house.board.desk.engine.agent('ann')).toMatchObject({ unanswered: 0, routing: 'idle' });
    house.pbx.up();
    await settle();
    expect(house.call.phase).toBe('offering');
    expect(house.pbx.legs.size).toBe(2);
  });

  it('in the join: the two are joined when it is back', async () => {
    await open();
    const { offers: [offer] = [] } = await house.ringing();
    house.pbx.answer(offer?.legId ?? '');
    house.pbx.down();
    await settle();
    house.pbx.up();
    await settle();
    expect(house.call.phase).toBe('talking');
    expect(house.agent('ann')).toBe('available/talking');
    expect(house.pbx.together()).toHaveLength(1);
  });

  it('before the music: what was queued in the gap gets it afterwards', async () => {
    await open({}, []);
    house.lookup.holds = true;
    house.pbx.arrive('caller-1');
    await settle();
    house.pbx.down();
    house.lookup.held[0]?.settle({ status: 'none', source: 'directory' });
    await settle();
    expect(house.pbx.askedOf('caller-1')).not.toContain('startMusic');
    house.pbx.up();
    await settle();
    expect(house.pbx.askedOf('caller-1')).toContain('startMusic');
    expect(house.pbx.legs.get('caller-1')?.variables).toHaveProperty('RINGMASTER_CALL');
  });

  it('a conversation that was ended before anybody saw the gap ends on the PBX after it', async () => {
    await open({ queues: [queue('sales', { wrapUpMs: 60_000 })] });
    const { id } = await house.talking();
    house.pbx.down();
    house.board.post(id, { kind: 'hangUp', atMs: house.clock.nowMs() });
    await settle();
    expect(house.pbx.legs.size).toBe(2);
    house.pbx.up();
    await settle();
    await settle();
    expect(house.pbx.legs.size).toBe(0);
  });

  it('a call without wrap-up that was ended before anybody saw the gap does not come back to life', async () => {
    await open({ queues: [queue('sales', { wrapUpMs: 0 })] });
    const { id } = await house.talking();
    house.pbx.down();
    house.board.post(id, { kind: 'hangUp', atMs: house.clock.nowMs() });
    await settle();
    expect(house.calls).toEqual([]);
    house.pbx.up();
    await settle();
    expect(house.calls).toEqual([]);
    expect(house.pbx.legs.size).toBe(0);
  });

  it('a caller who should have gone elsewhere in the gap is served as a new call', async () => {
    await open();
    const { id } = await house.talking();
    house.pbx.down();
    const target = { kind: 'dialplan', context: 'ivr', extension: 's', priority: 1 } as const;
    house.board.post(id, { kind: 'transfer', target, atMs: house.clock.nowMs() });
    await settle();
    house.pbx.up();
    await settle();
    expect(house.call.id).not.toBe(id);
    expect(house.call.callerLegId).toBe('caller-1');
  });

  it('because another server took over: we forget the calls and touch nothing', async () => {
    await open();
    await house.talking();
    const count = house.pbx.commands.length;
    house.pbx.down('replaced');
    house.pbx.isUp = true;
    house.pbx.hangUp('caller-1');
    await settle();
    expect(house.calls).toEqual([]);
    expect(house.pbx.commands).toHaveLength(count);
  });

  it('because another server took over: its agents are free for the calls of other nodes', async () => {
    await open({ nodes: ['pbx1', 'pbx2'] });
    await house.talking();
    expect(house.agent('ann')).toBe('available/talking');
    house.pbx.down('replaced');
    expect(house.agent('ann')).toBe('available/idle');
    house.pbxs[1]?.arrive('caller-2');
    house.pbxs[1]?.arrive('caller-3');
    await settle();
    expect(new Set(house.calls.map(({ offers }) => offers?.[0]?.token.agentId))).toEqual(new Set(['ann', 'bob']));
  });
});

describe('two who met while the store was away talk on with the next server', () => {
  /** Where the call was when the store went, and how it comes to bob from there. */
  const ways: Readonly<Record<string, () => Promise<void>>> = {
    async arriving() {
      await open({ entries: [entry] }, []);
      house.pbx.arrive('caller-1');
      await settle();
    },
    async waiting() {
      await open({}, []);
      house.pbx.arrive('caller-1');
      await settle();
    },
    async offering() {
      await open({}, ['ann']);
      await house.ringing();
    },
    async talking() {
      await open({}, ['ann']);
      await house.talking();
    },
  };
  const toBob = async (phase: string): Promise<void> => {
    house.desk.signIn('bob');
    if (phase === 'arriving') await house.clock.advance(entry.greetingMaxMs);
    if (phase === 'offering') house.pbx.hangUp(house.call.offers?.[0]?.legId ?? '', 21);
    if (phase === 'talking') house.desk.transfer(house.call.id, { kind: 'agent', agentId: 'bob' });
    await settle();
    house.pbx.answer(house.call.offers?.[0]?.legId ?? '');
    await settle();
    await settle();
  };

  it.each(Object.entries(ways))('%s when it went', async (phase, begin) => {
    await begin();
    expect(house.call.phase).toBe(phase);
    house.journal.isAway = true;
    await toBob(phase);
    const { talk } = house.call;
    expect(talk?.agentId).toBe('bob');
    house.journal.isAway = false;
    await house.restart();
    expect(house.pbx.together()).toEqual([['caller-1', talk?.legId]]);
    expect(house.call).toMatchObject({ phase: 'talking', talk: { agentId: 'bob', legId: talk?.legId } });
    expect(house.agent('bob')).toBe('available/talking');
    await house.clock.advance(5_000);
    house.pbx.hangUp('caller-1');
    await house.clock.advance(20_000);
    expect([house.calls, [...house.pbx.legs.keys()], [...house.pbx.bridges.keys()]]).toEqual([[], [], []]);
  });
});

describe('a call that has ended and of which the PBX was not told', () => {
  /** The caller's leg is there with our variable on it: to the PBX nothing has happened. */
  const unheard = async (): Promise<void> => {
    house.pbx.refusals.set('leave', { ok: false, failure: 'timeout' });
    house.desk.transfer(house.call.id, { kind: 'number', number: '10086' });
    await settle();
    expect(house.calls).toEqual([]);
  };
  const deafFor = async (seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second += 1) {
      house.pbx.refusals.set('leave', { ok: false, failure: 'timeout' });
      await house.clock.advance(1_000);
    }
  };
  const ids = (): string[] =>
    house.journal.events.filter(({ type }) => type === 'call.arrived.v1').map(({ subject }) => subject);

  it.each([5, 60])(
    'does not come to life again when the link is lost after %i s: the caller comes anew',
    async (seconds) => {
      await open();
      await house.talking();
      await unheard();
      await deafFor(seconds);
      house.pbx.down();
      house.pbx.up();
      await settle();
      expect(new Set(ids()).size).toBe(2);
      expect(house.call.callerLegId).toBe('caller-1');
    },
  );

  it('does not come to life again when it ends before the next server has seen the PBX', async () => {
    await open();
    const { id } = await house.talking();
    await house.clock.advance(5_000);
    house.pbx.refusals.set('hangup', { ok: false, failure: 'timeout' });
    house.desk.hangUp(id);
    house.kill();
    await house.start();
    await house.clock.advance(60_000);
    expect(house.calls).toEqual([]);
    house.up();
    await settle();
    expect(ids()).toEqual([`call/${id}`]);
  });

  it('does not come to life again with the next server', async () => {
    await open();
    await house.talking();
    await unheard();
    await house.restart();
    expect(new Set(ids()).size).toBe(2);
    expect(house.call.callerLegId).toBe('caller-1');
  });
});

describe('what a call leaves on the PBX', () => {
  it('is taken away by another try when the PBX did not do it', async () => {
    await open();
    const { talk } = await house.talking();
    house.pbx.refusals.set('hangup', { ok: false, failure: 'refused' });
    house.pbx.refusals.set('destroyBridge', { ok: false, failure: 'timeout' });
    house.pbx.hangUp('caller-1');
    await settle();
    expect(house.pbx.legs.has(talk?.legId ?? '')).toBe(true);
    await house.clock.advance(2_000);
    expect([[...house.pbx.legs.keys()], [...house.pbx.bridges.keys()]]).toEqual([[], []]);
  });

  it('is given up after five tries', async () => {
    await open();
    await house.talking();
    house.pbx.hangUp('caller-1');
    house.pbx.bridges.clear();
    const refuse = (): void => void house.pbx.refusals.set('hangup', { ok: false, failure: 'refused' });
    await house.clock.advance(60_000);
    refuse();
    house.board.send('pbx1', 'rm-x', { kind: 'hangup', legId: 'caller-2', reason: 'normal' });
    for (let second = 0; second < 60; second += 1) {
      refuse();
      await house.clock.advance(1_000);
    }
    expect(house.pbx.askedOf('caller-2')).toHaveLength(5);
  });

  it('a caller who was sent on is sent on again', async () => {
    await open();
    const { id } = await house.talking();
    house.pbx.refusals.set('leave', { ok: false, failure: 'refused' });
    house.desk.transfer(id, { kind: 'number', number: '10086' });
    await house.clock.advance(2_000);
    expect(house.pbx.legs.has('caller-1')).toBe(false);
  });

  it('a caller who was sent on and came back is another call, which is left alone', async () => {
    await open();
    const { id } = await house.talking();
    house.pbx.refusals.set('leave', { ok: false, failure: 'timeout' });
    house.desk.transfer(id, { kind: 'number', number: '10086' });
    await settle();
    house.pbx.arrive('caller-1');
    await house.clock.advance(30_000);
    expect(house.call.callerLegId).toBe('caller-1');
    expect(house.pbx.askedOf('caller-1').filter((kind) => kind === 'leave')).toHaveLength(1);
  });

  it('is left alone when it is a bridge that the call has made anew', async () => {
    await open();
    const { id } = await house.talking();
    house.pbx.refusals.set('destroyBridge', { ok: false, failure: 'timeout' });
    house.board.send('pbx1', id, { kind: 'destroyBridge', bridgeId: `${id}.bridge` });
    await house.clock.advance(30_000);
    expect(house.pbx.together()).toHaveLength(1);
  });
});

it('a clock that was set back makes no wrap-up longer', async () => {
  await open();
  await house.talking();
  await house.clock.advance(5_000);
  house.pbx.hangUp('caller-1');
  await settle();
  house.kill();
  const ahead = house.journal.state('agent', 'ann') as { sinceMs: number; wrapUpUntilMs: number; idleSinceMs: number };
  const hourMs = 3_600_000;
  const { sinceMs, wrapUpUntilMs, idleSinceMs } = ahead;
  const state = {
    ...ahead,
    sinceMs: sinceMs + hourMs,
    wrapUpUntilMs: wrapUpUntilMs + hourMs,
    idleSinceMs: idleSinceMs + hourMs,
  };
  house.journal.write([], [{ kind: 'agent', id: 'ann', state }]);
  await house.restart();
  expect(house.agent('ann')).toBe('available/wrapUp');
  await house.clock.advance(wrapUpUntilMs - sinceMs);
  expect(house.agent('ann')).toBe('available/idle');
});

it('an agent has no chat for ever of which nobody knows after a restart', async () => {
  await open();
  house.kill();
  const ann = house.journal.state('agent', 'ann') as object;
  const contacts = [{ callId: 'chat-1', channel: 'chat' }];
  house.journal.write([], [{ kind: 'agent', id: 'ann', state: { ...ann, contacts } }]);
  await house.restart();
  expect(house.agent('ann')).toBe('available/idle');
  expect(house.board.desk.engine.agent('ann')?.contacts).toBeUndefined();
});
