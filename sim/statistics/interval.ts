import { studentQuantile } from './student.ts';

/** A figure from independent replications with the interval that holds the true one in 95 of 100 experiments. */
export interface Estimate {
  readonly mean: number;
  /** NaN twice when there were fewer than two values. */
  readonly ci95: readonly [low: number, high: number];
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Around a mean with so much standard error; Student's t. */
export function estimateAround(mean: number, standardError: number, freedom: number): Estimate {
  if (freedom < 1) return { mean, ci95: [Number.NaN, Number.NaN] };
  const half = studentQuantile(0.975, freedom) * standardError;
  return { mean, ci95: [mean - half, mean + half] };
}

/** Student's interval over replications. Values that are not numbers (a share of nothing) are left out. */
export function estimate(values: readonly number[]): Estimate {
  const known = values.filter(Number.isFinite);
  const mean = meanOf(known);
  const variance = known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (known.length - 1);
  return estimateAround(mean, Math.sqrt(variance / known.length), known.length - 1);
}
