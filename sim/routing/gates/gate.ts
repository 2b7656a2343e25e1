import type { Estimate } from '../../statistics/interval.ts';

/** One figure held against what theory says of it. */
export interface Gate {
  readonly model: string;
  readonly measure: string;
  /** Computed from the formula. Times in seconds, shares 0 to 1. */
  readonly expected: number;
  readonly got: number;
  readonly ci95: readonly [number, number];
  /** Half the interval, as a share of what is expected: how small an error this gate would see. */
  readonly halfWidth: number;
  readonly ok: boolean;
}

/** Kept when the expected value lies in the interval, and the interval is narrow enough to mean something. */
export function statisticalGate(
  model: string,
  measure: string,
  expected: number,
  { mean, ci95 }: Estimate,
  halfWidthMax: number,
): Gate {
  const [low, high] = ci95;
  const halfWidth = (high - low) / 2 / Math.abs(expected);
  const ok = low <= expected && expected <= high && halfWidth <= halfWidthMax;
  return { model, measure, expected, got: mean, ci95, halfWidth, ok };
}

/** For what must be equal to the last call, not on average. */
export function exactGate(model: string, measure: string, expected: number, got: number): Gate {
  const ok = Math.abs(got - expected) <= 1e-9 * Math.max(1, Math.abs(expected));
  return { model, measure, expected, got, ci95: [got, got], halfWidth: 0, ok };
}
