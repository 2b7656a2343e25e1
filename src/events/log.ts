import type { Journal, NewEvent, StateWrite } from '../bridge/ports.ts';
import {
  AppError,
  assert,
  type Clock,
  errorText,
  type Logger,
  type Rng,
  type Timer,
  uuidv7,
  within,
} from '../kernel/index.ts';
import { toCloudEvent, toText } from './envelope.ts';
import type { CommitListener, CommittedLog } from './committed-log.ts';
import { LogEvent } from './event.ts';
import { lastLoss } from './losses.ts';
import { Lost } from './lost.ts';
import type { EventStore, LogPosition, VersionedState } from './ports.ts';
import { Retention, type RetentionOptions, retentionDefaults } from './retention.ts';
import { assertFits } from './validate.ts';
import { WriteBuffer } from './write-buffer.ts';

export interface EventLogOptions {
  /** CloudEvents `source`, e.g. `/ringmaster/main`. */
  readonly source: string;
  /** Events and states that may wait for the store. */
  readonly bufferMax: number;
  /** Events and states of one transaction; keeps a catch-up from holding the main thread or flooding subscribers. */
  readonly commitMax: number;
  /**
   * How long a batch waits for company when nothing is under way. A commit costs nearly the same for one event as for
   * ten, so a few milliseconds of patience save most of the store's work on a busy day. 0: the end of the turn.
   */
  readonly lingerMs: number;
  /** What nobody looks at his screen for waits so long, unless what somebody does takes it along earlier. */
  readonly patientLingerMs: number;
  /** Whether somebody waits for this event, such as an agent whose phone begins to ring. */
  readonly isPrompt: (event: NewEvent) => boolean;
  readonly retryMinMs: number;
  readonly retryMaxMs: number;
  /** Checks every event against the catalogue. For tests and development: a misfit is a defect and throws. */
  readonly validate: boolean;
  readonly retention: RetentionOptions;
}

export const eventLogDefaults: EventLogOptions = {
  source: '/ringmaster',
  bufferMax: 20_000,
  commitMax: 256,
  lingerMs: 0,
  patientLingerMs: 0,
  isPrompt: () => true,
  retryMinMs: 100,
  retryMaxMs: 5000,
  validate: false,
  retention: retentionDefaults,
};

export interface EventLogParts {
  readonly store: EventStore;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
  /** Runs something at the end of the turn; `setImmediate` unless a test wants to hold it. */
  readonly defer?: (run: () => void) => void;
  /** Told once when another instance owns the log now; nothing is written after that. */
  readonly onFenced?: (() => void) | undefined;
}

export interface LogHealth {
  readonly state: 'up' | 'down';
  /** Why it is down. */
  readonly code?: string;
  /** Events and states that wait for the store. */
  readonly buffered: number;
  /** True from a refused batch until its loss has been announced. */
  readonly losing: boolean;
}

/** How far back a start looks for calls whose end the PBX may not have heard of: longer than a link is dead unnoticed. */
const latelyEvents = 20_000;

/** What the store says to a writer whose place another instance has taken. */
const fencedCode = 'storage.fenced';

/**
 * The journal: one writer, sequences assigned in memory, group commit. While a commit is under way what comes in waits
 * and then goes together; when idle it goes at the end of the turn.
 */
export class EventLog implements Journal, CommittedLog {
  readonly epoch: string;
  private readonly parts: EventLogParts;
  private readonly options: EventLogOptions;
  private readonly buffer: WriteBuffer;
  private readonly lost: Lost;
  private readonly retention: Retention;
  private readonly listeners: CommitListener[] = [];
  /** The last sequence of whoever wrote before us. */
  private readonly openedAt: number;
  private assigned: number;
  private committedTo: number;
  private gapAt: number;
  private committing = false;
  private nextFlush: { readonly atMs: number; readonly timer: Timer | undefined } | undefined;
  private failures = 0;
  private failureCode: string | undefined;
  private retryTimer: Timer | undefined;
  private closed = false;
  private sealed = false;
  private drained: (() => void) | undefined;
  private readonly counts = { events: 0, commits: 0, failures: 0, lost: 0 };

