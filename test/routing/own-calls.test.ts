import { describe, expect, it } from 'vitest';
import { profile, queue, Table, t0 } from './fixtures.ts';

const open = (part = {}) => new Table([queue('sales', part)], [profile('ann'), profile('bob')]).signIn('ann', 'bob');
const own = { onlyAgentId: 'ann', outbound: { waitMaxMs: 60_000, byAgent: true } };

/** Ann makes a call, talks for a minute and writes up; gives back since when she counts as idle, from the start. */
function idleAfterOwnCall(table: Table, part: Parameters<Table['enqueue']>[1] = own): number {
  table.advance(30_000);
  table.enqueue('c1', part);
  table.answer('c1');
  table.advance(60_000);
  table.endTalk('c1', 'ann');
  table.advance(60_000);
  expect(table.engine.agent('ann')?.routing).toBe('idle');
  return (table.engine.agent('ann')?.idleSinceMs ?? 0) - t0;
}

describe('a call that an agent makes', () => {
  it('begins the idle time anew where the queue does not say otherwise', () => {
    expect(idleAfterOwnCall(open())).toBe(100_000);
    expect(idleAfterOwnCall(open({ outboundResetsIdle: true }))).toBe(100_000);
  });

  it('leaves the idle time as it was where the queue says so, with and without wrap-up', () => {
    expect(idleAfterOwnCall(open({ outboundResetsIdle: false }))).toBe(0);
    expect(idleAfterOwnCall(open({ outboundResetsIdle: false, wrapUpMs: 0 }))).toBe(0);
  });

  it('is meant, and no other: one that a campaign makes, or that a caller makes, begins it anew', () => {
    const kept = { outboundResetsIdle: false };
    const byCampaign = { ...own, outbound: { ...own.outbound, byAgent: false } };
    expect(idleAfterOwnCall(open(kept), byCampaign)).toBe(100_000);
    expect(idleAfterOwnCall(open(kept), { onlyAgentId: 'ann' })).toBe(100_000);
  });

  it('is over with its wrap-up: the conversation after it counts again', () => {
    const table = open({ outboundResetsIdle: false });
    expect(idleAfterOwnCall(table)).toBe(0);
    table.enqueue('c2', { onlyAgentId: 'ann' });
    table.answer('c2');
    table.endTalk('c2', 'ann');
    table.advance(10_000);
    expect(table.engine.agent('ann')?.idleSinceMs).toBe(t0 + 160_000);
  });

  it('does not take the place in line to who signs in anew meanwhile', () => {
    const table = open({ outboundResetsIdle: false });
    table.enqueue('c1', own);
    table.answer('c1');
    table.step({ kind: 'agent', agentId: 'ann', input: { kind: 'signOut' } });
    table.advance(60_000);
    table.signIn('ann');
    table.endTalk('c1', 'ann');
    table.advance(10_000);
    expect(table.engine.agent('ann')?.idleSinceMs).toBe(t0 + 70_000);
  });

  it('ends no rest: who declined is offered nothing before the rest is over', () => {
    const table = open({ wrapUpMs: 0, cooldownMs: { declined: 5000, busy: 0, noAnswer: 0, unreachable: 0 } });
    table.step({ kind: 'agent', agentId: 'bob', input: { kind: 'signOut' } });
    table.enqueue('c1');
    table.fail('c1', 'declined');
    table.advance(1000);
    table.enqueue('c2', own);
    table.answer('c2');
    table.endTalk('c2', 'ann');
    expect(table.offerOf('c1')).toBeUndefined();
    table.advance(4000);
    expect(table.offerOf('c1')?.agentId).toBe('ann');
  });
});
