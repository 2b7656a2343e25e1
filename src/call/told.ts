import type { Call } from './call.ts';
import type { Announcements, WaitState } from './wait-care.ts';

/** Where a call stands now. */
export interface Standing {
  /** From 1. */
  readonly position: number;
  /** Absent while nobody is at work for it. */
  readonly waitMs?: number;
}

/** What may be said of it: a range from `fromMs` to `toMs`. */
export interface Telling {
  readonly position?: number;
  readonly fromMs?: number;
  readonly toMs?: number;
}

/**
 * What a caller is told next. Only downwards: never a later place and never a longer range than before, whatever the
 * estimate says now; what has become worse is not spoken of.
 */
export function nextTelling(
  before: Pick<WaitState, 'toldPosition' | 'toldWaitMs'>,
  { position, waitMs }: Standing,
  { positionMax, waitStepsMs }: Pick<Announcements, 'positionMax' | 'waitStepsMs'>,
): Telling {
  const isTold = position <= Math.min(positionMax, before.toldPosition ?? Number.POSITIVE_INFINITY);
  const at = waitMs === undefined ? -1 : waitStepsMs.findIndex((step) => waitMs <= step);
  const toMs = waitStepsMs[at];
  const range = toMs !== undefined && toMs <= (before.toldWaitMs ?? Number.POSITIVE_INFINITY);
  return {
    ...(isTold ? { position } : {}),
    ...(range ? { fromMs: waitStepsMs[at - 1] ?? 0, toMs } : {}),
  };
}

/** For how long the call waited since it was first counted, and how many went before it then. */
export const measuredTurn = ({ wait }: Call, atMs: number): { delayMs: number; ahead: number } | undefined =>
  wait?.counted && { delayMs: Math.max(0, atMs - wait.counted.atMs), ahead: wait.counted.ahead };