  /** Opens the store; rejects with its AppError when it is away, so that the caller decides whether to wait. */
  static async open(parts: EventLogParts, options: Partial<EventLogOptions> = {}): Promise<EventLog> {
    const position = await parts.store.open();
    const log = new EventLog(parts, { ...eventLogDefaults, ...options }, position);
    if (position.unclean) log.announceGap(0, 'uncleanStop', []);
    log.retention.start();
    return log;
  }

  private constructor(parts: EventLogParts, options: EventLogOptions, position: LogPosition) {
    this.parts = parts;
    this.options = options;
    this.epoch = position.epoch;
    this.openedAt = position.lastSequence;
    this.assigned = position.lastSequence;
    this.committedTo = position.lastSequence;
    this.gapAt = position.lastGap;
    this.buffer = new WriteBuffer(options.bufferMax);
    this.lost = new Lost(options.bufferMax);
    this.retention = new Retention(parts.store, parts.clock, parts.logger, options.retention);
  }

  write(events: readonly NewEvent[], states: readonly StateWrite[]): boolean {
    if (this.sealed) return true;
    // After the first refusal everything is refused until the gap is announced: what follows it must be complete.
    if (this.lost.any || this.closed || !this.buffer.hasRoomFor(events.length + states.length)) {
      this.refuse(events, states);
      return false;
    }
    this.append(events, states);
    return true;
  }

  async load(): Promise<readonly StateWrite[]> {
    return this.parts.store.states();
  }

  async endedLately(): Promise<readonly string[]> {
    const subjects = await this.parts.store.subjects('call.ended.v1', this.openedAt - latelyEvents);
    return subjects.map((subject) => subject.slice('call/'.length));
  }

  /** The sequence of the newest written event, committed or not: what the live state has taken account of. */
  get lastAssigned(): number {
    return this.assigned;
  }

  get lastCommitted(): number {
    return this.committedTo;
  }

  /** The sequence of the newest committed gap that lost something; a replay from before it cannot be complete. */
  get lastGap(): number {
    return this.gapAt;
  }

  onCommitted(listener: CommitListener): void {
    this.listeners.push(listener);
  }

  /** Nobody knows of more than is committed here. */
  reaches(sequence: number): boolean {
    return sequence <= this.committedTo;
  }

  health(): LogHealth {
    const { failureCode } = this;
    return {
      state: failureCode === undefined && !this.lost.any ? 'up' : 'down',
      ...(failureCode === undefined ? {} : { code: failureCode }),
      buffered: this.buffer.size,
      losing: this.lost.any,
    };
  }

  stats() {
    return { ...this.counts, buffered: this.buffer.size, pruned: this.retention.prunedTotal };
  }

  /** Takes nothing more, without a word: what happens from now on is the next owner's to tell. `stop` writes what waits. */
  seal(): void {
    this.sealed = true;
  }

