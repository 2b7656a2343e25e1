import { randomInt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type DayResult, liveDay } from '../../../sim/days/day.ts';
import { plants } from '../../../sim/days/plants.ts';

/** Days that once broke a rule, with what was wrong; each was mended where it was wrong. */
const found: readonly (readonly [seed: number, hours: number, what: string])[] = [
  [4, 0.25, 'a join whose answer was lost took the conversation apart'],
  [7, 0.65, 'a call that had ended came to life again with the next server'],
  [60, 0.45, 'a join whose answer was lost ended a call that went out'],
  [51, 0.05, 'so did one that ended before the next server had seen the PBX'],
  [69, 1.8, 'a phone that had answered stayed alone, for the store knew the offer from before it was dialled'],
];
const fresh = Array.from({ length: 2 }, () => randomInt(1_000, 2 ** 31));

const inWords = ({ violations }: DayResult): readonly string[] =>
  violations.map(({ rule, what, tickMs }) => `${tickMs} ${rule}: ${what}`);

describe('a simulated day', () => {
  it.each(found)('by seed %i of %d hours keeps every rule: %s', { timeout: 60_000 }, async (seed, hours) => {
    expect(inWords(await liveDay({ seed, hours }))).toEqual([]);
  });

  it.each(fresh)('by the fresh seed %i keeps every rule', { timeout: 60_000 }, async (seed) => {
    const day = await liveDay({ seed, hours: 0.5 });
    expect(inWords(day), `npm run sim -- --seed ${seed} --hours 0.5 --trace`).toEqual([]);
    expect(day.calls).toBeGreaterThan(20);
  });

  it.each([1, ...fresh])('of two instances by seed %i keeps every rule', { timeout: 60_000 }, async (seed) => {
    const day = await liveDay({ seed, hours: 0.25, instances: true });
    expect(inWords(day), `npm run sim -- --seed ${seed} --hours 0.25 --instances --trace`).toEqual([]);
    expect(day.calls).toBeGreaterThan(10);
  });

  it('is the same each time', { timeout: 60_000 }, async () => {
    const [one, other] = [await liveDay({ seed: 3, hours: 0.2 }), await liveDay({ seed: 3, hours: 0.2 })];
    expect(other).toEqual(one);
    expect(one.events).toBeGreaterThan(500);
  });

  it.each(plants)('finds %s within 50 seeds', { timeout: 120_000 }, async (plant) => {
    let seed = 1;
    while (seed <= 50 && (await liveDay({ seed, hours: 0.5, plant })).violations.length === 0) seed += 1;
    expect(seed).toBeLessThanOrEqual(50);
  });
});
