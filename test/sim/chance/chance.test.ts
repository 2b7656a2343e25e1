import { describe, expect, it } from 'vitest';
import { type Distribution, durationAt } from '../../../sim/chance/distribution.ts';
import { normalQuantile } from '../../../sim/chance/normal.ts';
import { chanceOf, SeededRng, seedOf } from '../../../sim/chance/rng.ts';

const many = 50_000;

describe('repeatable chance', () => {
  it('gives the same numbers for the same seed, and others for another', () => {
    const draw = (seed: number) => {
      const rng = new SeededRng(seed);
      return Array.from({ length: 5 }, () => rng.next());
    };
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    expect(seedOf(1, 'a', 12)).not.toBe(seedOf(1, 'a1', 2));
  });

  it('is even over (0, 1), also one number from each of many seeds', () => {
    const rng = new SeededRng(3);
    for (const next of [() => rng.next(), one()]) {
      const tenths = new Array<number>(10).fill(0);
      for (let index = 0; index < many; index += 1) {
        const tenth = Math.floor(next() * 10);
        tenths[tenth] = (tenths[tenth] ?? 0) + 1;
      }
      for (const count of tenths) expect(Math.abs(count - many / 10)).toBeLessThan(5 * Math.sqrt(many / 10));
    }
  });
});

function one(): () => number {
  let index = 0;
  return () => chanceOf(index++, 1, 2);
}

describe('durations', () => {
  it.each([
    [0.975, 1.959964],
    [0.5, 0],
    [0.001, -3.090232],
  ])('know the normal distribution at %f', (chance, published) => {
    expect(normalQuantile(chance)).toBeCloseTo(published, 6);
  });

  const drawn: readonly (readonly [Distribution, number, number])[] = [
    [{ kind: 'constant', ms: 500 }, 500, 0],
    [{ kind: 'exponential', meanMs: 60_000 }, 60_000, 60_000],
    [{ kind: 'lognormal', meanMs: 60_000, variation: 0.8 }, 60_000, 48_000],
    [{ kind: 'empirical', sortedMs: [1000, 3000] }, 2000, 2000 / Math.sqrt(12)],
  ];
  it.each(drawn)('have the mean and deviation asked for: %o', (distribution, mean, deviation) => {
    const rng = new SeededRng(9);
    const values = Array.from({ length: many }, () => durationAt(distribution, rng.next()));
    const got = values.reduce((sum, value) => sum + value, 0) / many;
    const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - got) ** 2, 0) / many);
    expect(Math.abs(got - mean)).toBeLessThanOrEqual(5 * (deviation / Math.sqrt(many)));
    expect(Math.abs(spread - deviation)).toBeLessThanOrEqual(0.05 * deviation);
  });

  it('grow with the number drawn, so that common numbers stay common', () => {
    for (const [distribution] of drawn) {
      const values = [0.01, 0.2, 0.5, 0.8, 0.99].map((chance) => durationAt(distribution, chance));
      expect(values).toEqual([...values].sort((a, b) => a - b));
    }
  });
});
