import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Compliance } from '../../src/campaigns/index.ts';
import { JobHours } from '../../src/campaigns/job-hours.ts';
import type { Hours } from '../../src/campaigns/ports.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeDoNotCall } from './fixtures.ts';

/** Open for `openMs` of every `cycleMs`, from `fromMs` on. */
const cycle = (fromMs: number, openMs: number, cycleMs: number): Hours => {
  const phase = (atMs: number): number => (((atMs - fromMs) % cycleMs) + cycleMs) % cycleMs;
  return {
    isOpen: (atMs) => phase(atMs) < openMs,
    nextChangeMs: (atMs) => atMs + (phase(atMs) < openMs ? openMs : cycleMs) - phase(atMs),
  };
};
const never: Hours = { isOpen: () => false, nextChangeMs: () => undefined };
const always: Hours = { isOpen: () => true, nextChangeMs: () => undefined };

function hours(country: Hours, queue?: Hours): JobHours {
  const options = { listed: new Set<string>(), hoursOf: () => country, deadlineMs: 1 };
  return new JobHours(new Compliance(new FakeDoNotCall(), new FakeClock(), options), { queueHours: () => queue });
}
const callback = { region: 'CN', queueId: 'sales', callback: {} };
const plain = { region: 'CN', queueId: 'sales' };

it.each([
  ['both open', always, always, 7, 7],
  ['the queue has no hours', cycle(10, 5, 20), undefined, 7, 10],
  ['the queue opens later', cycle(10, 5, 20), cycle(12, 5, 20), 7, 12],
  ['they meet on another day', cycle(0, 5, 20), cycle(8, 5, 21), 7, 180],
  ['they never meet', cycle(0, 5, 20), cycle(10, 5, 20), 7, undefined],
  ['the queue never opens', always, never, 7, undefined],
  ['nobody there may be called', never, always, 7, undefined],
])('a callback may be made next: %s', (_name, country, queue, fromMs, expected) => {
  expect(hours(country, queue).nextOpenMs(callback, fromMs)).toBe(expected);
});

it('only callbacks go by the hours of the queue', () => {
  const both = hours(always, never);
  expect([both.isOpen(plain, 1), both.nextOpenMs(plain, 1), both.keptUntilMs(plain, 1, 9)]).toEqual([true, 1, 10]);
  expect(both.isOpen(callback, 1)).toBe(false);
  expect(hours(cycle(0, 50, 90), cycle(0, 20, 90)).openUntilMs(callback, 7)).toBe(20);
  expect(hours(always, always).openUntilMs(callback, 7)).toBeUndefined();
  // It closed between the question and the call.
  expect(hours(always, cycle(0, 20, 90)).openUntilMs(callback, 30)).toBe(30);
});

it('time in which the queue is closed does not count as kept', () => {
  const both = hours(always, cycle(10, 5, 20));
  expect(both.keptUntilMs(callback, 12, 3)).toBe(15);
  expect(both.keptUntilMs(callback, 12, 4)).toBe(31);
  expect(both.keptUntilMs(callback, 0, 12)).toBe(52);
  expect(hours(always, never).keptUntilMs(callback, 5, 4)).toBe(9);
});

it('the next time is the first at which both are open (seed 20260411)', () => {
  const span = fc.record({
    from: fc.nat(30),
    open: fc.integer({ min: 1, max: 9 }),
    rest: fc.integer({ min: 1, max: 9 }),
  });
  const made = ({ from, open, rest }: { from: number; open: number; rest: number }) => cycle(from, open, open + rest);
  fc.assert(
    fc.property(span, span, fc.nat(60), (one, other, fromMs) => {
      const both = hours(made(one), made(other));
      const found = both.nextOpenMs(callback, fromMs);
      // What repeats has shown all that it does within the product of the two.
      const instants = Array.from({ length: 400 }, (_, step) => fromMs + step);
      expect(found).toBe(instants.find((atMs) => both.isOpen(callback, atMs)));
    }),
    { seed: 20260411, numRuns: 300 },
  );
});
