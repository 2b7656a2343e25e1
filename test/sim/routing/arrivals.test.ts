import { describe, expect, it } from 'vitest';
import { SeededRng } from '../../../sim/chance/rng.ts';
import { Agenda } from '../../../sim/routing/agenda.ts';
import { arrivalTimes } from '../../../sim/routing/arrivals.ts';
import { callersOf } from '../../../sim/routing/callers.ts';
import { presenceChanges } from '../../../sim/routing/shifts.ts';
import { oneAgent, scenarioOf } from './fixtures.ts';

const hour = 3_600_000;
const day = 24 * hour;

describe('arrivals', () => {
  const steps = [
    { fromMs: 6 * hour, callsPerHour: 3000 },
    { fromMs: 12 * hour, callsPerHour: 0 },
    { fromMs: 13 * hour, callsPerHour: 1000 },
  ];
  const times = [...arrivalTimes({ kind: 'poisson', steps }, 0, 2 * day, new SeededRng(1))];
  const between = (from: number, to: number) => times.filter((at) => at >= from * hour && at < to * hour).length;

  it('follow their profile, day after day', () => {
    expect(between(0, 6)).toBe(0);
    expect(between(12, 13)).toBe(0);
    for (const [from, to, mean] of [
      [6, 12, 18_000],
      [13, 24, 11_000],
      [30, 36, 18_000],
    ] as const) {
      expect(Math.abs(between(from, to) - mean)).toBeLessThan(5 * Math.sqrt(mean));
    }
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  it('of a recorded day come at their times, each day, from the start on', () => {
    const recorded = { kind: 'recorded', timesMs: [1000, 2 * hour] } as const;
    expect([...arrivalTimes(recorded, hour, day + 2 * hour, new SeededRng(1))]).toEqual([2 * hour, day + 1000]);
  });

  it('bring the same callers for the same seed, in order over all classes', () => {
    const scenario = scenarioOf({ callers: [{ id: 'a' }, { id: 'b' }] });
    const first = [...callersOf(scenario, 0)];
    expect(first).toEqual([...callersOf(scenario, 0)]);
    expect(first).not.toEqual([...callersOf(scenario, 1)]);
    expect(first.map(({ atMs }) => atMs)).toEqual(first.map(({ atMs }) => atMs).sort((a, b) => a - b));
    expect(new Set(first.map(({ callerClass }) => callerClass.id))).toEqual(new Set(['a', 'b']));
  });

  it('are the same when only handling times change', () => {
    const long = scenarioOf({ callers: [{ handling: { kind: 'constant', ms: 1 } }] });
    const arrivals = (scenario: typeof long) => [...callersOf(scenario, 0)].map(({ atMs, seed }) => [atMs, seed]);
    expect(arrivals(long)).toEqual(arrivals(scenarioOf({})));
  });
});

describe('shifts', () => {
  it('begin at the start for who is at work then, and go over midnight', () => {
    const group = { ...oneAgent, shifts: [{ fromMs: 22 * hour, toMs: 30 * hour }] };
    const changes = presenceChanges(group, hour, day + hour).map(({ atMs, input }) => [atMs / hour, input.kind]);
    expect(changes).toEqual([
      [1, 'signIn'],
      [6, 'signOut'],
      [22, 'signIn'],
      [30, 'signOut'],
    ]);
  });
});

describe('the agenda', () => {
  it('gives back what was put in by time, and in order at the same time', () => {
    const agenda = new Agenda<string>();
    for (const [at, what] of [
      [5, 'a'],
      [1, 'b'],
      [5, 'c'],
      [3, 'd'],
      [1, 'e'],
    ] as const) {
      agenda.add(at, what);
    }
    const taken = [];
    for (let what = agenda.take(); what; what = agenda.take()) taken.push(what);
    expect(taken.join('')).toBe('bedac');
    expect(agenda.nextAtMs()).toBe(Number.POSITIVE_INFINITY);
  });
});
