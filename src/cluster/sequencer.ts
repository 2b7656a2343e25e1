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
    const due: LogEvent[] = [];
    for (const event of events) {
      const { sequence } = event;
      this.highest = Math.max(this.highest, sequence);
      if (sequence === this.last + 1) this.giveOut(event, due);
      else if (sequence > this.last && this.early.size < this.earlyMax) this.early.set(sequence, event);
    }
    return due;
  }

  /** One after the other, so that those who waited make room for what comes in the same go. */
  private giveOut(event: LogEvent, due: LogEvent[]): void {
    for (let next: LogEvent | undefined = event; next; next = this.early.get(this.last + 1)) {
      this.last = next.sequence;
      this.early.delete(this.last);
      due.push(next);
    }
  }
}
