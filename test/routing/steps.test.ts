import { describe, expect, it } from 'vitest';
import type { RelaxationStep } from '../../src/routing/relaxation.ts';
import { requirementOf } from '../../src/routing/requirement.ts';
import { profile, queue, Table, words } from './fixtures.ts';

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

  it('that are all passed over leave what the queue asks', () => {
    const table = waiting([{ agentId: 'cat', skipIf: { kind: 'constant', value: true } }], 'bob');
    expect(words(table.enqueue('c1'))).toEqual(['c1>bob']);
  });
});
