import type { LogEvent } from '../events/index.ts';
import { errorText, type Logger } from '../kernel/index.ts';
import type { EventRelay } from './ports.ts';

/** Where the relay writes: the end of a stream that others read. */
export interface StreamEnd {
  /** False while nothing can be written; appending would fail at once. */
  isUp(): boolean;
  /** Appends in one go; rejects when any of them was not taken. */
  append(events: readonly LogEvent[]): Promise<void>;
  close(): void;
}

export interface RelayLimits {
  /** Events that may be on their way; what comes beyond is left to the readers' polling of the store. */
  readonly outstandingMax: number;
}

export const relayLimits: RelayLimits = { outstandingMax: 2_000 };

/** Events since the start: told, not told because the stream was away or slow, and refused by it. */
export interface RelayFigures {
  readonly told: number;
  readonly skipped: number;
  readonly failed: number;
}

/**
 * Tells the other instances what has been committed, as fast as can be and without promise: they find what is missing
 * in the store. The log never waits for it.
 */
export class StreamRelay implements EventRelay {
  private readonly end: StreamEnd;
  private readonly logger: Logger;
  private readonly limits: RelayLimits;
  private readonly counts = { told: 0, skipped: 0, failed: 0 };
  private outstanding = 0;
  private isWell = true;

  constructor(end: StreamEnd, logger: Logger, limits: RelayLimits = relayLimits) {
    this.end = end;
    this.logger = logger;
    this.limits = limits;
  }

  publish(events: readonly LogEvent[]): void {
    const { length } = events;
    if (length === 0) return;
    if (!this.end.isUp() || this.outstanding + length > this.limits.outstandingMax) {
      this.counts.skipped += length;
      return this.sayIll('the stream is away or slow');
    }
    this.outstanding += length;
    void this.append(events);
  }

  figures(): RelayFigures {
    return { ...this.counts };
  }

  stop(): void {
    this.end.close();
  }

  private async append(events: readonly LogEvent[]): Promise<void> {
    try {
      await this.end.append(events);
      this.counts.told += events.length;
      if (!this.isWell) this.logger.info({}, 'other instances are told of events again');
      this.isWell = true;
    } catch (error) {
      this.counts.failed += events.length;
      this.sayIll(errorText(error));
    } finally {
      this.outstanding -= events.length;
    }
  }

  private sayIll(reason: string): void {
    if (this.isWell) this.logger.warn({ reason }, 'other instances are not told of events; they read the store');
    this.isWell = false;
  }
}
