import { describe, expect, it } from 'vitest';
import { advisoriesFor } from '../../src/ari/advisories.ts';
import { backoffMs } from '../../src/ari/backoff.ts';

describe('advisoriesFor', () => {
  it.each([
    ['22.10.1+dfsg+~cs6', 0],
    ['22.10.0', 2],
    ['22.10', 2],
    ['22.9.5', 2],
    ['20.14.0', 2],
    ['certified/20.7', 2],
    ['23.0.0', 0],
    ['22.11.0-rc1', 0],
    ['GIT-master-abc', 0],
    ['', 0],
  ])('%s: %i', (version, count) => {
    expect(advisoriesFor(version)).toHaveLength(count);
  });
});

describe('backoffMs', () => {
  const limits = { firstDelayMs: 100, delayMaxMs: 1_000 };
  it.each([
    [0, 0, 50],
    [0, 0.999, 100],
    [2, 0, 200],
    [9, 0, 500],
    [10_000, 0.999, 1_000],
  ])('attempt %i, chance %f: about %i ms', (attempt, chance, expected) => {
    expect(backoffMs(attempt, limits, { next: () => chance })).toBe(expected);
  });
});
