import { type Clock, within } from '../kernel/index.ts';

/** Readers who wait until a log has come to a place. */
export class SequenceWaits {
  private readonly clock: Clock;
  private readonly waiting = new Set<{ readonly sequence: number; readonly tell: (reached: boolean) => void }>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  get size(): number {
    return this.waiting.size;
  }

  /** Whether the log comes so far within the time. */
  async until(sequence: number, deadlineMs: number): Promise<boolean> {
    const { promise, resolve: tell } = Promise.withResolvers<boolean>();
    const waiter = { sequence, tell };
    this.waiting.add(waiter);
    const reached = await within(this.clock, deadlineMs, promise);
    this.waiting.delete(waiter);
    return reached ?? false;
  }

  /** The log has come so far. */
  reached(sequence: number): void {
    for (const waiter of this.waiting) if (waiter.sequence <= sequence) this.end(waiter, true);
  }

  /** It comes no further. */
  giveUp(): void {
    for (const waiter of this.waiting) this.end(waiter, false);
  }

  private end(
    waiter: { readonly sequence: number; readonly tell: (reached: boolean) => void },
    reached: boolean,
  ): void {
    this.waiting.delete(waiter);
    waiter.tell(reached);
  }
}
