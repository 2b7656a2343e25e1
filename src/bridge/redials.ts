import type { Call, QueueCare } from '../call/index.ts';
import type { Journal, StateWrite } from './ports.ts';

/** So many who gave up are remembered; the oldest goes first. */
const rememberedMax = 10_000;
/** Too short to tell one caller from another: an extension, or no number at all. */
const digitsMin = 5;

interface GivenUp {
  readonly ageMs: number;
  readonly untilMs: number;
}

/**
 * Callers who gave up a while ago get back the age they had when they call the same number again: for the time that the
 * queue says, over restarts, and once.
 */
export class Redials {
  private readonly keyOf: (callerNumber: string) => string;
  private readonly journal: Pick<Journal, 'write'>;
  private readonly givenUp = new Map<string, GivenUp>();

  /** `keyOf`: under which key a number is kept; the number itself is not. */
  constructor(keyOf: (callerNumber: string) => string, journal: Pick<Journal, 'write'>) {
    this.keyOf = keyOf;
    this.journal = journal;
  }

  /** A call has ended. */
  note(call: Call, { resumeWindowMs }: Pick<QueueCare, 'resumeWindowMs'>, atMs: number): void {
    const { callerNumber, entryId, endReason, queuedAtMs, direction } = call;
    if (endReason !== 'abandoned' || resumeWindowMs === undefined || queuedAtMs === undefined || direction) return;
    if (callerNumber.replace(/\D/g, '').length < digitsMin) return;
    const id = this.idOf(callerNumber, entryId);
    const state: GivenUp = { ageMs: Math.max(0, atMs - queuedAtMs), untilMs: atMs + resumeWindowMs };
    this.givenUp.delete(id);
    this.givenUp.set(id, state);
    this.journal.write([], [{ kind: 'redial', id, state }, ...this.forgetOld(atMs)]);
  }

  /** The age that a caller gets back; undefined for who did not give up here of late. */
  take(callerNumber: string, entryId: string, atMs: number): number | undefined {
    if (this.givenUp.size === 0) return undefined;
    const id = this.idOf(callerNumber, entryId);
    const found = this.givenUp.get(id);
    if (!found) return undefined;
    this.givenUp.delete(id);
    this.journal.write([], [{ kind: 'redial', id, state: null }]);
    return found.untilMs > atMs ? found.ageMs : undefined;
  }

  /** As the store kept them, in any order. */
  restore(kept: readonly StateWrite[], atMs: number): void {
    const known = kept.flatMap(({ id, state }) => (state === null ? [] : [[id, state as GivenUp] as const]));
    known.sort(([, a], [, b]) => a.untilMs - b.untilMs);
    for (const [id, givenUp] of known) this.givenUp.set(id, givenUp);
    const gone = this.forgetOld(atMs);
    if (gone.length > 0) this.journal.write([], gone);
  }

  private forgetOld(atMs: number): readonly StateWrite[] {
    const gone: StateWrite[] = [];
    for (const [id, { untilMs }] of this.givenUp) {
      if (this.givenUp.size <= rememberedMax && untilMs > atMs) break;
      this.givenUp.delete(id);
      gone.push({ kind: 'redial', id, state: null });
    }
    return gone;
  }

  private idOf(callerNumber: string, entryId: string): string {
    return `${entryId} ${this.keyOf(callerNumber)}`;
  }
}
