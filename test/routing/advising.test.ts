import { describe, expect, it } from 'vitest';
import type { AgentRecord } from '../../src/agents/index.ts';
import type { QueuePolicy } from '../../src/routing/index.ts';
import { profile, queue, Table, t0, words } from './fixtures.ts';

const two = () => new Table([queue('sales')], [profile('ann'), profile('bob')]).signIn('ann', 'bob');
const advised = (table: Table, callId: string, part = {}): string | undefined => {
  const outputs = table.step({ kind: 'advise', request: table.request(callId, part), holdMs: 5_000 });
  return outputs.find((output) => output.kind === 'advised')?.agentId;
};

describe('advice for a call that the dialplan rings through', () => {
  it('names whom the engine would offer it to, with the reason, and how long the agent is kept', () => {
    const table = two();
    const [, output] = table.step({ kind: 'advise', request: table.request('c1'), holdMs: 5_000 });
    expect(output).toMatchObject({
      kind: 'advised',
      callId: 'c1',
      agentId: 'ann',
      endpoint: 'PJSIP/ann',
      ringTimeoutMs: 20_000,
      untilMs: t0 + 5_000,
      explanation: { rule: 'longestIdle', considered: 2 },
    });
    expect([...table.engine.waitingCalls()]).toEqual([]);
  });

  it('never gives one agent to two calls', () => {
    const table = two();
    expect([advised(table, 'c1'), advised(table, 'c2'), advised(table, 'c3')]).toEqual(['ann', 'bob', undefined]);
    expect(words(table.enqueue('c4'))).toEqual([]);
  });

  it('lets the agent go by itself, and the waiting call has the agent then', () => {
    const table = two().signIn();
    table.pause('bob');
    advised(table, 'c1');
    table.enqueue('c2');
    expect(words(table.advance(4_999))).toEqual([]);
    expect(words(table.advance(1))).toEqual(['c2>ann']);
  });

  it.each([
    ['the queue does not exist', { queueId: 'nowhere' }],
    ['nobody has the skill', { needs: { en: 1 } }],
    ['the phones are at another PBX', { nodeId: 'pbx2' }],
  ])('names nobody when %s', (_name, part) => {
    const table = new Table([queue('sales')], [profile('ann', { nodeId: 'pbx1' })]).signIn('ann');
    expect(advised(table, 'c1', part)).toBeUndefined();
    expect(table.engine.agent('ann')?.advised).toBeUndefined();
  });

  it('moves the agent to the end of the line, also when the phone’s state is never told', () => {
    const table = two();
    table.advance(1_000);
    advised(table, 'c1');
    table.advance(5_000);
    expect(advised(table, 'c2')).toBe('bob');
  });

  it('counts the idle time anew when the phone that was rung is free again', () => {
    const table = two();
    table.pause('bob');
    advised(table, 'c1');
    table.device('ann', 'ringing');
    table.device('ann', 'inUse');
    table.advance(60_000);
    expect(advised(table, 'c2')).toBeUndefined();
    table.device('ann', 'notInUse');
    expect(table.engine.agent('ann')).toMatchObject({ idleSinceMs: t0 + 60_000, advised: undefined });
    expect(advised(table, 'c3')).toBe('ann');
  });

  it('gives the place in line back when the call comes to us instead', () => {
    const table = two();
    table.advance(1_000);
    advised(table, 'c1');
    table.step({ kind: 'adviceUnused', agentId: 'ann', callId: 'other' });
    expect(table.engine.agent('ann')?.advised?.callId).toBe('c1');
    table.step({ kind: 'adviceUnused', agentId: 'ann', callId: 'c1' });
    expect(table.engine.agent('ann')).toMatchObject({ idleSinceMs: t0, advised: undefined });
    expect(words(table.enqueue('c1'))).toEqual(['c1>ann']);
  });

  it('is kept over a restart and ends then as it would have', () => {
    const before = two();
    advised(before, 'c1');
    const { profile: _profile, device: _device, ...record } = before.engine.agent('ann') ?? {};
    const after = new Table([queue('sales')], [profile('ann')]);
    after.step({ kind: 'restoreAgent', agentId: 'ann', record: record as AgentRecord });
    expect(words(after.enqueue('c2'))).toEqual([]);
    expect(words(after.advance(5_000))).toEqual(['c2>ann']);
  });
});

describe('who is asked beside the line', () => {
  const consulted = (table: Table, callId: string): string | undefined =>
    table.step({ kind: 'consult', request: table.request(callId) }).find((output) => output.kind === 'consult')?.token
      .agentId;
  const names = ['ann', 'bob', 'cat'];
  const floor = (policy: Partial<QueuePolicy>): Table =>
    new Table(
      [queue('sales', policy)],
      names.map((name) => profile(name)),
    ).signIn('ann', 'bob', 'cat');

  it.each([
    ['advice', advised],
    ['a consultation', consulted],
  ])('%s passes over a step for an agent who is not at work, as an offer would', (_name, asked) => {
    const skipIf = { kind: 'agents', counted: 'atWork', op: '<', count: 1 } as const;
    const table = floor({ steps: [{ agentId: 'cat', expiresAfterMs: 60_000, skipIf }] });
    table.pause('cat');
    expect(asked(table, 'c1')).toBe('ann');
  });

  it.each([
    ['advice', advised],
    ['a consultation', consulted],
  ])('%s takes a turn', (_name, asked) => {
    for (const selection of ['roundRobin', 'weighted'] as const) {
      const edges = { ann: { priority: 50, delayMs: 0, penalty: 0, weight: 0.1 } };
      const table = floor({ selection, edges });
      const first = asked(table, 'c1');
      expect(first).toBe('ann');
      table.step({ kind: 'adviceUnused', agentId: 'ann', callId: 'c1' });
      const { offer } = table.engine.agent('ann') ?? {};
      if (offer) table.step({ kind: 'offerEnded', token: offer, outcome: 'withdrawn' });
      expect(table.engine.agent('ann')).toMatchObject({ routing: 'idle', idleSinceMs: t0 });
      expect(words(table.enqueue('c2'))).toEqual(['c2>bob']);
    }
  });
});

it('knows when a queue is full', () => {
  const table = new Table([queue('sales', { waitingCallsMax: 1 })], []);
  expect(table.engine.isFull('sales')).toBe(false);
  table.enqueue('c1');
  expect([table.engine.isFull('sales'), table.engine.isFull('nowhere')]).toEqual([true, false]);
});
