import { AppError, type Clock } from '../../kernel/index.ts';
import type { CommittedLog } from '../committed-log.ts';
import { eventErrors } from '../errors.ts';
import type { SnapshotSource, TakenSnapshot } from './snapshots.ts';

/** As long as a reader of the event stream waits for the same. */
const holdMs = 10_000;

/**
 * States that leave the server: each when the log holds all that it shows. What a dying server had not written is the
 * next one's to tell anew, under the same sequences.
 */
export class CommittedSnapshots implements SnapshotSource {
  private readonly source: { take(): TakenSnapshot };
  private readonly log: CommittedLog;
  private readonly clock: Clock;
  private readonly waiting = new Set<{ readonly sequence: number; readonly tell: () => void }>();

  constructor(source: { take(): TakenSnapshot }, log: CommittedLog, clock: Clock) {
    this.source = source;
    this.log = log;
    this.clock = clock;
    log.onCommitted(() => {
      for (const { sequence, tell } of this.waiting) if (sequence <= log.lastCommitted) tell();
    });
  }

  /** Rejects with `events.store_away` when the log does not come so far. */
  take(): TakenSnapshot | Promise<TakenSnapshot> {
    const taken = this.source.take();
    const { sequence } = taken;
    if (sequence <= this.log.lastCommitted) return taken;
    return new Promise((resolve, reject) => {
      const done = (settle: () => void): void => {
        timer.cancel();
        this.waiting.delete(waiter);
        settle();
      };
      const waiter = { sequence, tell: () => done(() => resolve(taken)) };
      const timer = this.clock.after(holdMs, () => done(() => reject(new AppError(eventErrors.store_away))));
      this.waiting.add(waiter);
    });
  }
}