  /** Writes out what waits, at the longest until the deadline, and closes the store. False when something was left. */
  async stop(deadlineMs: number): Promise<boolean> {
    this.retention.stop();
    if (!this.closed && (this.buffer.size > 0 || this.committing)) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.drained = resolve;
      await within(this.parts.clock, deadlineMs, promise);
    }
    this.closed = true;
    this.retryTimer?.cancel();
    const complete = this.buffer.size === 0;
    // Left open on purpose when events are lost: the next start then announces the gap.
    return (await this.closeStore(complete && !this.lost.any)) && complete;
  }

  private async closeStore(clean: boolean): Promise<boolean> {
    try {
      await this.parts.store.close({ clean });
      return true;
    } catch (error) {
      this.parts.logger.warn({ reason: errorText(error) }, 'the store could not be closed cleanly');
      return false;
    }
  }

  private refuse(events: readonly NewEvent[], states: readonly StateWrite[]): void {
    if (!this.lost.any)
      this.parts.logger.error({ buffered: this.buffer.size }, 'the event buffer is full; events are lost');
    this.lost.add(events.length, states);
    this.counts.lost += events.length;
    this.schedule(this.options.lingerMs);
  }

  private append(events: readonly NewEvent[], states: readonly StateWrite[]): void {
    const logged = events.map((event) => this.place(event));
    const version = this.assigned;
    const versioned: VersionedState[] = states.map(({ kind, id, state }) => ({ kind, id, state, version }));
    this.buffer.push({ events: logged, states: versioned });
    const { lingerMs, patientLingerMs, isPrompt } = this.options;
    this.schedule(events.some(isPrompt) ? lingerMs : patientLingerMs);
  }

  private place(event: NewEvent): LogEvent {
    if (this.options.validate) assertFits(event);
    this.assigned += 1;
    const { type, subject, atMs } = event;
    const id = uuidv7(this.parts.clock.nowMs(), this.parts.rng);
    const sequence = this.assigned;
    const cloudEvent = toCloudEvent(event, { id, sequence, epoch: this.epoch, source: this.options.source });
    const callSequence = event.callSequence === undefined ? {} : { callSequence: event.callSequence };
    const stored = { sequence, id, type, subject, atMs, ...callSequence, body: toText(cloudEvent) };
    return new LogEvent(stored, cloudEvent);
  }

  private announceGap(lost: number, reason: string, states: readonly StateWrite[]): void {
    const atMs = this.parts.clock.nowMs();
    this.append([{ type: 'stream.gap.v1', subject: 'stream/log', atMs, data: { lost, reason } }], states);
  }

  /** One flush is ahead at most; whoever cannot wait for it brings it forward. */
  private schedule(delayMs: number): void {
    if (this.committing || this.closed) return;
    const atMs = this.parts.clock.nowMs() + delayMs;
    if (this.nextFlush && (!this.nextFlush.timer || this.nextFlush.atMs <= atMs)) return;
    this.nextFlush?.timer?.cancel();
    const flush = (): void => void this.flush();
    if (delayMs === 0) (this.parts.defer ?? setImmediate)(flush);
    this.nextFlush = { atMs, timer: delayMs === 0 ? undefined : this.parts.clock.after(delayMs, flush) };
  }

  private async flush(): Promise<void> {
    this.nextFlush = undefined;
    this.committing = true;
    const { group, units } = this.buffer.peek(this.options.commitMax);
    try {
      if (units > 0) await this.parts.store.commit(group);
    } catch (error) {
      this.retryLater(error);
      return;
    }
    this.failures = 0;
    this.failureCode = undefined;
    this.committed(group.events, units);
    this.committing = false;
    if (this.buffer.size > 0) this.schedule(this.options.lingerMs);
    else this.drained?.();
  }

  private committed(events: readonly LogEvent[], units: number): void {
    this.buffer.drop(units);
    this.counts.commits += 1;
    this.counts.events += events.length;
    const last = events.at(-1);
    if (last) {
      assert(events[0]?.sequence === this.committedTo + 1, 'commits follow each other without a hole');
      this.committedTo = last.sequence;
      this.gapAt = lastLoss(events) ?? this.gapAt;
      this.publish(events);
    }
    if (this.lost.any) {
      const { events: lostEvents, states } = this.lost.take();
      this.parts.logger.warn({ lost: lostEvents }, 'the store is back; the lost events are announced');
      this.announceGap(lostEvents, 'bufferFull', states);
    }
  }

  /** What waits is of a life that is over: the new owner has told, or will tell, what became of it. */
  private fenced(): void {
    if (this.closed) return;
    this.closed = true;
    this.seal();
    this.drained?.();
    this.parts.onFenced?.();
  }

  private publish(events: readonly LogEvent[]): void {
    for (const listener of this.listeners) {
      try {
        listener(events);
      } catch (error) {
        // A reader's defect must not stop the log.
        this.parts.logger.error({ reason: errorText(error) }, 'a reader of committed events failed');
      }
    }
  }

  private retryLater(error: unknown): void {
    const { clock, rng, logger } = this.parts;
    const code = error instanceof AppError ? error.code : 'storage.unavailable';
    if (this.failureCode === undefined)
      logger.error({ code, reason: errorText(error) }, 'the event log cannot be written');
    this.failureCode = code;
    this.failures += 1;
    this.counts.failures += 1;
    if (code === fencedCode) return this.fenced();
    const { retryMinMs, retryMaxMs } = this.options;
    const backoffMs = Math.min(retryMaxMs, retryMinMs * 2 ** Math.min(this.failures - 1, 20));
    this.retryTimer = clock.after(backoffMs * (0.5 + rng.next() / 2), () => void this.flush());
    if (this.closed) this.retryTimer.cancel();
  }
}
