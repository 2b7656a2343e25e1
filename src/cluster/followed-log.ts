import {
  type CommitListener,
  type CommittedLog,
  type FollowedStore,
  lastLoss,
  LogEvent,
  SequenceWaits,
} from '../events/index.ts';
import { AppError, type Clock, errorText, type Logger, type Timer } from '../kernel/index.ts';
import { Sequencer } from './sequencer.ts';

/** The fast way on which events come; whatever it loses is read from the store. */
export interface EventFeed {
  /** Begins to read; asks for the sequence after which it is to go on. */
  start(position: () => number, take: (events: readonly LogEvent[]) => void): void;
  isUp(): boolean;
  stop(): void;
}

export interface FollowedLogParts {
  readonly store: FollowedStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The feed of this epoch's events. */
  readonly feed: (epoch: string) => EventFeed;
}

export interface FollowLimits {
  /** While the feed brings nothing the store is asked so often. */
  readonly pollMs: number;
  /** The same when something is known to be missing. */
  readonly hurryMs: number;
  /** Whether it is still the same log is looked at so often. */
  readonly identityMs: number;
  readonly pageMax: number;
  /** Events that may wait for those before them. */
  readonly earlyMax: number;
  /** How long a reader may wait for a place that we have not come to, and how far ahead that may be. */
  readonly reachMs: number;
  readonly reachMax: number;
}

export const followLimits: FollowLimits = {
  pollMs: 250,
  hurryMs: 20,
  identityMs: 5_000,
  pageMax: 256,
  earlyMax: 2_048,
  reachMs: 3_000,
  reachMax: 20_000,
};

/** What came by which way, since the start. */
export interface FollowFigures {
  readonly fromFeed: number;
  readonly fromStore: number;
  /** Times that something was found missing in the feed. */
  readonly holes: number;
  /** Sequences heard of and not yet given out. */
  readonly lag: number;
}

/** Why a followed log cannot go on: it is another log now, or older events than we need have been removed. */
export type FollowEnd = 'otherEpoch' | 'pruned';

/**
 * The log of another instance, as its readers need it. Events come by the feed; those that it lost, and all of them
 * while it is away, come from the store. Each is given out once, in order, without holes.
 */
export class FollowedLog implements CommittedLog {
  readonly epoch: string;
  private readonly parts: FollowedLogParts;
  private readonly limits: FollowLimits;
  private readonly feed: EventFeed;
  private readonly sequencer: Sequencer;
  private readonly listeners: CommitListener[] = [];
  private readonly waits: SequenceWaits;
  private readonly onEnd: (why: FollowEnd) => void;
  private readonly counts = { fromFeed: 0, fromStore: 0, holes: 0 };
  private committedTo: number;
  private gapAt: number;
  private next: { readonly atMs: number; readonly timer: Timer } | undefined;
  private polling = false;
  /** The feed has brought us on since the store was last asked. */
  private fedLately = false;
  private identityDueAtMs: number;
  private failureCode: string | undefined;
  private over = false;

  /**
   * Begins at the end of the log; undefined when nobody has ever written one. `onEnd` is told once when it cannot go
   * on. Rejects with `storage.unavailable`.
   */
  static async open(
    parts: FollowedLogParts,
    onEnd: (why: FollowEnd) => void,
    limits: FollowLimits = followLimits,
  ): Promise<FollowedLog | undefined> {
    const position = await parts.store.position();
    if (!position) return undefined;
    const log = new FollowedLog(parts, onEnd, limits, position);
    log.feed.start(
      () => log.committedTo,
      (events) => log.fed(events),
    );
    log.schedule(limits.pollMs);
    return log;
  }

  private constructor(
    parts: FollowedLogParts,
    onEnd: (why: FollowEnd) => void,
    limits: FollowLimits,
    { epoch, lastSequence, lastGap }: { epoch: string; lastSequence: number; lastGap: number },
  ) {
    this.parts = parts;
    this.onEnd = onEnd;
    this.limits = limits;
    this.epoch = epoch;
    this.committedTo = lastSequence;
    this.gapAt = lastGap;
    this.sequencer = new Sequencer(lastSequence, limits.earlyMax);
    this.feed = parts.feed(epoch);
    this.waits = new SequenceWaits(parts.clock);
    this.identityDueAtMs = parts.clock.nowMs() + limits.identityMs;
  }

  get lastCommitted(): number {
    return this.committedTo;
  }

  get lastGap(): number {
    return this.gapAt;
  }

