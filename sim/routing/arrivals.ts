import type { Rng } from '../../src/kernel/index.ts';
import type { Arrivals, RateStep } from './scenario.ts';

const dayMs = 86_400_000;
const hourMs = 3_600_000;

/** The times at which calls come, milliseconds since the midnight before the start, in order, from `startMs` up to `endMs`. */
export function* arrivalTimes(arrivals: Arrivals, startMs: number, endMs: number, rng: Rng): Generator<number> {
  if (arrivals.kind === 'poisson') yield* randomTimes(arrivals.steps, startMs, endMs, rng);
  else yield* recordedTimes(arrivals.timesMs, startMs, endMs);
}

function* recordedTimes(timesMs: readonly number[], startMs: number, endMs: number): Generator<number> {
  for (let midnightMs = 0; midnightMs < endMs; midnightMs += dayMs) {
    for (const timeMs of timesMs) {
      const atMs = midnightMs + timeMs;
      if (atMs >= startMs && atMs < endMs) yield atMs;
    }
  }
}

/** A unit-rate process, with each step stretched by its rate: exact at the changes, and one number drawn for each call. */
function* randomTimes(steps: readonly RateStep[], startMs: number, endMs: number, rng: Rng): Generator<number> {
  let work = -Math.log(1 - rng.next());
  for (const { fromMs, toMs, callsPerHour } of spans(steps, startMs, endMs)) {
    const perMs = callsPerHour / hourMs;
    let atMs = fromMs;
    while (work <= (toMs - atMs) * perMs && perMs > 0) {
      atMs += work / perMs;
      yield Math.floor(atMs);
      work = -Math.log(1 - rng.next());
    }
    work -= (toMs - atMs) * perMs;
  }
}

/** The steps as they follow each other day after day, cut to the time asked for. Before the first step nobody calls. */
function* spans(steps: readonly RateStep[], startMs: number, endMs: number) {
  for (let midnightMs = 0; midnightMs < endMs; midnightMs += dayMs) {
    for (const [index, { fromMs, callsPerHour }] of steps.entries()) {
      const from = Math.max(startMs, midnightMs + fromMs);
      const to = Math.min(endMs, midnightMs + (steps[index + 1]?.fromMs ?? dayMs));
      if (to > from) yield { fromMs: from, toMs: to, callsPerHour };
    }
  }
}
