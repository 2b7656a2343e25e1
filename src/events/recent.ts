import type { LogEvent } from './event.ts';

/** The newest committed events in memory, without holes, so that a short gap is filled without the store. */
export class RecentEvents {
  private readonly capacity: number;
  private readonly slots: (LogEvent | undefined)[];
  private oldest = 0;
  private newest = -1;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.slots = new Array<LogEvent | undefined>(capacity);
  }

  push(event: LogEvent): void {
    if (event.sequence !== this.newest + 1) this.oldest = event.sequence;
    this.slots[event.sequence % this.capacity] = event;
    this.newest = event.sequence;
    this.oldest = Math.max(this.oldest, event.sequence - this.capacity + 1);
  }

  /** The events after a sequence, at most `limit`; undefined when the first of them is no longer here. */
  after(sequence: number, limit: number): readonly LogEvent[] | undefined {
    const first = sequence + 1;
    if (first < this.oldest || first > this.newest) return undefined;
    const last = Math.min(this.newest, sequence + limit);
    return Array.from({ length: last - sequence }, (_, i) => this.slots[(first + i) % this.capacity] as LogEvent);
  }
}
