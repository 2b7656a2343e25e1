import { describe, expect, it } from 'vitest';
import type { RoutingOutput } from '../../src/routing/index.ts';
import { profile, queue, Table, t0, words } from './fixtures.ts';

const explained = (outputs: readonly RoutingOutput[]) => {
  const offer = outputs.find((output) => output.kind === 'offer');
  if (!offer) throw new Error('no offer');
  return offer.explanation;
};
const edge = (part: object) => ({ priority: 50, delayMs: 0, penalty: 0, weight: 1, ...part });

describe('an explanation shows what was compared', () => {
  it('penalties go before the idle time: both are told, and how the agent stands to the queue', () => {
    const edges = { ann: edge({ penalty: 1 }), bob: edge({ priority: 10 }) };
    const table = new Table([queue('sales', { edges })], [profile('ann'), profile('bob')]).signIn('ann');
    table.advance(600_000);
    table.signIn('bob');
    table.advance(2000);
    const told = explained(table.enqueue('c1'));
    expect(told.candidates).toEqual([
      { agentId: 'bob', idleMs: 2000, penalty: 0 },
      { agentId: 'ann', idleMs: 602_000, penalty: 1 },
    ]);
    expect(told.edgePriority).toBe(10);
  });

  it.each([
    ['linear', [0, 1]],
    ['roundRobin', [0, 1]],
    ['weighted', [0, 0]],
    ['fewestCalls', [0, 0]],
    ['leastSkilled', [1, 2]],
    ['bestProficiency', [-80, -60]],
  ] as const)('%s: the rank of each', (selection, ranks) => {
    const agents = [profile('ann', { skills: { zh: 80 } }), profile('bob', { skills: { zh: 60, en: 10 } })];
    const table = new Table([queue('sales', { selection, needs: { zh: 50 } })], agents).signIn('ann', 'bob');
    const { candidates } = explained(table.enqueue('c1'));
    expect(candidates.map(({ agentId, rank }) => [agentId, rank])).toEqual([
      ['ann', ranks[0]],
      ['bob', ranks[1]],
    ]);
  });

  it('accumulating order: the key as it counted at that moment', () => {
    const ordering = { kind: 'accumulating', rates: [1, 3] } as const;
    const table = new Table([queue('sales', { ordering, vipBoostMs: 0 })], [profile('ann')]);
    table.enqueue('c1', { vip: true });
    table.advance(10_000);
    const told = explained(table.signIn('ann').log);
    expect([told.orderKey, told.keyNow]).toEqual([t0, t0 - 20_000]);
  });

  it('adds nothing where nothing else was compared', () => {
    const table = new Table([queue('sales')], [profile('ann')]).signIn('ann');
    const told = explained(table.enqueue('c1'));
    expect(told.candidates).toEqual([{ agentId: 'ann', idleMs: 0 }]);
    for (const key of ['edgePriority', 'keyNow', 'step']) expect(told).not.toHaveProperty(key);
  });
});

it('an agent who was kept free for VIPs is compared with the one who comes free, and has the first turn', () => {
  const table = new Table([queue('sales', { vipReserve: 1 })], [profile('ann'), profile('bob')]).signIn('ann');
  table.advance(60_000);
  expect(words(table.enqueue('c1'))).toEqual([]);
  const outputs = table.step({ kind: 'agent', agentId: 'bob', input: { kind: 'signIn' } });
  expect(words(outputs)).toEqual(['c1>ann']);
  expect(explained(outputs).candidates.map(({ agentId }) => agentId)).toEqual(['ann', 'bob']);
});
