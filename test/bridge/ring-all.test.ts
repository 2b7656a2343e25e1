import { afterEach, describe, expect, it } from 'vitest';
import { profile, queue } from '../routing/fixtures.ts';
import { settle } from '../support/fake-clock.ts';
import { House } from './house.ts';

const names = ['ann', 'bob', 'cat'];
let house: House;

const open = async (part: Parameters<typeof queue>[1] = {}): Promise<void> => {
  house = await House.open(
    { queues: [queue('sales', { ringAll: 3, wrapUpMs: 0, ...part })], agents: names.map((id) => profile(id)) },
    names,
  );
};
afterEach(() => {
  house.assertSound();
  house.kill();
});

/** A caller comes and all phones ring; their legs in the order of `names`. */
async function ringing(): Promise<string[]> {
  house.pbx.arrive('caller-1');
  await settle();
  const { offers = [] } = house.call;
  for (const { legId } of offers) house.pbx.ring(legId);
  await settle();
  const legs = names.map((id) => offers.find(({ token }) => token.agentId === id)?.legId ?? '');
  expect(new Set(legs).size).toBe(3);
  return legs;
}
const states = (): string[] => names.map((id) => house.agent(id).replace('available/', ''));
const outcomes = (): string[] =>
  house.journal.events
    .filter(({ type }) => type === 'call.offer.ended.v1')
    .map(({ data }) => `${(data as { agentId: string }).agentId} ${(data as { outcome: string }).outcome}`);

describe('a queue that rings several phones at once', () => {
  it('tells one offer per agent, and whose phones ring', async () => {
    await open();
    await ringing();
    const told = house.journal.events.filter(({ type }) => type === 'call.offered.v1');
    expect(told.map(({ data }) => (data as { agentId: string }).agentId).sort()).toEqual(names);
    const [detail] = house.desk.snapshot().calls;
    expect(detail?.call.agentId).toBeUndefined();
    expect([...(detail?.call.offeredTo ?? [])].sort()).toEqual(names);
    expect(states()).toEqual(['offered', 'offered', 'offered']);
  });

  it('two agents do not both win; who loses is free at once (asterisk#176)', async () => {
    await open();
    const [ann = '', bob = ''] = await ringing();
    // Both before the PBX has heard a word of ours.
    house.pbx.answer(ann);
    house.pbx.answer(bob);
    await settle();
    await settle();
    expect(house.call).toMatchObject({ phase: 'talking', talk: { agentId: 'ann' } });
    expect(house.pbx.together()).toEqual([['caller-1', ann]]);
    expect(house.pbx.legs.has(bob)).toBe(false);
    expect(states()).toEqual(['talking', 'idle', 'idle']);
    expect(outcomes().sort()).toEqual(['bob rescinded', 'cat rescinded']);
    // Nobody's fault: the next caller rings them, without a rest.
    house.pbx.arrive('caller-2');
    await settle();
    expect(house.calls[1]?.offers?.map(({ token }) => token.agentId).sort()).toEqual(['bob', 'cat']);
  });

  it('who answers and drops before the bridge leaves the caller first in line (asterisk#1557)', async () => {
    await open();
    const [ann = ''] = await ringing();
    house.pbx.refusals.set('join', { ok: false, failure: 'gone' });
    house.pbx.answer(ann);
    house.pbx.hangUp(ann);
    await settle();
    await settle();
    // The others were cancelled already: they are rung anew, before who came meanwhile.
    expect(house.call).toMatchObject({ phase: 'offering', returned: true });
    expect(house.call.offers?.map(({ token }) => token.agentId).sort()).toEqual(['bob', 'cat']);
    expect(outcomes()).toContain('ann dropped');
  });

  it('the caller hangs up while all ring: nobody is left reserved', async () => {
    await open();
    await ringing();
    house.pbx.hangUp('caller-1');
    await settle();
    expect(house.calls).toEqual([]);
    expect(house.pbx.legs.size).toBe(0);
    expect(states()).toEqual(['idle', 'idle', 'idle']);
  });

  it('one declines, the others ring on; all decline, the caller waits', async () => {
    await open({ cooldownMs: { declined: 5_000, busy: 5_000, noAnswer: 5_000, unreachable: 5_000 } });
    const [ann = '', bob = '', cat = ''] = await ringing();
    house.pbx.hangUp(ann, 21);
    await settle();
    expect(states()).toEqual(['idle', 'offered', 'offered']);
    expect(house.pbx.legs.has(bob) && house.pbx.legs.has(cat)).toBe(true);
    expect(house.desk.reject(house.call.id, 'bob').ok).toBe(true);
    house.pbx.hangUp(cat, 17);
    await settle();
    expect(house.call.phase).toBe('waiting');
    // After the rest they are asked again: nobody else is left.
    await house.clock.advance(5_000);
    await settle();
    expect(house.call.offers?.map(({ token }) => token.agentId).sort()).toEqual(names);
  });

  it('nobody answers: all rang out, and count so', async () => {
    await open();
    await ringing();
    await house.clock.advance(20_000);
    await settle();
    expect(outcomes().sort()).toEqual(names.map((id) => `${id} noAnswer`));
    expect(house.call.phase).toBe('waiting');
  });

  it('an agent who signs out while it rings loses only the own phone', async () => {
    await open();
    const [ann = ''] = await ringing();
    house.desk.signOut('ann');
    await settle();
    expect(house.pbx.legs.has(ann)).toBe(false);
    expect(house.call.offers?.map(({ token }) => token.agentId).sort()).toEqual(['bob', 'cat']);
  });

  it('the first to accept on the screen is rung, the others lose the call then', async () => {
    await open({ offer: 'accept' });
    house.pbx.arrive('caller-1');
    await settle();
    expect(house.pbx.legs.size).toBe(1);
    expect(house.desk.accept(house.call.id, 'bob').ok).toBe(true);
    await settle();
    expect(house.desk.accept(house.call.id, 'ann')).toMatchObject({ ok: false, code: 'agent.no_offer' });
    expect(states()).toEqual(['idle', 'offered', 'idle']);
    expect(house.call.offers).toMatchObject([{ token: { agentId: 'bob' }, stage: 'dialled' }]);
  });
});

