import type { Clock, Timer } from '../kernel/index.ts';
import { openFigures, type QueuePolicy } from '../routing/index.ts';

/** Clocks are set, and no timer is to run for longer than it can. */
const sleepMaxMs = 6 * 3_600_000;

/** Tells when a queue opens or closes, so that those who look at it see so at once. Without hours there is no timer. */
export class Openings {
  private readonly clock: Clock;
  private readonly policies: () => Iterable<QueuePolicy>;
  private readonly changed: (queueId: string) => void;
  private timer: Timer | undefined;

  constructor(clock: Clock, policies: () => Iterable<QueuePolicy>, changed: (queueId: string) => void) {
    this.clock = clock;
    this.policies = policies;
    this.changed = changed;
  }

  /** Begins, or begins anew because the rules are others. */
  watch(): void {
    this.stop();
    const nowMs = this.clock.nowMs();
    let [nextMs, queueIds]: [number, string[]] = [Number.POSITIVE_INFINITY, []];
    let hasHours = false;
    for (const policy of this.policies()) {
      const figures = openFigures(policy, nowMs);
      if (!figures) continue;
      hasHours = true;
      const { changesAtMs = Number.POSITIVE_INFINITY } = figures;
      if (changesAtMs < nextMs) [nextMs, queueIds] = [changesAtMs, []];
      if (changesAtMs === nextMs) queueIds.push(policy.id);
    }
    if (!hasHours) return;
    this.timer = this.clock.after(Math.min(sleepMaxMs, nextMs - nowMs), () => {
      if (this.clock.nowMs() >= nextMs) for (const queueId of queueIds) this.changed(queueId);
      this.watch();
    });
  }

  stop(): void {
    this.timer?.cancel();
    this.timer = undefined;
  }
}
