import type { Clock, Timer } from '../../src/kernel/index.ts';
import type { VirtualClock } from '../virtual-clock.ts';

/**
 * The clock of one life of the server: set differently from that of the world, silent once the server is dead, and
 * late for everything while the process is paused. Of a process in which one server follows another, each server has a
 * life of its own in that of the process.
 */
export class LifeClock implements Clock {
  isDead = false;
  private readonly world: VirtualClock;
  private readonly process: LifeClock | undefined;
  private offsetMs: number;
  private pauses = 0;
  private readonly held: (() => void)[] = [];

  constructor(world: VirtualClock, offsetMs: number, process?: LifeClock) {
    this.world = world;
    this.process = process;
    this.offsetMs = offsetMs;
  }

  nowMs(): number {
    return (this.process ?? this.world).nowMs() + this.offsetMs;
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
    if (this.process) return this.process.run(() => void (this.isDead || what()));
    if (this.isPaused) this.held.push(what);
    else what();
  }

  /** The process gets no time, as by SIGSTOP. `asleep`: nor does its clock go on, as when the machine is suspended. */
  pause(forMs: number, asleep = false): void {
    if (this.process) return this.process.pause(forMs, asleep);
    this.pauses += 1;
    this.world.after(forMs, () => {
      this.pauses -= 1;
      if (asleep) this.offsetMs -= Math.floor(forMs);
      while (!this.isPaused && this.held.length > 0) this.run(this.held.shift() as () => void);
      if (this.isDead) this.held.length = 0;
    });
  }

  get isPaused(): boolean {
    return this.process?.isPaused ?? this.pauses > 0;
  }
}
