import { describe, expect, it } from 'vitest';
import { strategies } from '../../../src/routing/selection/index.ts';
import type { Asked, Contender, SelectionStrategy } from '../../../src/routing/selection/strategy.ts';

const hourMs = 3_600_000;

const agent = (place: number, part: Partial<Contender> = {}): Contender => ({
  place,
  idleSinceMs: 0,
  signedInAtMs: 0,
  busyMs: 0,
  callsLately: () => 0,
  levels: {},
  skillCount: 0,
  ...part,
});

const asked = (part: Partial<Asked> = {}): Asked => ({
  nowMs: hourMs,
  skills: [],
  turns: { lastPlace: -1, places: 3, shareOf: () => 0 },
  ...part,
});

/** Places in the order in which they would be asked. */
const orderOf = (strategy: SelectionStrategy, agents: readonly Contender[], call = asked()): number[] =>
  [...agents].sort((a, b) => strategies[strategy](a, call) - strategies[strategy](b, call)).map(({ place }) => place);

describe('who is asked first', () => {
  it.each<[SelectionStrategy, Contender[], Asked, number[]]>([
    ['longestIdle', [agent(0, { idleSinceMs: 50 }), agent(1, { idleSinceMs: 10 })], asked(), [1, 0]],
    [
      'leastOccupied',
      [
        agent(0, { busyMs: 10 * 60_000 }),
        // As long at work, but only since half an hour.
        agent(1, { busyMs: 10 * 60_000, signedInAtMs: hourMs / 2 }),
        agent(2, { busyMs: 0, signedInAtMs: hourMs }),
      ],
      asked(),
      [2, 0, 1],
    ],
    ['fewestCalls', [agent(0, { callsLately: () => 7 }), agent(1, { callsLately: () => 3 })], asked(), [1, 0]],
    [
      'bestProficiency',
      [
        agent(0, { levels: { english: 90, billing: 10 } }),
        agent(1, { levels: { english: 60, billing: 60 } }),
        agent(2, { levels: { golf: 100 } }),
      ],
      asked({ skills: ['english', 'billing'] }),
      [1, 0, 2],
    ],
    ['leastSkilled', [agent(0, { skillCount: 4 }), agent(1, { skillCount: 1 })], asked(), [1, 0]],
    ['linear', [agent(2), agent(0), agent(1)], asked(), [0, 1, 2]],
    [
      'roundRobin',
      [agent(0), agent(1), agent(2)],
      asked({ turns: { lastPlace: 1, places: 3, shareOf: () => 0 } }),
      [2, 0, 1],
    ],
    [
      'weighted',
      [agent(0), agent(1), agent(2)],
      asked({ turns: { lastPlace: 0, places: 3, shareOf: (place) => [2, 0.5, 1][place] ?? 0 } }),
      [1, 2, 0],
    ],
  ])('%s', (strategy, agents, call, expected) => {
    expect(orderOf(strategy, agents, call)).toEqual(expected);
  });

  it('has a strategy for every name', () => {
    expect(Object.keys(strategies)).toHaveLength(8);
  });
});
