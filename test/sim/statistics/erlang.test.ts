import { describe, expect, it } from 'vitest';
import { erlangA, erlangC, type Load, strictPriority } from '../../../sim/statistics/erlang.ts';

const busy: Load = { arrivalsPerSecond: 0.8, handlingS: 60, agents: 50 };
const small: Load = { arrivalsPerSecond: 200 / 3600, handlingS: 180, agents: 14 };
const c = erlangC(busy);
const a = erlangA(busy, 120);
const vip = strictPriority(busy, 0.1);

describe('queueing theory', () => {
  it.each([
    ['Erlang C: share that waits', c.chanceToWait, 0.6945, 4],
    ['Erlang C: mean wait', c.meanWaitS, 20.83, 2],
    ['Erlang C: p90', c.quantileS(0.9), 58.1, 1],
    ['Erlang C: waiting', c.queueLength, 16.67, 2],
    ['Erlang C: within 20 s', c.withinShare(20), 0.6435, 4],
    ['Erlang C: occupancy', c.occupancy, 0.96, 6],
    ['Erlang A: abandoned', a.abandonment, 0.0309, 4],
    ['Erlang A: mean wait', a.meanWaitS, 3.71, 2],
    ['Erlang A: waiting', a.queueLength, 2.97, 2],
    ['Erlang A: share that waits', a.chanceToWait, 0.468, 3],
    ['Erlang A: within 20 s', a.withinShare(20), 0.943, 3],
    ['Erlang A: occupancy', a.occupancy, 0.93, 3],
    ['strict: VIP', vip.firstWaitS, 0.922, 3],
    ['strict: standard', vip.otherWaitS, 23.05, 2],
    ['14 agents: within 20 s', erlangC(small).withinShare(20), 0.8884, 4],
    ['14 agents: mean wait', erlangC(small).meanWaitS, 7.84, 2],
  ])('%s', (_name, got, published, digits) => {
    expect(got).toBeCloseTo(published, digits);
  });

  it('keeps the two classes together at the wait of all', () => {
    expect(0.1 * vip.firstWaitS + 0.9 * vip.otherWaitS).toBeCloseTo(c.meanWaitS, 9);
  });

  it('comes to Erlang C when nobody hangs up', () => {
    const patient = erlangA(small, 1e7);
    expect(patient.meanWaitS).toBeCloseTo(erlangC(small).meanWaitS, 3);
    expect(patient.withinShare(20)).toBeCloseTo(erlangC(small).withinShare(20), 5);
  });
});
