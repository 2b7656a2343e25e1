import type { DeskClock, DeskTimer } from './ports.ts';

/**
 * Knows when the past is over. After a break the server replays what was missed; until then a desk must not pop or
 * announce anything, because the offers that pass by may be long gone. A subscription has caught up when it has had its
 * snapshot, when it has passed the newest event at the time of `hello`, or when its replay pauses: a filter may leave out
 * the newest event, so that it never comes.
 */
export class CatchUp {
  private readonly clock: DeskClock;
  private readonly quietMs: number;
  private readonly over: () => void;
  private readonly behind = new Set<string>();
  private target = 0;
  private timer: DeskTimer | undefined;

  constructor(clock: DeskClock, quietMs: number, over: () => void) {
    this.clock = clock;
    this.quietMs = quietMs;
    this.over = over;
  }

  begin(ids: readonly string[], target: number): void {
    this.cancel();
    this.target = target;
    for (const id of ids) this.behind.add(id);
  }

  /** The subscription stands at `sequence`. */
  passed(id: string, sequence: number): void {
    if (!this.behind.has(id)) return;
    if (sequence >= this.target) return this.done(id);
    this.timer?.cancel();
    this.timer = this.clock.after(this.quietMs, () => this.finish());
  }

  done(id: string): void {
    if (this.behind.delete(id) && this.behind.size === 0) this.finish();
  }

  cancel(): void {
    this.behind.clear();
    this.timer?.cancel();
    this.timer = undefined;
  }

  private finish(): void {
    this.cancel();
    this.over();
  }
}
