import type { Clock, Timer } from '../../src/kernel/index.ts';

export const t0 = 1_800_000_000_000;

/** Lets all promise reactions run that are ready. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A clock that stands still until it is turned. */
export class FakeClock implements Clock {
  private now = t0;
  private timers: { atMs: number; run: () => void }[] = [];

  nowMs(): number {
    return this.now;
  }

  after(delayMs: number, run: () => void): Timer {
    const timer = { atMs: this.now + delayMs, run };
    this.timers.push(timer);
    return { cancel: () => void (this.timers = this.timers.filter((one) => one !== timer)) };
  }

  get pendingTimers(): number {
    return this.timers.length;
  }

  /** Runs what falls due, in order, and lets promises settle in between. */
  async advance(delayMs: number): Promise<void> {
    const untilMs = this.now + delayMs;
    for (;;) {
      const [next] = this.timers.filter((timer) => timer.atMs <= untilMs).sort((a, b) => a.atMs - b.atMs);
      if (!next) break;
      this.timers = this.timers.filter((timer) => timer !== next);
      this.now = next.atMs;
      next.run();
      await settle();
    }
    this.now = untilMs;
    await settle();
  }
}
