import { DueTimes } from './due-times.ts';

/** All timers of routing: those of agents are few and soon, those of calls are many and far off, so each have their own heap. */
export class Timers {
  /** By place. */
  readonly agents = new DueTimes();
  /** By number. */
  readonly calls = new DueTimes();
  /** By index. */
  readonly signatures = new DueTimes();

  /** Asked several times a step: an answer that is no number leaves nothing to be collected. */
  isDue(nowMs: number): boolean {
    return this.agents.isDue(nowMs) || this.calls.isDue(nowMs) || this.signatures.isDue(nowMs);
  }

  get nextAtMs(): number | undefined {
    const atMs = this.earliestMs;
    return atMs === Number.POSITIVE_INFINITY ? undefined : atMs;
  }

  get earliestMs(): number {
    const { agents, calls, signatures } = this;
    agents.dropLate();
    calls.dropLate();
    signatures.dropLate();
    return Math.min(agents.firstMs, calls.firstMs, signatures.firstMs);
  }
}
