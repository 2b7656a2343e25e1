import type { EventLog } from '../events/index.ts';
import type { Clock } from '../kernel/index.ts';
import type { Job } from './job.ts';
import type { JobEvent, JobLog } from './ports.ts';

interface Waiting {
  readonly sequence: number;
  readonly settle: (kept: boolean) => void;
}

/** Jobs and what is told of them, through the event log: both are in the store, or neither is. */
export class EventJobLog implements JobLog {
  private readonly log: Pick<EventLog, 'write' | 'lastAssigned' | 'lastCommitted' | 'onCommitted'>;
  private readonly clock: Clock;
  private waiting: Waiting[] = [];

  constructor(log: EventJobLog['log'], clock: Clock) {
    this.log = log;
    this.clock = clock;
    log.onCommitted(() => this.committed());
  }

  save(job: Job, events: readonly JobEvent[], deadlineMs: number): Promise<boolean> {
    const atMs = this.clock.nowMs();
    const subject = `outbound/${job.id}`;
    const taken = this.log.write(
      events.map(({ type, data }) => ({ type, subject, atMs, data })),
      [{ kind: 'job', id: job.id, state: job }],
    );
    if (!taken) return Promise.resolve(false);
    const sequence = this.log.lastAssigned;
    return new Promise((resolve) => {
      const settle = (kept: boolean): void => {
        timer.cancel();
        this.waiting = this.waiting.filter((one) => one.settle !== settle);
        resolve(kept);
      };
      const timer = this.clock.after(deadlineMs, () => settle(false));
      this.waiting.push({ sequence, settle });
    });
  }

  private committed(): void {
    if (this.waiting.length === 0) return;
    const { lastCommitted } = this.log;
    for (const { sequence, settle } of this.waiting) if (sequence <= lastCommitted) settle(true);
  }
}
