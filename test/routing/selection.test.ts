import { describe, expect, it } from 'vitest';
import { queueFigures } from '../../src/routing/index.ts';
import { profile, queue, Table, t0, words } from './fixtures.ts';

describe('which agent', () => {
  it('the one who has been idle for longest', () => {
    const table = new Table([queue('sales')], [profile('ann'), profile('bob')]);
    table.signIn('bob');
    table.advance(1000);
    table.signIn('ann');
    expect(words(table.enqueue('c1'))).toEqual(['c1>bob']);
    expect(words(table.enqueue('c2'))).toEqual(['c2>ann']);
  });

  it('ties go by id, so that a replay agrees', () => {
    const table = new Table([queue('sales')], [profile('bob'), profile('ann')]).signIn('bob', 'ann');
    expect(words(table.enqueue('c1'))).toEqual(['c1>ann']);
  });

  it('agents who just logged in are not flooded: they come last', () => {
    const table = new Table([queue('sales')], [profile('ann'), profile('bob')]).signIn('ann');
    table.advance(1000);
    table.signIn('bob');
    const offers = ['c1', 'c2', 'c3'].flatMap((callId) => words(table.enqueue(callId)));
    expect(offers).toEqual(['c1>ann', 'c2>bob']);
  });

  it.each([
    ['has the level', { skills: { english: 50 } }, ['c1>ann']],
    ['has more', { skills: { english: 80 } }, ['c1>ann']],
    ['has less', { skills: { english: 49 } }, []],
    ['has not the skill at all', { skills: {} }, []],
    ['has another skill', { skills: { chinese: 100 } }, []],
    ['serves another queue', { skills: { english: 50 }, queues: ['service'] }, []],
    ['has a phone on another node', { skills: { english: 50 }, nodeId: 'pbx2' }, []],
    ['has a phone on this node', { skills: { english: 50 }, nodeId: 'pbx1' }, ['c1>ann']],
  ])('who %s', (_name, part, expected) => {
    const table = new Table([queue('sales', { needs: { english: 50 } })], [profile('ann', part)]).signIn('ann');
    expect(words(table.enqueue('c1'))).toEqual(expected);
  });

  it('a missing skill never matches, not even level 0', () => {
    const table = new Table([queue('sales', { needs: { vip: 0 } })], [profile('ann')]).signIn('ann');
    expect(words(table.enqueue('c1'))).toEqual([]);
  });

  it('of the needs of queue and call the higher level counts', () => {
    const agents = [profile('ann', { skills: { english: 60 } }), profile('bob', { skills: { english: 90 } })];
    const table = new Table([queue('sales', { needs: { english: 50 } })], agents).signIn('ann', 'bob');
    expect(words(table.enqueue('c1', { needs: { english: 80 } }))).toEqual(['c1>bob']);
    expect(words(table.enqueue('c2', { needs: { english: 20 } }))).toEqual(['c2>ann']);
  });

  it.each([
    ['unknown', ['c1>ann']],
    ['notInUse', ['c1>ann']],
    ['inUse', []],
    ['busy', []],
    ['ringing', []],
    ['unavailable', []],
  ] as const)('whose phone is %s', (state, expected) => {
    const table = new Table([queue('sales')], [profile('ann')]).signIn('ann');
    table.device('ann', state);
    expect(words(table.enqueue('c1'))).toEqual(expected);
    expect([...expected, ...words(table.device('ann', 'notInUse'))]).toEqual(['c1>ann']);
  });

  it('is offered one call at a time, also from two queues (device state lags)', () => {
    const agents = [profile('ann', { queues: ['sales', 'service'] })];
    const table = new Table([queue('sales'), queue('service')], agents).signIn('ann');
    expect(words(table.enqueue('c1'))).toEqual(['c1>ann']);
    expect(words(table.enqueue('c2', { queueId: 'service' }))).toEqual([]);
    expect(words(table.device('ann', 'notInUse'))).toEqual([]);
    expect(words(table.step({ kind: 'leave', callId: 'c1' }))).toEqual(['c2>ann']);
  });

  it('paused or signed out, gets nothing; back, gets the waiting call', () => {
    const table = new Table([queue('sales')], [profile('ann')]).signIn('ann');
    table.pause('ann');
    expect(words(table.enqueue('c1'))).toEqual([]);
    expect(words(table.available('ann'))).toEqual(['c1>ann']);
  });
});

