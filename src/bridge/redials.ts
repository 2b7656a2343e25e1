import type { Call, QueueCare } from '../call/index.ts';

/** So many who gave up are remembered; the oldest goes first. */
const rememberedMax = 10_000;
/** Too short to tell one caller from another: an extension, or no number at all. */
const digitsMin = 5;

interface GivenUp {
  readonly ageMs: number;
  readonly untilMs: number;
}

/**
 * Callers who gave up a while ago get back the age they had when they call the same number again. Kept in memory only,
 * for the time that the queue says, and forgotten with the process; used once.
 */
export class Redials {
  private readonly givenUp = new Map<string, GivenUp>();

  /** A call has ended. */
  note(call: Call, { resumeWindowMs }: Pick<QueueCare, 'resumeWindowMs'>, atMs: number): void {
    const { callerNumber, entryId, endReason, queuedAtMs, direction } = call;
    if (endReason !== 'abandoned' || resumeWindowMs === undefined || queuedAtMs === undefined || direction) return;
    if (callerNumber.replace(/\D/g, '').length < digitsMin) return;
    const key = keyOf(callerNumber, entryId);
    this.givenUp.delete(key);
    this.givenUp.set(key, { ageMs: Math.max(0, atMs - queuedAtMs), untilMs: atMs + resumeWindowMs });
    for (const [oldest, { untilMs }] of this.givenUp) {
      if (this.givenUp.size <= rememberedMax && untilMs > atMs) break;
      this.givenUp.delete(oldest);
    }
  }

  /** The age that a caller gets back; undefined for who did not give up here of late. */
  take(callerNumber: string, entryId: string, atMs: number): number | undefined {
    if (this.givenUp.size === 0) return undefined;
    const key = keyOf(callerNumber, entryId);
    const found = this.givenUp.get(key);
    this.givenUp.delete(key);
    return found && found.untilMs > atMs ? found.ageMs : undefined;
  }
}

const keyOf = (callerNumber: string, entryId: string): string => `${entryId} ${callerNumber}`;
