import { describe, expect, it } from 'vitest';
import { playDay } from '../../../sim/routing/day.ts';
import { agentsOf } from '../../../sim/routing/gates/models.ts';
import { replicationOf } from '../../../sim/routing/result.ts';
import type { Scenario } from '../../../sim/routing/scenario.ts';
import type { RoutingFacts } from '../../../src/call/index.ts';
import { requirementOf } from '../../../src/routing/index.ts';
import { at, scenarioOf } from './fixtures.ts';

function played(scenario: Scenario) {
  const [policy] = scenario.policies;
  if (!policy) throw new RangeError('a scenario without a policy');
  const { ledger, agents } = playDay({ scenario, policy, replication: 0 });
  const { cells, agents: floor } = replicationOf(ledger, agents);
  const calls = (name: string) => {
    const cell = cells.get(name);
    if (!cell) throw new RangeError(`no cell ${name}`);
    return cell;
  };
  return { all: calls('all'), calls, floor, waits: ledger.cells.get('all')?.waits, ledger };
}

describe('a played day', () => {
  it('lets calls wait for one another', () => {
    const { all, waits, floor } = played(scenarioOf({ callers: [at(0, 10, 30, 300)] }));
    expect(waits).toEqual([0, 50_000, 90_000, 0]);
    expect(all).toMatchObject({
      offered: 4,
      answered: 4,
      serviceLevel: 0.5,
      asaMs: 35_000,
      longestMs: 90_000,
      delayed: 0.5,
    });
    expect(floor.occupancy).toBeCloseTo(240 / 3600);
    expect(floor.meanWaiting).toBeCloseTo(140 / 3600);
  });

  it('lets callers hang up, also while a phone rings for them', () => {
    const callers = [{ ...at(0, 10), patience: { kind: 'constant', ms: 20_000 } } as const];
    expect(played(scenarioOf({ callers })).all).toMatchObject({ answered: 1, abandoned: 0.5, longestMs: 20_000 });
    const slow = [{ ringTime: { kind: 'constant', ms: 25_000 } } as const];
    expect(played(scenarioOf({ callers, groups: slow, queues: [{ ringTimeoutMs: 60_000 }] })).all).toMatchObject({
      answered: 0,
      abandoned: 1,
    });
  });

  it('gives a busy tone when no line is left, and refuses when the queue is full', () => {
    const callers = [at(0, 1, 2, 3)];
    expect(played(scenarioOf({ callers, more: { linesMax: 2 } })).all).toMatchObject({
      calls: 4,
      offered: 2,
      blocked: 0.5,
    });
    expect(played(scenarioOf({ callers, queues: [{ waitingCallsMax: 1 }] })).all).toMatchObject({
      offered: 4,
      refused: 0.5,
    });
  });

  it('sends calls away after their longest wait, or on to another queue where they keep their age', () => {
    const callers = [at(0, 1)];
    expect(played(scenarioOf({ callers, queues: [{ maxWaitMs: 30_000 }] })).all).toMatchObject({
      answered: 1,
      sentAway: 0.5,
    });
    const queues = [{ maxWaitMs: 30_000, overflow: { kind: 'queue', queueId: 'other' } }, { id: 'other' }] as const;
    const groups = [{}, { agents: agentsOf(2, ['other']).slice(1) }];
    const { all, calls, waits } = played(scenarioOf({ callers, queues, groups }));
    expect(waits).toEqual([0, 30_000]);
    expect(all).toMatchObject({ overflowed: 0.5, firstChoice: 0.5 });
    expect(calls('queue:line').offered).toBe(2);
  });

  it('rings the next agent when one declines, and pauses who lets phones ring too often', () => {
    const groups = [
      { rejectShare: 1, ringTime: { kind: 'constant', ms: 2000 } },
      { agents: agentsOf(2).slice(1), ringTime: { kind: 'constant', ms: 3000 } },
    ] as const;
    const { all, waits } = played(scenarioOf({ callers: [at(0)], groups }));
    expect(waits).toEqual([5000]);
    expect(all).toMatchObject({ declines: 0.5, answered: 1 });
    const deaf = [{ noAnswerShare: 1, backAfterMs: 600_000 }, { agents: agentsOf(2).slice(1) }];
    const second = played(scenarioOf({ callers: [at(0, 300)], groups: deaf, queues: [{ noAnswerLimit: 1 }] }));
    expect(second.waits).toEqual([20_000, 0]);
    expect(second.floor.occupancy).toBeCloseTo(120 / (3600 + 20 + 2980), 9);
  });

  it('rings several phones at once: the first to pick up has the call, the others are free again', () => {
    const groups = [
      { ringTime: { kind: 'constant', ms: 9000 } },
      { agents: agentsOf(2).slice(1), ringTime: { kind: 'constant', ms: 4000 } },
    ] as const;
    const { all, waits, ledger } = played(scenarioOf({ callers: [at(0, 5)], groups, queues: [{ ringAll: 2 }] }));
    expect(waits).toEqual([4000, 9000]);
    expect(all).toMatchObject({ answered: 2, noAnswers: 0, declines: 0 });
    expect(ledger.meanWaiting()).toBeCloseTo(13 / 3600);
  });

  it('keeps agents free for VIPs', () => {
    const callers = [at(0, 1, 2), { ...at(100), id: 'important', vipShare: 1 }];
    const { calls } = played(scenarioOf({ callers, groups: [{ agents: agentsOf(2) }], queues: [{ vipReserve: 1 }] }));
    expect(calls('standard').longestMs).toBe(158_000);
    expect(calls('vip').longestMs).toBe(0);
  });

  it('keeps agents to their shifts and breaks', () => {
    const groups = [
      { shifts: [{ fromMs: 60_000, toMs: 1_200_000 }], breaks: [{ fromMs: 300_000, toMs: 600_000 }] },
    ] as const;
    const { waits, all, floor } = played(
      scenarioOf({ callers: [at(0, 310, 1300)], groups, queues: [{ maxWaitMs: 400_000 }] }),
    );
    expect(waits).toEqual([60_000, 290_000]);
    expect(all.sentAway).toBeCloseTo(1 / 3);
    expect(floor.occupancy).toBeCloseTo(120 / 840);
  });

  it('lets agents write up, for as long as they need and the queue allows', () => {
    const wrapUp = { kind: 'constant', ms: 10_000 } as const;
    const queues = [{ wrapUpMs: 30_000 }];
    expect(played(scenarioOf({ callers: [at(0, 1)], queues })).waits).toEqual([0, 89_000]);
    const callers = [{ ...at(0, 1), wrapUp }];
    expect(played(scenarioOf({ callers, queues })).waits).toEqual([0, 69_000]);
  });

  it('tells rules which agent a caller knows, and counts whether the call got there', () => {
    const groups = [{ agents: agentsOf(3) }];
    const scenario = scenarioOf({ callers: [{ ...at(0, 100, 200, 300, 400, 500), stickyShare: 1 }], groups });
    const asked = new Map([
      ['line', { steps: ({ caller }: RoutingFacts) => [{ agentId: caller.lastAgentId, expiresAfterMs: 20_000 }, {}] }],
    ]);
    const policies = scenario.policies.map((policy) => ({ ...policy, folding: asked }));
    expect(played({ ...scenario, policies }).all.stickyHits).toBe(1);
    expect(played(scenario).all.stickyHits).toBeLessThan(1);
    expect(played(scenarioOf({ callers: [{ stickyShare: 0 }], groups })).all.stickyHits).toBeNaN();
  });

  it('relaxes what is asked, step by step, and knows who was not the first choice', () => {
    const agents = agentsOf(2).map((agent, index) => ({ ...agent, skills: { english: index === 0 ? 90 : 20 } }));
    const steps = [{ expiresAfterMs: 10_000 }, { requirement: requirementOf({ english: 10 }) }];
    const queues = [{ needs: { english: 60 }, steps }];
    const { all, waits } = played(scenarioOf({ callers: [at(0, 1)], queues, groups: [{ agents }] }));
    expect(waits).toEqual([0, 10_000]);
    expect(all.firstChoice).toBe(0.5);
  });

  it('counts nothing of the warm-up', () => {
    const { all, floor } = played(scenarioOf({ callers: [at(0, 1900)], more: { warmUpMs: 1_800_000 } }));
    expect(all.offered).toBe(1);
    expect(floor.occupancy).toBeCloseTo(60 / 1800);
  });

  it('tells VIPs from others, and calls by the skills they need', () => {
    const groups = [{ agents: agentsOf(2).map((agent) => ({ ...agent, skills: { english: 80 } })) }];
    const { calls } = played(scenarioOf({ callers: [{ vipShare: 0.5, needs: { english: 50 } }], groups }));
    expect(calls('vip').offered + calls('standard').offered).toBe(calls('all').offered);
    expect(calls('skill:english').offered).toBe(calls('all').offered);
    expect(calls('vip').offered).toBeGreaterThan(0);
  });

  it('counts who still waits a day later as unfinished', () => {
    expect(played(scenarioOf({ callers: [at(0)], groups: [{ agents: [] }] })).all).toMatchObject({
      unfinished: 1,
      answered: 0,
    });
  });

  it('is the same each time', () => {
    const scenario = scenarioOf({ callers: [{ patience: { kind: 'exponential', meanMs: 90_000 }, vipShare: 0.2 }] });
    expect(played(scenario).all).toEqual(played(scenario).all);
  });
});
