import type { Compliance } from './compliance.ts';
import type { Job } from './job.ts';
import type { Hours, OutboundBoard } from './ports.ts';

type Called = Pick<Job, 'region' | 'queueId'> & { readonly callback?: unknown };

/** Hours that change so often before they fit together never do. */
const roundsMax = 1_000;

/**
 * When the customer of a job may be called: in the calling hours of the country and, for a callback, in those of the
 * queue whose agents call.
 */
export class JobHours {
  private readonly compliance: Compliance;
  private readonly board: Pick<OutboundBoard, 'queueHours'>;

  constructor(compliance: Compliance, board: Pick<OutboundBoard, 'queueHours'>) {
    this.compliance = compliance;
    this.board = board;
  }

  isOpen(job: Called, atMs: number): boolean {
    return this.compliance.isOpen(job.region, atMs) && (this.ofQueue(job)?.isOpen(atMs) ?? true);
  }

  /** Until when the customer may be called, `atMs` when not even then; undefined when that does not end. */
  openUntilMs(job: Called, atMs: number): number | undefined {
    if (!this.isOpen(job, atMs)) return atMs;
    const ends = [this.compliance.openUntilMs(job.region, atMs), this.ofQueue(job)?.nextChangeMs(atMs)];
    const known = ends.filter((end) => end !== undefined);
    return known.length === 0 ? undefined : Math.min(...known);
  }

  /** The first instant from `atMs` on at which the customer may be called; undefined when there is none. */
  nextOpenMs(job: Called, atMs: number): number | undefined {
    const queue = this.ofQueue(job);
    let openMs: number | undefined = atMs;
    for (let round = 0; round < roundsMax; round += 1) {
      openMs = this.compliance.nextOpenMs(job.region, openMs);
      if (openMs === undefined || !queue || queue.isOpen(openMs)) return openMs;
      openMs = queue.nextChangeMs(openMs);
      if (openMs === undefined) return undefined;
    }
    return undefined;
  }

  /** When a callback has been possible for `keepMs`: time in which its queue is closed does not count. */
  keptUntilMs(job: Called, fromMs: number, keepMs: number): number {
    const queue = this.ofQueue(job);
    let [atMs, leftMs] = [fromMs, keepMs];
    for (let round = 0; queue && round < roundsMax; round += 1) {
      const changeMs = queue.nextChangeMs(atMs) ?? Number.POSITIVE_INFINITY;
      if (queue.isOpen(atMs)) {
        if (changeMs - atMs >= leftMs) break;
        leftMs -= changeMs - atMs;
      }
      // Closed for good: there is no time at which it could be made, which is found out elsewhere.
      if (changeMs === Number.POSITIVE_INFINITY) break;
      atMs = changeMs;
    }
    return atMs + leftMs;
  }

  private ofQueue({ callback, queueId }: Called): Hours | undefined {
    return callback === undefined ? undefined : this.board.queueHours(queueId);
  }
}
