import { controlledEstimate } from '../../statistics/controlled.ts';
import type { Estimate } from '../../statistics/interval.ts';
import { type Controls, shareWithin } from './control.ts';
import type { Played } from './play.ts';

/**
 * A quantile of the waits, seconds, from the shares of waits below it: a mean of sample quantiles would lean to one
 * side. The interval holds each time whose share may be the one asked for. Source: inversion of a test.
 */
export function quantileEstimate(
  share: number,
  secondsMax: number,
  played: readonly Played[],
  controls: readonly Controls[],
): Estimate {
  const shareAt = (seconds: number): Estimate =>
    controlledEstimate(
      played.map(({ sortedWaitsMs }) => shareWithin(sortedWaitsMs, seconds * 1000)),
      controls.map(({ deviations, withinDeviation }) => [...deviations, withinDeviation(seconds)]),
    );
  const reaching = (pick: (estimate: Estimate) => number) => firstAt((s) => pick(shareAt(s)) >= share, secondsMax);
  return {
    mean: reaching(({ mean }) => mean),
    ci95: [reaching(({ ci95 }) => ci95[1]), reaching(({ ci95 }) => ci95[0])],
  };
}

/** Where a condition that stays true once it is true begins to be, to a hundredth of a second. */
function firstAt(holds: (seconds: number) => boolean, secondsMax: number): number {
  let low = 0;
  let high = secondsMax;
  while (high - low > 0.01) {
    const middle = (low + high) / 2;
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}