describe('which call', () => {
  /** Three calls wait, one minute apart, `part` describes the last; then an agent comes. */
  const orderOf = (part: Parameters<Table['request']>[1], policy = {}): string[] => {
    const table = new Table([queue('sales', policy), queue('other')], [profile('ann', { queues: ['sales', 'other'] })]);
    for (const callId of ['c1', 'c2', 'c3']) {
      table.enqueue(callId, callId === 'c3' ? part : {});
      table.advance(60_000);
    }
    return [...table.engine.waitingCalls()].map(({ request }) => request.callId);
  };

  it.each([
    ['waiting time alone', {}, ['c1', 'c2', 'c3']],
    ['a VIP overtakes', { vip: true }, ['c3', 'c1', 'c2']],
    ['a priority of one minute is not enough for two', { priority: 1.5 }, ['c1', 'c3', 'c2']],
    ['priority', { priority: 3 }, ['c3', 'c1', 'c2']],
    ['value', { value: 100 }, ['c1', 'c3', 'c2']],
    ['high urgency', { urgency: 'high' }, ['c1', 'c2', 'c3']],
    ['critical urgency, with value', { urgency: 'critical', value: 100 }, ['c3', 'c1', 'c2']],
    ['dropped by an agent: before all', { returned: true }, ['c3', 'c1', 'c2']],
    ['an age from another queue', { queuedAtMs: t0 - 1 }, ['c3', 'c1', 'c2']],
  ] as const)('%s', (_name, part, expected) => {
    expect(orderOf(part)).toEqual(expected);
  });

  it('one dropped by an agent goes before a VIP with every boost', () => {
    const table = new Table([queue('sales')], [profile('ann')]);
    table.enqueue('vip', { vip: true, value: 100, urgency: 'critical', priority: 100 });
    table.enqueue('back', { returned: true });
    expect(words(table.signIn('ann').log)).toEqual(['back>ann']);
  });

  it('everybody ages at one rate: the order does not turn after 10⁶ s idle', () => {
    const table = new Table([queue('sales', { maxWaitMs: 10 ** 12 })], [profile('ann')]);
    table.enqueue('old');
    table.advance(10_000);
    table.enqueue('vip', { vip: true });
    table.advance(10 ** 9);
    expect([...table.engine.waitingCalls()].map(({ request }) => request.callId)).toEqual(['vip', 'old']);
  });

  it('one nobody can serve does not block those behind (asterisk#1561)', () => {
    const table = new Table([queue('sales')], [profile('ann')]);
    table.enqueue('head', { needs: { klingon: 100 } });
    table.enqueue('next');
    expect(words(table.signIn('ann').log)).toEqual(['next>ann']);
  });

  it('a late answer of the CRM changes its place and its needs, not its age', () => {
    const agents = [profile('ann'), profile('bob', { skills: { english: 90 } })];
    const table = new Table([queue('sales')], agents);
    table.enqueue('c1');
    table.enqueue('c2');
    table.step({
      kind: 'reassess',
      request: table.request('c2', { vip: true, needs: { english: 50 }, queuedAtMs: t0 }),
    });
    expect([...table.engine.waitingCalls()].map(({ request }) => request.callId)).toEqual(['c2', 'c1']);
    expect(words(table.signIn('ann').log)).toEqual(['c1>ann']);
    expect(words(table.signIn('bob').log).at(-1)).toBe('c2>bob');
  });
});

it('explains why, the chosen first', () => {
  const agents = [
    profile('ann'),
    profile('bob'),
    profile('cat', { queues: ['service'] }),
    profile('dan', { skills: {}, queues: ['sales'] }),
    profile('eve'),
  ];
  const table = new Table([queue('sales')], agents).signIn('bob');
  table.advance(2000);
  table.signIn('ann', 'cat', 'dan');
  table.pause('dan');
  table.advance(1000);
  const offer = table.enqueue('c1', { queuedAtMs: t0 }).find((output) => output.kind === 'offer');
  expect(offer?.explanation).toEqual({
    rule: 'longestIdle',
    waitedMs: 3000,
    orderKey: t0,
    considered: 5,
    candidates: [
      { agentId: 'bob', idleMs: 3000 },
      { agentId: 'ann', idleMs: 1000 },
    ],
    excluded: [
      { agentId: 'dan', reason: 'paused' },
      { agentId: 'cat', reason: 'notInQueue' },
      { agentId: 'eve', reason: 'signedOut' },
    ],
  });
});

it('tells of those who are at work before the many who are not', () => {
  const absent = Array.from({ length: 40 }, (_, index) => profile(`away${index}`));
  const table = new Table([queue('sales')], [...absent, profile('ann'), profile('bob')]).signIn('ann', 'bob');
  table.pause('bob');
  const offer = table.enqueue('c1').find((output) => output.kind === 'offer');
  expect(offer?.explanation.excluded).toHaveLength(20);
  expect(offer?.explanation.excluded[0]).toEqual({ agentId: 'bob', reason: 'paused' });
});

it('more than 1,000 agents take turns', () => {
  const agents = Array.from({ length: 1200 }, (_, index) => profile(`a${String(index).padStart(4, '0')}`));
  const table = new Table([queue('sales', { waitingCallsMax: 2000 })], agents).signIn(...agents.map(({ id }) => id));
  const offered = agents.map((_, index) => words(table.enqueue(`c${index}`))[0]?.split('>')[1]);
  expect(new Set(offered).size).toBe(1200);
});

it('a wait that a transfer began anew is told from there, though the call keeps its place', () => {
  const table = new Table([queue('sales')], [profile('ann')]);
  table.advance(60_000);
  table.enqueue('c1');
  table.enqueue('c2', { queuedAtMs: table.nowMs - 60_000, waitingSinceMs: table.nowMs });
  table.advance(2000);
  expect(queueFigures(table.engine, 'sales', table.nowMs).longestWaitMs).toBe(2000);
  const offer = table
    .step({ kind: 'agent', agentId: 'ann', input: { kind: 'signIn' } })
    .find(({ kind }) => kind === 'offer');
  expect(offer).toMatchObject({ token: { callId: 'c2' }, explanation: { waitedMs: 2000 } });
});

it('figures count who waits, who is offered, and who could take a call', () => {
  const table = new Table([queue('sales')], [profile('ann'), profile('bob'), profile('cat')]).signIn('ann', 'bob');
  table.enqueue('c1');
  table.pause('bob');
  table.advance(3000);
  table.enqueue('c2');
  expect(queueFigures(table.engine, 'sales', table.nowMs)).toEqual({
    id: 'sales',
    waiting: 2,
    offering: 1,
    longestWaitMs: 3000,
    agentsIdle: 0,
    agentsSignedIn: 2,
  });
});