describe('killed and started again while several phones ring', () => {
  it('all are rung anew, nobody twice', async () => {
    await open();
    await ringing();
    await house.restart();
    await settle();
    expect(house.call.phase).toBe('offering');
    expect(house.call.offers?.map(({ token }) => token.agentId).sort()).toEqual(names);
    // The phones of before ring no longer, each new one once.
    expect([...house.pbx.legs.keys()].filter((legId) => legId.startsWith('rm-'))).toHaveLength(3);
  });

  it('and two have answered meanwhile: one has the caller, the other is free', async () => {
    await open();
    const [ann = '', bob = ''] = await ringing();
    for (const legId of [ann, bob]) {
      const leg = house.pbx.legs.get(legId);
      if (leg) leg.answered = true;
    }
    await house.restart();
    await settle();
    expect(house.call.phase).toBe('talking');
    expect(states().filter((state) => state === 'talking')).toHaveLength(1);
    expect(states().filter((state) => state === 'idle')).toHaveLength(2);
    expect([...house.pbx.legs.keys()]).toHaveLength(2);
  });

  it('the link breaks and comes back: who stopped ringing meanwhile is to blame for nothing, the others ring on', async () => {
    await open();
    const [ann = '', bob = ''] = await ringing();
    house.pbx.down();
    house.pbx.legs.delete(ann);
    house.pbx.up();
    await settle();
    expect(outcomes()).toEqual(['ann withdrawn']);
    expect(house.pbx.legs.has(bob)).toBe(true);
    expect(states().slice(1)).toEqual(['offered', 'offered']);
  });
});
