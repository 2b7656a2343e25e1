import type { Clock, Rng, Timer } from './clock.ts';

const startedAtMs = Date.now();
const startedAtTick = performance.now();

/** The real clock: Unix time anchored once, advanced by the monotonic clock, so that an NTP step cannot turn it back. */
export const systemClock: Clock = {
  nowMs: () => Math.floor(startedAtMs + performance.now() - startedAtTick),
  after(delayMs: number, run: () => void): Timer {
    const handle = setTimeout(run, delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
};

/** Unix time as the machine has it now. It may be set back; for moments that other machines compare with theirs. */
export const systemWall: Pick<Clock, 'nowMs'> = { nowMs: Date.now };

/** Starts to measure; the function given back tells the seconds since, finer than the clock. */
export function systemStopwatch(): () => number {
  const startedAtTick = performance.now();
  return () => (performance.now() - startedAtTick) / 1000;
}

export const systemRng: Rng = { next: Math.random };
