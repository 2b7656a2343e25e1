import { type Clock, errorText, type Logger, type Timer } from '../kernel/index.ts';
import type { EventStore } from './ports.ts';

export interface RetentionOptions {
  readonly retentionMs: number;
  readonly everyMs: number;
  /** Rows per step: a step holds the store, so it stays short. */
  readonly stepRows: number;
  readonly pauseMs: number;
}

export const retentionDefaults: RetentionOptions = {
  retentionMs: 72 * 3_600_000,
  everyMs: 60_000,
  stepRows: 500,
  pauseMs: 20,
};

/** Removes events that are older than the retention, in small steps with pauses, so that commits never wait long. */
export class Retention {
  prunedTotal = 0;
  private readonly store: EventStore;
  private readonly clock: Clock;
  private readonly logger: Logger;
  private readonly options: RetentionOptions;
  private timer: Timer | undefined;
  private stopped = false;

  constructor(store: EventStore, clock: Clock, logger: Logger, options: RetentionOptions) {
    this.store = store;
    this.clock = clock;
    this.logger = logger;
    this.options = options;
  }

  start(): void {
    this.next(this.options.everyMs);
  }

  stop(): void {
    this.stopped = true;
    this.timer?.cancel();
  }

  private next(delayMs: number): void {
    if (!this.stopped) this.timer = this.clock.after(delayMs, () => void this.step());
  }

  private async step(): Promise<void> {
    const { retentionMs, everyMs, stepRows, pauseMs } = this.options;
    try {
      const pruned = await this.store.prune(this.clock.nowMs() - retentionMs, stepRows);
      this.prunedTotal += pruned;
      this.next(pruned === stepRows ? pauseMs : everyMs);
    } catch (error) {
      this.logger.warn({ code: errorText(error) }, 'old events could not be removed; tried again later');
      this.next(everyMs);
    }
  }
}
