import type { Clock, Logger, Rng, Timer } from '../../src/kernel/index.ts';

/** A clock that tests turn by hand; due timers run in the order of their time. */
export class ManualClock implements Clock {
  private now = 1_000_000;
  private timers: { atMs: number; run: () => void }[] = [];

  nowMs(): number {
    return this.now;
  }

  after(delayMs: number, run: () => void): Timer {
    const timer = { atMs: this.now + delayMs, run };
    this.timers.push(timer);
    return {
      cancel: () => {
        this.timers = this.timers.filter((other) => other !== timer);
      },
    };
  }

  /** How long until the next timer is due. */
  nextInMs(): number | undefined {
    const [first] = this.timers.map(({ atMs }) => atMs - this.now).sort((a, b) => a - b);
    return first;
  }

  advance(byMs: number): void {
    const until = this.now + byMs;
    for (;;) {
      const [next] = this.timers.filter(({ atMs }) => atMs <= until).sort((a, b) => a.atMs - b.atMs);
      if (!next) break;
      this.timers = this.timers.filter((other) => other !== next);
      this.now = next.atMs;
      next.run();
    }
    this.now = until;
  }
}

export const halfRng: Rng = { next: () => 0.5 };

export const silentLog: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silentLog,
};

/** Waits for something that real sockets bring about; fails with what it waited for. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, deadlineMs = 8_000): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Lets everything run that only waits for promises. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
