import type { Clock, Timer } from '../../src/kernel/index.ts';
import type { VirtualClock } from '../virtual-clock.ts';

/**
 * The clock of one life of the server: set differently from that of the world, silent once the server is dead, and
 * late for everything while the process is paused.
 */
export class LifeClock implements Clock {
  isDead = false;
  private readonly world: VirtualClock;
  private readonly offsetMs: number;
  private pausedUntilMs = 0;
  private readonly held: (() => void)[] = [];

  constructor(world: VirtualClock, offsetMs: number) {
    this.world = world;
    this.offsetMs = offsetMs;
  }

  nowMs(): number {
    return this.world.nowMs() + this.offsetMs;
  }

  after(delayMs: number, run: () => void): Timer {
    let cancelled = false;
    const timer = this.world.after(delayMs, () =>
      this.run(() => {
        if (!cancelled) run();
      }),
    );
    return {
      cancel: () => {
        cancelled = true;
        timer.cancel();
      },
    };
  }

  /** Something reaches the process from outside: at once, at the end of a pause, or never. */
  run(what: () => void): void {
    if (this.isDead) return;
    if (this.world.nowMs() < this.pausedUntilMs) this.held.push(what);
    else what();
  }

  pause(forMs: number): void {
    this.pausedUntilMs = this.world.nowMs() + forMs;
    this.world.after(forMs, () => {
      for (const what of this.held.splice(0)) if (!this.isDead) what();
    });
  }

  get isPaused(): boolean {
    return this.world.nowMs() < this.pausedUntilMs;
  }
}
