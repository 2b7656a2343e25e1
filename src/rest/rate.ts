import type { Clock } from '../kernel/index.ts';

/** A token bucket: `requests` at once, refilled evenly over `perMs`. Nobody waits; who finds it empty is refused. */
export class RateLimit {
  private readonly clock: Clock;
  private readonly requests: number;
  private readonly perMs: number;
  private left: number;
  private atMs: number;

  constructor(requests: number, perMs: number, clock: Clock) {
    this.clock = clock;
    this.requests = requests;
    this.perMs = perMs;
    this.left = requests;
    this.atMs = clock.nowMs();
  }

  take(): boolean {
    const nowMs = this.clock.nowMs();
    this.left = Math.min(this.requests, this.left + ((nowMs - this.atMs) * this.requests) / this.perMs);
    this.atMs = nowMs;
    if (this.left < 1) return false;
    this.left -= 1;
    return true;
  }
}
