import type { Diary } from './diary.ts';

interface Seen {
  readonly sinceMs: number;
  round: number;
  told: boolean;
}

/** What is wrong for a moment only is on its way to be right. Tells of what is found in each look for too long. */
export class Lasting {
  private readonly seen = new Map<string, Seen>();
  private round = 0;
  private readonly diary: Diary;

  constructor(diary: Diary) {
    this.diary = diary;
  }

  found(rule: string, what: string, nowMs: number, limitMs: number): void {
    const key = `${rule} ${what}`;
    const seen = this.seen.get(key) ?? { sinceMs: nowMs, round: 0, told: false };
    seen.round = this.round;
    this.seen.set(key, seen);
    if (seen.told || nowMs - seen.sinceMs < limitMs) return;
    seen.told = true;
    this.diary.violated(rule, what);
  }

  /** The look is over: what was not found in it is mended. */
  endOfLook(): void {
    for (const [key, { round }] of this.seen) if (round !== this.round) this.seen.delete(key);
    this.round += 1;
  }

  /** Nothing can be said now; what lasts is measured anew. */
  forget(): void {
    this.seen.clear();
  }
}
