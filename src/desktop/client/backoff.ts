export interface BackoffLimits {
  readonly firstMs: number;
  readonly maxMs: number;
}

/**
 * How long to wait before the next try, in milliseconds: between half and the whole of a time that doubles with each
 * try up to `maxMs`. A thousand desks that lost one server must not come back in one moment. `attempt` counts from 0,
 * `random` is from 0 to 1.
 */
export function backoffMs({ firstMs, maxMs }: BackoffLimits, attempt: number, random: number): number {
  const ceiling = Math.min(maxMs, firstMs * 2 ** Math.min(attempt, 30));
  return Math.round(ceiling / 2 + (ceiling / 2) * random);
}
