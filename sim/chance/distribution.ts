import { normalQuantile } from './normal.ts';

/** How long something takes. Milliseconds. */
export type Distribution =
  | { readonly kind: 'constant'; readonly ms: number }
  | { readonly kind: 'exponential'; readonly meanMs: number }
  /** `variation` is the standard deviation divided by the mean. */
  | { readonly kind: 'lognormal'; readonly meanMs: number; readonly variation: number }
  /** Values that were measured, in ascending order; between two of them is drawn evenly. */
  | { readonly kind: 'empirical'; readonly sortedMs: readonly number[] };

/**
 * The duration below which the share `chance` in (0, 1) lies. Drawing by the inverse keeps random numbers common: the
 * same number is a short or a long duration under each policy and each distribution. Whole milliseconds.
 */
export function durationAt(distribution: Distribution, chance: number): number {
  return Math.round(exactAt(distribution, chance));
}

function exactAt(distribution: Distribution, chance: number): number {
  switch (distribution.kind) {
    case 'constant':
      return distribution.ms;
    case 'exponential':
      return -distribution.meanMs * Math.log(1 - chance);
    case 'lognormal': {
      const variance = Math.log(1 + distribution.variation ** 2);
      const location = Math.log(distribution.meanMs) - variance / 2;
      return Math.exp(location + Math.sqrt(variance) * normalQuantile(chance));
    }
    case 'empirical':
      return between(distribution.sortedMs, chance);
  }
}

function between(sortedMs: readonly number[], chance: number): number {
  const place = chance * (sortedMs.length - 1);
  const below = Math.floor(place);
  const low = sortedMs[below] ?? 0;
  return low + ((sortedMs[below + 1] ?? low) - low) * (place - below);
}
