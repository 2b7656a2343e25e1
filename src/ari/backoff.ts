import type { Rng } from '../kernel/index.ts';

export interface BackoffLimits {
  readonly firstDelayMs: number;
  readonly delayMaxMs: number;
}

/** How long to wait before attempt number `attempt` (from 0): doubling, capped, between half and all of it by chance. */
export function backoffMs(attempt: number, limits: BackoffLimits, rng: Rng): number {
  const full = Math.min(limits.delayMaxMs, limits.firstDelayMs * 2 ** Math.min(attempt, 30));
  return Math.round(full * (0.5 + rng.next() / 2));
}
