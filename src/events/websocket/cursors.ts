import { AppError, type Clock, errorText, type Logger } from '../../kernel/index.ts';
import type { EventStore } from '../ports.ts';

const retryMs = 1000;

type CursorStore = Pick<EventStore, 'loadCursor' | 'saveCursor'>;

/**
 * Writes durable consumers' cursors behind them. Acks are cumulative, so only the newest per consumer is kept and one
 * write per consumer is under way; what a crash forgets is delivered again, which is what consumers must bear anyway.
 */
export class Cursors {
  failures = 0;
  private readonly store: CursorStore;
  private readonly clock: Clock;
  private readonly logger: Logger;
  private readonly wanted = new Map<string, number>();
  private readonly underWay = new Map<string, Promise<void>>();
  private readonly resting = new Set<string>();

  constructor(store: CursorStore, clock: Clock, logger: Logger) {
    this.store = store;
    this.clock = clock;
    this.logger = logger;
  }

  /** The newest cursor, also when it is still on its way to the store. */
  async load(consumerId: string): Promise<number | undefined> {
    const stored = await this.store.loadCursor(consumerId);
    const wanted = this.wanted.get(consumerId);
    return wanted === undefined ? stored : Math.max(wanted, stored ?? 0);
  }

  save(consumerId: string, sequence: number): void {
    this.wanted.set(consumerId, Math.max(sequence, this.wanted.get(consumerId) ?? 0));
    if (!this.underWay.has(consumerId) && !this.resting.has(consumerId))
      this.underWay.set(consumerId, this.write(consumerId));
  }

  /** Resolves when what was asked for so far has been written or given up. */
  async settle(): Promise<void> {
    await Promise.all(this.underWay.values());
  }

  private async write(consumerId: string): Promise<void> {
    for (let sequence = this.wanted.get(consumerId); sequence !== undefined; ) {
      try {
        await this.store.saveCursor(consumerId, sequence, this.clock.nowMs());
      } catch (error) {
        this.failed(consumerId, error);
        break;
      }
      const newest = this.wanted.get(consumerId);
      if (newest === sequence) this.wanted.delete(consumerId);
      sequence = newest === sequence ? undefined : newest;
    }
    this.underWay.delete(consumerId);
  }

  private failed(consumerId: string, error: unknown): void {
    this.failures += 1;
    const code = error instanceof AppError ? error.code : errorText(error);
    this.logger.warn({ consumerId, code }, 'a consumer cursor could not be saved; tried again');
    this.resting.add(consumerId);
    this.clock.after(retryMs, () => {
      this.resting.delete(consumerId);
      const sequence = this.wanted.get(consumerId);
      if (sequence !== undefined) this.save(consumerId, sequence);
    });
  }
}
