import type { EventData } from '../events/catalogue/index.ts';
import type { WatchedEvent } from './committed.ts';

/** What came of the calls of one version of the rules. */
export interface VersionFigures {
  /** Calls that have ended after they had waited in a queue. */
  readonly calls: number;
  readonly offers: number;
  readonly answered: number;
  /** Answered within `answerWithinMs`. */
  readonly answeredInTime: number;
  readonly abandoned: number;
  /** Waits of all these calls together, and the longest, milliseconds. */
  readonly waitedMs: number;
  readonly waitedMaxMs: number;
}

/** Answered so soon counts for the service level. */
export const answerWithinMs = 20_000;
const versionsMax = 20;

type Counting = { -readonly [Key in keyof VersionFigures]: number };

const nothing = (): Counting => ({
  calls: 0,
  offers: 0,
  answered: 0,
  answeredInTime: 0,
  abandoned: 0,
  waitedMs: 0,
  waitedMaxMs: 0,
});

/**
 * Counts calls by the version of the rules they came with, to compare two that are at work together. A call counts once,
 * when it ends: however often it was offered, transferred or returned.
 */
export class VersionCounter {
  private readonly byVersion = new Map<string, Counting>();

  note(event: WatchedEvent, firstVersion: string): void {
    // What app_queue routes says nothing of our rules.
    if ('call' in event.data && event.data.call?.routedBy !== undefined) return;
    if (event.type === 'call.offered.v1' && event.data.askedBy === undefined) {
      this.countOf(event.data.call.rulesVersion ?? firstVersion).offers += 1;
    }
    if (event.type === 'call.ended.v1') this.ended(event.data, firstVersion);
  }

  /** By version, the oldest first. */
  all(): ReadonlyMap<string, VersionFigures> {
    return this.byVersion;
  }

  of(version: string): VersionFigures {
    return this.byVersion.get(version) ?? nothing();
  }

  private ended({ call, reason, waitedMs, talkMs }: EventData<'call.ended.v1'>, firstVersion: string): void {
    if (call.queueId === undefined || call.direction !== undefined) return;
    const count = this.countOf(call.rulesVersion ?? firstVersion);
    const answered = talkMs > 0 || reason === 'completed' || reason === 'transferred';
    count.calls += 1;
    if (answered) count.answered += 1;
    if (answered && waitedMs <= answerWithinMs) count.answeredInTime += 1;
    if (!answered && reason === 'abandoned') count.abandoned += 1;
    count.waitedMs += waitedMs;
    count.waitedMaxMs = Math.max(count.waitedMaxMs, waitedMs);
  }

  private countOf(version: string): Counting {
    const known = this.byVersion.get(version);
    if (known) return known;
    const fresh = nothing();
    this.byVersion.set(version, fresh);
    const [oldest] = this.byVersion.keys();
    if (this.byVersion.size > versionsMax && oldest !== undefined) this.byVersion.delete(oldest);
    return fresh;
  }
}
