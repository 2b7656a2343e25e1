import { assert, type Clock, type Timer } from '../src/kernel/index.ts';

interface Due {
  readonly atMs: number;
  /** Of two that are due at the same time the one that was asked for first runs first. */
  readonly order: number;
  readonly run: () => void;
  cancelled: boolean;
}

/** Lets everything run that waits for nothing but promises. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * Time that passes only when it is turned, however long or short the work takes: an hour of calls is over in seconds,
 * and runs the same each time. Fractions of a millisecond keep the order of what a real network would keep apart.
 */
export class VirtualClock implements Clock {
  private timeMs: number;
  private readonly heap: Due[] = [];
  private orders = 0;
  private cancelled = 0;

  constructor(startMs: number) {
    this.timeMs = startMs;
  }

  nowMs(): number {
    return Math.floor(this.timeMs);
  }

  /** With its fraction. */
  exactMs(): number {
    return this.timeMs;
  }

  /** What is still to run. */
  get pending(): number {
    return this.heap.length - this.cancelled;
  }

  after(delayMs: number, run: () => void): Timer {
    const due: Due = { atMs: this.timeMs + Math.max(0, delayMs), order: (this.orders += 1), run, cancelled: false };
    this.push(due);
    return {
      cancel: () => {
        if (due.cancelled) return;
        due.cancelled = true;
        this.cancelled += 1;
      },
    };
  }

  /** Runs what falls due, in order, each with all that follows from it at once; ends early when `goesOn` says so. */
  async runUntil(untilMs: number, goesOn: () => boolean = () => true): Promise<void> {
    for (let next = this.heap[0]; next && next.atMs <= untilMs && goesOn(); next = this.heap[0]) {
      this.pop();
      if (next.cancelled) {
        this.cancelled -= 1;
        continue;
      }
      // Cancelling what has run is no news.
      next.cancelled = true;
      this.timeMs = next.atMs;
      next.run();
      await settle();
    }
    if (goesOn()) this.timeMs = Math.max(this.timeMs, untilMs);
    await settle();
  }

  private push(due: Due): void {
    const { heap } = this;
    let at = heap.push(due) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!isBefore(due, heap[above])) break;
      heap[at] = heap[above] as Due;
      at = above;
    }
    heap[at] = due;
  }

  private pop(): void {
    const { heap } = this;
    const last = heap.pop();
    assert(last !== undefined, 'there is something to take');
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      if (isBefore(heap[below + 1], heap[below])) below += 1;
      if (!isBefore(heap[below], last)) break;
      heap[at] = heap[below] as Due;
      at = below;
    }
    heap[at] = last;
  }
}

function isBefore(one: Due | undefined, other: Due | undefined): boolean {
  if (!one || !other) return false;
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
}
