import { describe, expect, it } from 'vitest';
import type { RelaxationStep } from '../../src/routing/relaxation.ts';
import { requirementOf } from '../../src/routing/requirement.ts';
import type { RoutingRequest } from '../../src/routing/index.ts';
import { profile, queue, Table, t0, words } from './fixtures.ts';

const ann = profile('ann', { skills: { english: 90 } });
const bob = profile('bob', { skills: { english: 40 } });
const cat = profile('cat', { queues: ['service'], skills: { english: 100 } });

const waiting = (steps: readonly RelaxationStep[], ...present: string[]): Table =>
  new Table([queue('sales', { steps }), queue('service')], [ann, bob, cat]).signIn(...present);

describe('steps of a wait', () => {
  const easing: RelaxationStep[] = [
    { requirement: requirementOf({ english: 80 }), expiresAfterMs: 20_000 },
    { requirement: requirementOf({ english: 30 }), expiresAfterMs: 20_000 },
  ];

  it('ask less after a time, and at last what the queue asks', () => {
    const table = waiting(easing, 'bob');
    expect(words(table.enqueue('c1'))).toEqual([]);
    expect(table.engine.explain({ callId: 'c1' }, table.nowMs)).toMatchObject({ step: 0, decision: 'wait' });
    expect(words(table.advance(19_999))).toEqual([]);
    const outputs = table.advance(1);
    expect(words(outputs)).toEqual(['c1>bob']);
    expect(outputs.find(({ kind }) => kind === 'offer')).toMatchObject({ explanation: { step: 1 } });
  });

  it('go on by the clock while a matched agent is rung', () => {
    const table = waiting(easing, 'ann');
    table.enqueue('c1');
    table.advance(15_000);
    table.signIn('bob');
    table.advance(5_000);
    // The first offer is over after the step is: the next agent is looked for by the second step.
    expect(words(table.fail('c1', 'noAnswer'))).toEqual(['c1>bob']);
  });

  it('the time of a step counts from entering it, also when a tick comes late', () => {
    const table = waiting(easing);
    table.enqueue('c1');
    table.nowMs += 25_000;
    table.step({ kind: 'tick' });
    expect(table.engine.explain({ callId: 'c1' }, table.nowMs)?.step).toBe(1);
    table.nowMs += 15_000;
    table.step({ kind: 'tick' });
    expect(table.engine.explain({ callId: 'c1' }, table.nowMs)?.step).toBe(2);
  });

  it('can name the owner first, whatever the owner’s queue and skills', () => {
    const table = waiting([{ agentId: 'cat', expiresAfterMs: 10_000 }], 'ann', 'cat');
    table.pause('cat');
    expect(words(table.enqueue('c1'))).toEqual([]);
    expect(words(table.available('cat'))).toEqual(['c1>cat']);
    table.step({ kind: 'leave', callId: 'c1' });
    table.pause('cat');
    table.enqueue('c2');
    expect(words(table.advance(10_000))).toEqual(['c2>ann']);
  });

  it('can ask the agents of another queue, while the call stays in its own', () => {
    const table = waiting([{ expiresAfterMs: 10_000 }, { targetQueueId: 'service' }], 'cat');
    table.enqueue('c1');
    expect(words(table.advance(10_000))).toEqual(['c1>cat']);
    expect([...table.engine.waitingCalls()][0]?.request.queueId).toBe('sales');
  });

  it('can put a call ahead, leave agents out, and choose otherwise', () => {
    const table = waiting([
      { expiresAfterMs: 10_000, exclude: ['ann'] },
      { priorityDelta: 5, orderBy: 'linear' },
    ]);
    table.enqueue('late');
    table.nowMs -= 0;
    table.signIn('ann');
    expect(words(table.log)).toEqual([]);
    table.pause('ann');
    table.advance(10_000);
    table.enqueue('early', { queuedAtMs: table.nowMs - 60_000 });
    expect([...table.engine.waitingCalls()].map(({ request }) => request.callId)).toEqual(['late', 'early']);
    expect(words(table.available('ann'))).toEqual(['late>ann']);
    expect(table.engine.explain({ callId: 'late' }, table.nowMs)?.selection).toBe('linear');
  });

  it.each<[string, RelaxationStep['skipIf'], number]>([
    ['a constant', { kind: 'constant', value: true }, 1],
    ['nobody at work for it', { kind: 'agents', counted: 'atWork', op: '<', count: 1 }, 1],
    ['somebody signed in for it', { kind: 'agents', counted: 'signedIn', op: '>=', count: 1 }, 0],
    ['nobody free for it', { kind: 'agents', counted: 'free', op: '<', count: 1 }, 1],
    ['few waiting', { kind: 'waiting', op: '<', count: 1 }, 1],
    ['many waiting', { kind: 'waiting', op: '>=', count: 1 }, 0],
    ['has waited already', { kind: 'waited', op: '>=', waitedMs: 1000 }, 0],
  ])('are passed over if %s', (_name, skipIf, expected) => {
    const table = waiting([
      { agentId: 'cat', expiresAfterMs: 10_000, skipIf },
      { requirement: requirementOf({ english: 99 }) },
    ]);
    table.enqueue('c1');
    expect(table.engine.explain({ callId: 'c1' }, table.nowMs)?.step).toBe(expected);
  });

  it('of the call itself go before those of the queue', () => {
    const table = waiting(easing, 'bob');
    expect(words(table.enqueue('c1', { steps: [{ agentId: 'bob' }] }))).toEqual(['c1>bob']);
  });

  describe('of a call that comes again to its queue', () => {
    const past = (waitedMs: number, part: Partial<RoutingRequest> = {}): Partial<RoutingRequest> => ({
      queuedAtMs: t0 - waitedMs,
      queueEnteredAtMs: t0 - waitedMs,
      ...part,
    });

    it('go on where they were', () => {
      const table = waiting(easing, 'bob');
      expect(words(table.enqueue('c1', past(19_999)))).toEqual([]);
      expect(words(table.advance(1))).toEqual(['c1>bob']);
      const later = waiting(easing, 'bob');
      expect(words(later.enqueue('c1', past(20_000)))).toEqual(['c1>bob']);
      expect(later.engine.explain({ callId: 'c1' }, t0)?.step).toBe(1);
    });

    it('go on with the delays of edges, and the agent whom a transfer names', () => {
      const edges = { bob: { priority: 50, delayMs: 30_000, penalty: 0, weight: 1 } };
      const table = new Table([queue('sales', { edges })], [ann, bob]).signIn('bob');
      expect(words(table.enqueue('c1', past(29_999)))).toEqual([]);
      expect(words(table.advance(1))).toEqual(['c1>bob']);
      const named = new Table([queue('sales')], [ann, bob]).signIn('bob');
      expect(words(named.enqueue('c1', past(29_999, { onlyAgentId: 'ann' })))).toEqual([]);
      expect(words(named.advance(1))).toEqual(['c1>bob']);
    });

    it('go on with the limit of the wait; who was dropped may wait as long again', () => {
      const table = new Table([queue('sales', { maxWaitMs: 60_000 })], []);
      table.enqueue('c1', past(50_000));
      table.enqueue('c2', past(50_000, { returned: true }));
      expect(words(table.advance(9_999))).toEqual([]);
      expect(words(table.advance(1))).toEqual(['overflow c1 maxWait']);
      expect(words(table.advance(59_999))).toEqual([]);
      expect(words(table.advance(1))).toEqual(['overflow c2 maxWait']);
    });

    it('are offered first when somebody is free, though the wait is over', () => {
      const table = new Table([queue('sales', { maxWaitMs: 60_000 })], [ann]).signIn('ann');
      expect(words(table.enqueue('c1', past(70_000)))).toEqual(['c1>ann']);
      expect(words(table.fail('c1', 'declined'))).toEqual(['overflow c1 maxWait']);
    });

    it('are not refused by a queue that is full or empty', () => {
      const target = { kind: 'hangup' } as const;
      const full = { waitingCallsMax: 1, joinEmpty: { counted: 'signedIn', target } } as const;
      const table = new Table([queue('sales', full)], []);
      expect(words(table.enqueue('c0'))).toEqual(['overflow c0 noAgents']);
      expect(words(table.enqueue('c1', past(1_000)))).toEqual([]);
      expect(words(table.enqueue('c2', past(1_000)))).toEqual([]);
      expect(words(table.enqueue('c3'))).toEqual(['overflow c3 queueFull']);
    });

    it('a clock that went back does not put the beginning into the future', () => {
      const table = waiting(easing, 'bob');
      expect(words(table.enqueue('c1', past(-60_000)))).toEqual([]);
      expect(words(table.advance(20_000))).toEqual(['c1>bob']);
    });

    it('stay where they are when its data changes', () => {
      const table = new Table([queue('sales', { maxWaitMs: 60_000 })], []);
      table.enqueue('c1', past(50_000, { returned: true }));
      table.step({ kind: 'reassess', request: table.request('c1', { vip: true, returned: true }) });
      expect(words(table.advance(69_999))).toEqual([]);
      expect(words(table.advance(1))).toEqual(['overflow c1 maxWait']);
    });
  });

  it('that are all passed over leave what the queue asks', () => {
    const table = waiting([{ agentId: 'cat', skipIf: { kind: 'constant', value: true } }], 'bob');
    expect(words(table.enqueue('c1'))).toEqual(['c1>bob']);
  });
});
