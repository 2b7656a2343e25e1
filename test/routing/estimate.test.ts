import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectedWaitMs, handled, type QueuePace, served } from '../../src/routing/index.ts';
import { profile, queue, Table } from './fixtures.ts';

describe('the expected wait', () => {
  it.each([
    ['first in line, one agent', { ahead: 0, share: 1, free: 0 }, { handlingMs: 120_000 }, 120_000],
    ['first in line, somebody free', { ahead: 0, share: 2, free: 1 }, { handlingMs: 120_000 }, 0],
    ['as many ahead as are free', { ahead: 1, share: 2, free: 1 }, { handlingMs: 120_000 }, 120_000],
    ['two ahead, three agents', { ahead: 2, share: 3, free: 0 }, { handlingMs: 120_000 }, 120_000],
    ['half of an agent', { ahead: 0, share: 0.5, free: 0 }, { handlingMs: 120_000 }, 240_000],
    ['nobody at work', { ahead: 3, share: 0, free: 0 }, { handlingMs: 120_000 }, undefined],
    ['those before waited far longer', { ahead: 1, share: 4, free: 0 }, { handlingMs: 40_000, turnMs: 60_000 }, 60_000],
    ['those before waited far less', { ahead: 1, share: 1, free: 0 }, { handlingMs: 600_000, turnMs: 60_000 }, 240_000],
    ['more than a day', { ahead: 9_999, share: 1, free: 0 }, { handlingMs: 600_000 }, 86_400_000],
  ] as const)('%s', (_name, facts, pace, expected) => {
    expect(expectedWaitMs(facts, pace)).toBe(expected);
  });

  it('is never negative and never more than a day, whatever was measured; grows with who is ahead', () => {
    const ms = fc.double({ min: 0, max: 1e9, noNaN: true });
    const learnt = fc.array(fc.tuple(fc.boolean(), ms, fc.nat(500)), { maxLength: 50 });
    fc.assert(
      fc.property(learnt, fc.nat(1_000), fc.double({ min: 0, max: 500, noNaN: true }), (steps, ahead, share) => {
        const pace = steps.reduce<QueuePace>(
          (now, [isTalk, timeMs, before]) => (isTalk ? handled(now, timeMs) : served(now, timeMs, before)),
          { handlingMs: 180_000 },
        );
        const waitMs = expectedWaitMs({ ahead, share, free: 0 }, pace);
        const behind = expectedWaitMs({ ahead: ahead + 1, share, free: 0 }, pace);
        if (share === 0) return waitMs === undefined;
        return waitMs !== undefined && waitMs >= 0 && waitMs <= 86_400_000 && (behind ?? 0) >= waitMs;
      }),
    );
  });
});

describe('where a call stands', () => {
  const table = () =>
    new Table(
      [queue('sales'), queue('service')],
      [
        profile('ann'),
        profile('bob', { queues: ['sales', 'service'] }),
        profile('eve', { skills: { zh: 50 } }),
        profile('out'),
      ],
    ).signIn('ann', 'bob', 'eve');
  const busy = (one: Table): Table => {
    for (const id of ['a', 'b', 'c']) {
      one.enqueue(`busy-${id}`);
      one.answer(`busy-${id}`);
    }
    return one;
  };
  const factsOf = (one: Table, callId: string, part = {}) =>
    one.engine.lineFacts(one.request(callId, part), [], one.nowMs);

  it('counts who goes first in its queue, and agents at work who fit', () => {
    const one = busy(table());
    one.enqueue('x');
    one.nowMs += 1_000;
    one.enqueue('y');
    one.enqueue('vip', { vip: true });
    one.nowMs += 1_000;
    expect(factsOf(one, 'me')).toEqual({ ahead: 3, share: 3, free: 0 });
    expect(factsOf(one, 'me', { vip: true })).toEqual({ ahead: 1, share: 3, free: 0 });
    expect(factsOf(one, 'me', { needs: { zh: 10 } })).toMatchObject({ share: 1 });
    expect(factsOf(one, 'me', { queueId: 'gone' })).toBeUndefined();
  });

  it('takes only part of an agent whom another queue wants, too', () => {
    const one = busy(table());
    one.enqueue('elsewhere', { queueId: 'service' });
    expect(factsOf(one, 'me')).toEqual({ ahead: 0, share: 2.5, free: 0 });
    one.pause('ann');
    expect(factsOf(one, 'me')).toEqual({ ahead: 0, share: 1.5, free: 0 });
  });

  it('counts callbacks, which keep their place, and not other work that goes out', () => {
    const one = busy(table());
    const outbound = { waitMaxMs: 60_000, byAgent: false };
    one.enqueue('job', { outbound });
    one.enqueue('back', { queuedAtMs: one.nowMs - 60_000, outbound: { ...outbound, inLine: true } });
    const place = one.request('place', { queuedAtMs: one.nowMs - 30_000, outbound: { ...outbound, inLine: true } });
    expect(factsOf(one, 'me')).toMatchObject({ ahead: 1 });
    expect(one.engine.lineFacts(one.request('me'), [place], one.nowMs)).toMatchObject({ ahead: 2 });
  });

  it('serves a callback by the age of its place, before who came later and before other work', () => {
    const one = busy(table());
    const outbound = { waitMaxMs: 600_000, byAgent: false };
    const sinceMs = one.nowMs - 60_000;
    one.enqueue('caller');
    one.enqueue('job', { outbound });
    one.enqueue('back', { queuedAtMs: sinceMs, outbound: { ...outbound, inLine: true } });
    const served = ['back', 'caller', 'job'].map((callId) => {
      one.endTalk('busy-a', 'ann', 'callerLeft');
      const agent = one.offerOf(callId)?.agentId;
      if (agent) one.answer(callId);
      if (agent) one.endTalk(callId, agent, 'callerLeft');
      return agent;
    });
    expect(served).toEqual(['ann', 'ann', 'ann']);
  });
});
