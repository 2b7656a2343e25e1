import { describe, expect, it } from 'vitest';
import { type QueuePolicy, requirementOf } from '../../src/routing/index.ts';
import { profile, queue, Table, words } from './fixtures.ts';

const other = { kind: 'queue', queueId: 'other' } as const;
const delayed = (delayMs: number) => ({ priority: 50, delayMs, penalty: 0, weight: 1 });
const out = (table: Table, agentId: string) => table.step({ kind: 'agent', agentId, input: { kind: 'signOut' } });
const of = (policy: Partial<QueuePolicy>, ...names: string[]): Table =>
  new Table(
    [queue('sales', policy)],
    ['ann', 'bob'].map((name) => profile(name)),
  ).signIn(...names);

describe('the last agent goes while a phone rings', () => {
  it.each([
    ['signs out', (table: Table) => void (out(table, 'ann'), table.fail('c1', 'withdrawn'))],
    ['pauses, and lets it ring', (table: Table) => void (table.pause('ann'), table.fail('c1', 'noAnswer'))],
    ['loses the phone', (table: Table) => void (table.device('ann', 'unavailable'), table.fail('c1', 'unreachable'))],
  ])('and %s: the caller whom that phone was rung for is sent on after the grace', (_name, goes) => {
    const table = of({ leaveEmpty: { counted: 'atWork', target: other }, noAgentGraceMs: 30_000 }, 'ann');
    table.enqueue('c1');
    goes(table);
    expect(words(table.advance(29_999))).toEqual([]);
    expect(words(table.advance(1))).toEqual(['overflow c1 noAgents']);
  });
});

describe('somebody who may be asked later is there', () => {
  const rules = {
    joinEmpty: { counted: 'atWork', target: other },
    leaveEmpty: { counted: 'atWork', target: other },
  } as const;

  it('after the delay of an edge: callers wait', () => {
    const table = of({ ...rules, edges: { bob: delayed(30_000) } }, 'bob');
    expect(words(table.enqueue('c1'))).toEqual([]);
    expect(words(table.advance(30_000))).toEqual(['c1>bob']);
  });

  it('after the agent whom a transfer names: callers wait for him, then for all', () => {
    const table = of(rules, 'ann');
    expect(words(table.enqueue('c1', { onlyAgentId: 'bob' }))).toEqual([]);
    expect(words(table.advance(30_000))).toEqual(['c1>ann']);
  });

  it('in a later step: once they go, the grace begins at that moment', () => {
    const steps = [
      { agentId: 'ann', expiresAfterMs: 60_000 },
      { requirement: { kind: 'agent', agentId: 'bob' } },
    ] as const;
    const table = of({ leaveEmpty: rules.leaveEmpty, noAgentGraceMs: 30_000, steps }, 'bob');
    table.enqueue('c1');
    table.advance(10_000);
    out(table, 'bob');
    expect(words(table.advance(29_999))).toEqual([]);
    expect(words(table.advance(1))).toEqual(['overflow c1 noAgents']);
  });
});

describe('the grace', () => {
  const grace = { leaveEmpty: { counted: 'atWork', target: other }, noAgentGraceMs: 30_000 } as const;

  it('does not begin anew with each step', () => {
    const step = (level: number) => ({ requirement: requirementOf({ english: level }), expiresAfterMs: 20_000 });
    const table = of({ ...grace, steps: [step(3), { ...step(2), priorityDelta: 1 }, step(1)] });
    table.enqueue('c1');
    expect(words(table.advance(29_999))).toEqual([]);
    expect(words(table.advance(1))).toEqual(['overflow c1 noAgents']);
  });

  it('begins anew when somebody has been back, though no call of that kind waited at that time', () => {
    const table = of(grace, 'ann');
    table.enqueue('c1');
    table.pause('ann');
    table.enqueue('c2');
    table.step({ kind: 'leave', callId: 'c2' });
    table.advance(10_000);
    table.available('ann');
    table.pause('ann');
    table.fail('c1', 'noAnswer');
    expect(words(table.advance(29_999))).toEqual([]);
    expect(words(table.advance(1))).toEqual(['overflow c1 noAgents']);
  });
});

it('who is sent to an agent of an empty queue waits there, and is not sent round until he is hung up', () => {
  const bob = { kind: 'agent', agentId: 'bob' } as const;
  const table = of({ joinEmpty: { counted: 'atWork', target: bob }, leaveEmpty: { counted: 'atWork', target: bob } });
  expect(words(table.enqueue('c1'))).toEqual(['overflow c1 noAgents']);
  expect(words(table.enqueue('c1', { onlyAgentId: 'bob', hops: 1 }))).toEqual([]);
  expect(words(table.advance(60_000))).toEqual([]);
  expect(words(table.signIn('bob').log)).toEqual(['overflow c1 noAgents', 'c1>bob']);
});
