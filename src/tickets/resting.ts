/** How long a desk is left alone after failures; times in milliseconds. */
export interface RestPolicy {
  readonly firstMs: number;
  readonly maxMs: number;
}

/** How a desk has done lately. While it fails it is asked one thing at a time, with growing pauses. */
export interface DeskState {
  /** Failures in a row. */
  readonly failures: number;
  /** Asked nothing before this, Unix milliseconds. */
  readonly restsUntilMs: number;
}

export const healthy: DeskState = { failures: 0, restsUntilMs: 0 };

/** Doubles the pause up to its limit; `chance` in [0, 1) takes up to half away, so that servers do not ask in step. */
export function afterFailure(state: DeskState, nowMs: number, policy: RestPolicy, chance: number): DeskState {
  const failures = state.failures + 1;
  const pauseMs = Math.min(policy.maxMs, policy.firstMs * 2 ** Math.min(failures - 1, 30));
  return { failures, restsUntilMs: nowMs + Math.round(pauseMs * (1 - chance / 2)) };
}

/** What a desk is asked at one time: a failing one is probed with one thing. */
export const askedAtOnce = ({ failures }: DeskState, parallelMax: number): number => (failures > 0 ? 1 : parallelMax);
