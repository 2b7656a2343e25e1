import { AppError, type Clock } from '../../kernel/index.ts';
import type { CommittedLog } from '../committed-log.ts';
import { eventErrors } from '../errors.ts';
import { SequenceWaits } from '../sequence-waits.ts';
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
  private readonly waits: SequenceWaits;

  constructor(source: { take(): TakenSnapshot }, log: CommittedLog, clock: Clock) {
    this.source = source;
    this.log = log;
    this.waits = new SequenceWaits(clock);
    log.onCommitted(() => this.waits.reached(log.lastCommitted));
  }

  /** Rejects with `events.store_away` when the log does not come so far. */
  take(): TakenSnapshot | Promise<TakenSnapshot> {
    const taken = this.source.take();
    return taken.sequence <= this.log.lastCommitted ? taken : this.whenCommitted(taken);
  }

  private async whenCommitted(taken: TakenSnapshot): Promise<TakenSnapshot> {
    if (!(await this.waits.until(taken.sequence, holdMs))) throw new AppError(eventErrors.store_away);
    return taken;
  }
}
