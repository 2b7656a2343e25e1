/** How many failures cost nothing, and how the wait then grows: one second, doubled with each further failure. */
export interface SlowDownRule {
  readonly freeFailures: number;
  readonly waitMaxMs: number;
}

interface Failures {
  count: number;
  lastAtMs: number;
}

/** Names beyond this many forget the one that was quiet for longest. */
const namesMax = 20_000;

/**
 * Slows down whoever fails again and again. An attempt counts as failed when it begins and is taken back when it
 * succeeds, so that many at the same time gain nothing. What is older than the longest wait is forgotten.
 */
export class SlowDown {
  private readonly rule: SlowDownRule;
  private readonly byName = new Map<string, Failures>();

  constructor(rule: SlowDownRule) {
    this.rule = rule;
  }

  /** Milliseconds until this name may try again; 0: now. */
  waitMs(name: string, nowMs: number): number {
    const failures = this.byName.get(name);
    if (!failures) return 0;
    const beyond = failures.count - this.rule.freeFailures;
    if (beyond < 0) return 0;
    const pauseMs = Math.min(this.rule.waitMaxMs, 1000 * 2 ** Math.min(beyond, 30));
    return Math.max(0, failures.lastAtMs + pauseMs - nowMs);
  }

  /** An attempt begins. */
  begin(name: string, nowMs: number): void {
    const before = this.byName.get(name);
    const isForgotten = before === undefined || nowMs - before.lastAtMs > this.rule.waitMaxMs;
    this.byName.delete(name);
    this.byName.set(name, { count: isForgotten ? 1 : before.count + 1, lastAtMs: nowMs });
    const [quietest] = this.byName.keys();
    if (this.byName.size > namesMax && quietest !== undefined) this.byName.delete(quietest);
  }

  /** The attempt was no failure. */
  takeBack(name: string): void {
    const failures = this.byName.get(name);
    if (!failures) return;
    failures.count -= 1;
    if (failures.count <= 0) this.byName.delete(name);
  }

  /** Starts afresh. */
  forget(name: string): void {
    this.byName.delete(name);
  }
}