  onCommitted(listener: CommitListener): void {
    this.listeners.push(listener);
  }

  reaches(sequence: number): boolean | Promise<boolean> {
    if (sequence <= this.committedTo) return true;
    if (this.over || sequence - this.committedTo > this.limits.reachMax) return false;
    this.schedule(this.limits.hurryMs);
    return this.waits.until(sequence, this.limits.reachMs);
  }

  /** `code` while the store cannot be read. */
  health(): { readonly feed: 'up' | 'down'; readonly code?: string } {
    const { failureCode: code } = this;
    return { feed: this.feed.isUp() ? 'up' : 'down', ...(code === undefined ? {} : { code }) };
  }

  figures(): FollowFigures {
    return { ...this.counts, lag: this.sequencer.heardOf - this.committedTo };
  }

  stop(): void {
    this.over = true;
    this.next?.timer.cancel();
    this.waits.giveUp();
    this.feed.stop();
  }

  private fed(events: readonly LogEvent[]): void {
    if (this.over) return;
    const wasWhole = !this.sequencer.hasHole;
    const due = this.sequencer.take(events);
    this.counts.fromFeed += due.length;
    if (due.length > 0) this.fedLately = true;
    this.publish(due);
    if (!this.sequencer.hasHole) return;
    if (wasWhole) this.counts.holes += 1;
    this.schedule(this.limits.hurryMs);
  }

  /** One look at the store is ahead at most; whoever cannot wait for it brings it forward. */
  private schedule(delayMs: number): void {
    if (this.over || this.polling) return;
    const atMs = this.parts.clock.nowMs() + delayMs;
    if (this.next && this.next.atMs <= atMs) return;
    this.next?.timer.cancel();
    this.next = { atMs, timer: this.parts.clock.after(delayMs, () => void this.poll()) };
  }

  private async poll(): Promise<void> {
    this.next = undefined;
    this.polling = true;
    try {
      if (!this.fedLately || this.isMissing()) await this.readStore();
      this.fedLately = false;
      await this.checkIdentity();
      this.failureCode = undefined;
    } catch (error) {
      this.sayFailed(error);
    }
    this.polling = false;
    this.schedule(this.isMissing() && this.failureCode === undefined ? this.limits.hurryMs : this.limits.pollMs);
  }

  private isMissing(): boolean {
    return this.sequencer.hasHole || this.waits.size > 0;
  }

  private async readStore(): Promise<void> {
    for (let isFull = true; isFull && !this.over; ) {
      const from = this.sequencer.position;
      const page = await this.parts.store.read(from, this.limits.pageMax);
      if (this.over) return;
      isFull = page.length === this.limits.pageMax;
      // The store holds an unbroken row; what is missing at its beginning has been removed for its age.
      if (page[0] && page[0].sequence > this.sequencer.position + 1) return this.end('pruned');
      const due = this.sequencer.take(page.map((event) => new LogEvent(event)));
      this.counts.fromStore += due.length;
      this.publish(due);
    }
  }

  /** A store that was emptied or exchanged under us holds another log. */
  private async checkIdentity(): Promise<void> {
    const nowMs = this.parts.clock.nowMs();
    if (nowMs < this.identityDueAtMs) return;
    const position = await this.parts.store.position();
    this.identityDueAtMs = nowMs + this.limits.identityMs;
    if (!this.over && position?.epoch !== this.epoch) this.end('otherEpoch');
  }

  private end(why: FollowEnd): void {
    if (this.over) return;
    this.parts.logger.error({ why }, 'the log of the owner cannot be followed any further; readers begin anew');
    this.stop();
    this.onEnd(why);
  }

  private publish(events: readonly LogEvent[]): void {
    const last = events.at(-1);
    if (!last) return;
    this.committedTo = last.sequence;
    this.gapAt = lastLoss(events) ?? this.gapAt;
    for (const listener of this.listeners) {
      try {
        listener(events);
      } catch (error) {
        // A reader's defect must not stop the others.
        this.parts.logger.error({ reason: errorText(error) }, 'a reader of followed events failed');
      }
    }
    this.waits.reached(this.committedTo);
  }

  private sayFailed(error: unknown): void {
    const code = error instanceof AppError ? error.code : 'storage.unavailable';
    if (this.failureCode === undefined)
      this.parts.logger.warn({ code, reason: errorText(error) }, 'the store cannot be read; tried again');
    this.failureCode = code;
  }
}
