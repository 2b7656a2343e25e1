import type { Clock, Logger, Rng, Timer } from '../kernel/index.ts';
import { withDeadline } from './deadline.ts';
import { codeOf } from './lane.ts';
import type { News } from './news.ts';
import type { DeskChanges, TicketStore } from './ports.ts';
import { afterFailure, type DeskState, healthy } from './resting.ts';

export interface PollerParts {
  readonly deskId: string;
  readonly changes: (cursor: string, nowMs: number, signal: AbortSignal) => Promise<DeskChanges>;
  readonly news: News;
  readonly store: TicketStore;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
}

export interface PollerOptions {
  readonly everyMs: number;
  readonly deadlineMs: number;
  /** The longest pause after failures. */
  readonly restMaxMs: number;
}

/**
 * Asks one desk what has changed since the last time. The cursor is saved after its news are written; what a crash
 * makes it read twice changes nothing the second time.
 */
export class Poller {
  private readonly parts: PollerParts;
  private readonly options: PollerOptions;
  private state: DeskState = healthy;
  private cursor: string | undefined;
  private timer: Timer | undefined;
  private running: Promise<void> = Promise.resolve();
  private readonly stopping = new AbortController();

  constructor(parts: PollerParts, options: PollerOptions) {
    this.parts = parts;
    this.options = options;
  }

  start(): void {
    this.running = this.poll();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    this.timer?.cancel();
    await this.running;
  }

  private async poll(): Promise<void> {
    const { clock, rng, logger, deskId } = this.parts;
    const { everyMs, restMaxMs } = this.options;
    try {
      await this.once();
      this.state = healthy;
    } catch (error) {
      if (this.stopping.signal.aborted) return;
      this.state = afterFailure(this.state, clock.nowMs(), { firstMs: everyMs, maxMs: restMaxMs }, rng.next());
      if (this.state.failures === 1) logger.warn({ deskId, code: codeOf(error) }, 'the desk does not tell its changes');
    }
    if (this.stopping.signal.aborted) return;
    const delayMs = Math.max(everyMs, this.state.restsUntilMs - clock.nowMs());
    this.timer = clock.after(delayMs, () => this.start());
  }

  private async once(): Promise<void> {
    const { deskId, changes, news, store, clock } = this.parts;
    this.cursor ??= await store.cursor(deskId);
    const cursor = this.cursor;
    const found = await withDeadline(clock, this.options.deadlineMs, this.stopping.signal, (signal) =>
      changes(cursor, clock.nowMs(), signal),
    );
    await news.take(deskId, found.tickets, 'poll');
    if (found.cursor === cursor) return;
    await store.saveCursor(deskId, found.cursor);
    this.cursor = found.cursor;
  }
}
