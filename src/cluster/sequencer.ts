import type { LogEvent } from '../events/index.ts';

/**
 * Makes one row of events that come by several ways: each once, in order, without holes. What comes early waits, what
 * comes again is dropped, and so is what comes early when too many wait: it is in the store.
 */
export class Sequencer {
  private readonly earlyMax: number;
  private readonly early = new Map<number, LogEvent>();
  private last: number;
  private highest: number;

  constructor(position: number, earlyMax: number) {
    this.earlyMax = earlyMax;
    this.last = position;
    this.highest = position;
  }

  /** The sequence of the newest event given out. */
  get position(): number {
    return this.last;
  }

  /** The highest sequence heard of, given out or not. */
  get heardOf(): number {
    return this.highest;
  }

  get hasHole(): boolean {
    return this.early.size > 0;
  }

  /** Takes events as they come; gives those that are due now. */
  take(events: readonly LogEvent[]): LogEvent[] {
    for (const event of events) this.keep(event);
    const due: LogEvent[] = [];
    for (let next = this.early.get(this.last + 1); next; next = this.early.get(this.last + 1)) {
      this.last = next.sequence;
      this.early.delete(this.last);
      due.push(next);
    }
    return due;
  }

  private keep(event: LogEvent): void {
    const { sequence } = event;
    this.highest = Math.max(this.highest, sequence);
    if (sequence <= this.last) return;
    if (sequence === this.last + 1 || this.early.size < this.earlyMax) this.early.set(sequence, event);
  }
}
