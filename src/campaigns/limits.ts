import { type Bucket, takeToken } from '../kernel/index.ts';
import type { Job } from './job.ts';
import type { OutboundRoute } from './routes.ts';

export interface LimitsOptions {
  /** Calls placed a second, on average and at once. */
  readonly ratePerSecond: number;
  /** Calls for jobs that are not talking yet, in all, and for one queue. */
  readonly concurrentMax: number;
  readonly queueConcurrentMax: number;
}

/** How many calls may go out at the same time, and how fast. */
export class Limits {
  private readonly options: LimitsOptions;
  private bucket: Bucket | undefined;

  constructor(options: LimitsOptions) {
    this.options = options;
  }

  /** Takes a place for one more call of a queue by a route; false when there is none now. */
  take(queueId: string, route: OutboundRoute, active: readonly Job[], nowMs: number): boolean {
    const { concurrentMax, queueConcurrentMax, ratePerSecond } = this.options;
    if (active.length >= concurrentMax) return false;
    if (active.filter((job) => job.queueId === queueId).length >= queueConcurrentMax) return false;
    if (active.filter((job) => job.call?.routeId === route.id).length >= route.concurrentMax) return false;
    const taken = takeToken(this.bucket, { perSecond: ratePerSecond, burst: Math.max(1, ratePerSecond) }, nowMs);
    this.bucket = taken.bucket;
    return taken.ok;
  }
}
