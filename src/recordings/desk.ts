import { AppError, type Clock, errorText, type Logger, type Timer } from '../kernel/index.ts';
import { digestOf } from './digest.ts';
import { recordingErrors } from './errors.ts';
import type {
  RecordingFile,
  RecordingFiles,
  RecordingFilter,
  RecordingJournal,
  RecordingRecord,
  RecordingStore,
} from './ports.ts';

export interface RecordingDeskOptions {
  readonly keepMs: number;
  /** A file that could not be read so long after its end is given up. */
  readonly readWithinMs: number;
  readonly fileBytesMax: number;
}

export interface RecordingDeskParts {
  readonly store: RecordingStore;
  readonly files: RecordingFiles;
  readonly journal: RecordingJournal;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The PBX closes the file a moment after we told it to end. */
const firstLookMs = 500;
const retryMaxMs = 60_000;
const fileDeadlineMs = 10 * 60_000;
const pruneEveryMs = 3_600_000;
const batch = 200;

/**
 * Reads each recording once it is over, tells its length and checksum, hands files out, and deletes them when their time
 * is over. Beside the calls: one file at a time, and none of it holds a call. What waits is in the store, so a restart
 * goes on where it was.
 */
export class RecordingDesk {
  private readonly parts: RecordingDeskParts;
  private readonly options: RecordingDeskOptions;
  private readonly stopping = new AbortController();
  private readonly failures = new Map<string, number>();
  private readonly running = new Set<Promise<void>>();
  private lookTimer: { readonly timer: Timer; readonly atMs: number } | undefined;
  private pruneTimer: Timer | undefined;
  /** Read, and the store may not know it yet. */
  private readonly settled = new Set<string>();
  private looking = false;

  constructor(parts: RecordingDeskParts, options: RecordingDeskOptions) {
    this.parts = parts;
    this.options = options;
  }

  start(): void {
    this.lookIn(firstLookMs);
    this.pruneTimer = this.parts.clock.after(firstLookMs, () => this.prune());
  }

  /** A recording has ended: its file is looked at in a moment. */
  ended(): void {
    this.lookIn(firstLookMs);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    this.lookTimer?.timer.cancel();
    this.pruneTimer?.cancel();
    await Promise.all(this.running);
  }

  async get(id: string): Promise<RecordingRecord> {
    const record = await this.parts.store.get(id);
    if (!record) throw new AppError(recordingErrors.unknown);
    return record;
  }

  list(filter: RecordingFilter): Promise<readonly RecordingRecord[]> {
    return this.parts.store.list(filter);
  }

  /** Throws with the reason when the file cannot be had. */
  async open(id: string, signal: AbortSignal): Promise<RecordingFile & { readonly record: RecordingRecord }> {
    const record = await this.get(id);
    if (record.phase === 'deleted' || record.phase === 'failed') throw new AppError(recordingErrors.file_gone);
    if (record.phase !== 'ready') throw new AppError(recordingErrors.not_ready);
    const file = await this.parts.files.open(record, signal);
    if (file === 'live') throw new AppError(recordingErrors.not_ready);
    if (file === 'gone') throw new AppError(recordingErrors.file_gone);
    return { ...file, record };
  }

  private lookIn(afterMs: number): void {
    const { clock } = this.parts;
    const atMs = clock.nowMs() + afterMs;
    if (this.stopping.signal.aborted || (this.lookTimer && this.lookTimer.atMs <= atMs)) return;
    this.lookTimer?.timer.cancel();
    const timer = clock.after(afterMs, () => {
      this.lookTimer = undefined;
      this.track(this.look());
    });
    this.lookTimer = { timer, atMs };
  }

  private track(work: Promise<void>): void {
    const done = work.finally(() => this.running.delete(done));
    this.running.add(done);
  }

  /** One at a time; what fails is tried again with growing rests. */
  private async look(): Promise<void> {
    if (this.looking) return this.lookIn(firstLookMs);
    this.looking = true;
    let restMs = 0;
    try {
      const unread = await this.parts.store.unread(batch);
      for (const id of this.settled) if (!unread.some((record) => record.id === id)) this.settled.delete(id);
      for (const record of unread.filter(({ id }) => !this.settled.has(id))) {
        if (this.stopping.signal.aborted) return;
        const again = await this.read(record);
        if (again === 0) this.settled.add(record.id);
        else restMs = restMs === 0 ? again : Math.min(restMs, again);
      }
      if (unread.length === batch) restMs = firstLookMs;
    } catch (error) {
      this.parts.logger.warn({ error: errorText(error) }, 'recordings cannot be looked through');
      restMs = retryMaxMs;
    } finally {
      this.looking = false;
    }
    if (restMs > 0) this.lookIn(restMs);
  }

  /** 0 when it is done with, else after how long to try again. */
  private async read(record: RecordingRecord): Promise<number> {
    const { files, journal, clock, logger } = this.parts;
    const overMs = clock.nowMs() - (record.endedAtMs ?? record.startedAtMs);
    const deadline = AbortSignal.any([this.stopping.signal, AbortSignal.timeout(fileDeadlineMs)]);
    let code: string = recordingErrors.file_gone.code;
    try {
      const file = await files.open(record, deadline);
      if (typeof file === 'object') {
        const digest = await digestOf(file.body, this.options.fileBytesMax);
        journal.write({ ...record, ...digest, phase: 'ready' }, { type: 'recording.ready.v1' });
        this.failures.delete(record.id);
        return 0;
      }
      if (file === 'live') code = recordingErrors.not_ready.code;
    } catch (error) {
      if (this.stopping.signal.aborted) return 0;
      code = error instanceof AppError ? error.code : recordingErrors.unreachable.code;
    }
    const failures = (this.failures.get(record.id) ?? 0) + 1;
    if (overMs > this.options.readWithinMs || code === recordingErrors.too_large.code) {
      this.failures.delete(record.id);
      logger.warn({ recordingId: record.id, callId: record.callId, code }, 'a recording is given up');
      journal.write({ ...record, phase: 'failed' }, { type: 'recording.lost.v1', code });
      return 0;
    }
    this.failures.set(record.id, failures);
    return Math.min(retryMaxMs, firstLookMs * 2 ** Math.min(failures, 10));
  }

  private prune(): void {
    this.track(
      this.pruneNow().then((isMore) => {
        if (this.stopping.signal.aborted) return;
        this.pruneTimer = this.parts.clock.after(isMore ? firstLookMs : pruneEveryMs, () => this.prune());
      }),
    );
  }

  /** True when more are to be deleted now. */
  private async pruneNow(): Promise<boolean> {
    const { store, files, journal, clock, logger } = this.parts;
    try {
      const old = await store.begunBefore(clock.nowMs() - this.options.keepMs, batch);
      for (const record of old) {
        if (this.stopping.signal.aborted) return false;
        if (!(await files.remove(record, this.stopping.signal))) return false;
        journal.write({ ...record, phase: 'deleted' }, { type: 'recording.deleted.v1' });
      }
      return old.length === batch;
    } catch (error) {
      logger.warn({ error: errorText(error) }, 'old recordings cannot be deleted now');
      return false;
    }
  }
}
