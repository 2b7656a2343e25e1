import { type Clock, systemClock } from '../../../src/kernel/index.ts';
import type { PbxClock } from '../clock.ts';

/** Time as it passes for everybody. */
export const realClock: PbxClock = {
  nowMs: () => systemClock.nowMs(),
  exactMs: () => performance.timeOrigin + performance.now(),
  after: (...args: Parameters<Clock['after']>) => systemClock.after(...args),
};
