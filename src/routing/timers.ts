import { DueTimes } from './due-times.ts';

/** All timers of routing: those of agents are few and soon, those of calls are many and far off, so each have their own heap. */
export class Timers {
  /** By place. */
  readonly agents = new DueTimes();
  /** By number. */
  readonly calls = new DueTimes();
  /** By index. */
  readonly signatures = new DueTimes();

  get nextAtMs(): number | undefined {
    const atMs = this.earliestMs;
    return atMs === Number.POSITIVE_INFINITY ? undefined : atMs;
  }

  get earliestMs(): number {
    return Math.min(this.agents.nextAtMs, this.calls.nextAtMs, this.signatures.nextAtMs);
  }
}
