import type { Strategy } from './strategy.ts';

/** Who has spent the smallest share of the time since signing in at work. */
export const leastOccupied: Strategy = ({ busyMs, signedInAtMs }, { nowMs }) =>
  busyMs / Math.max(1, nowMs - signedInAtMs);
