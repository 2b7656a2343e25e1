import type { DoNotCallEntry, DoNotCallStore, Job, JobFilter, JobStore } from '../../src/campaigns/ports.ts';
import { targetOf } from '../../src/campaigns/ports.ts';
import type { Disk, DiskStore } from './disk.ts';

/** Jobs of calling out, as one server's connection to the disk shows them. */
export class DiskJobs implements JobStore {
  private readonly disk: Disk;
  private readonly store: DiskStore;

  constructor(disk: Disk, store: DiskStore) {
    this.disk = disk;
    this.store = store;
  }

  get(id: string): Promise<Job | undefined> {
    return this.store.ask(() => this.disk.jobs.get(id));
  }

  byKey(key: string): Promise<Job | undefined> {
    return this.store.ask(() => this.all().find(({ idempotencyKey }) => idempotencyKey === key));
  }

  list({ status, queueId, callbacks, limit }: JobFilter): Promise<readonly Job[]> {
    const fits = (job: Job): boolean =>
      (status === undefined || job.status === status) &&
      (queueId === undefined || job.queueId === queueId) &&
      (!callbacks || job.callback !== undefined);
    return this.store.ask(() => this.all().filter(fits).slice(0, limit));
  }

  active(): Promise<readonly Job[]> {
    return this.store.ask(() => this.all().filter(({ status }) => status === 'active'));
  }

  dueTargets(nowMs: number): Promise<readonly string[]> {
    return this.store.ask(() => [...new Set(this.due(nowMs).map(targetOf))]);
  }

  dueOf(target: string, nowMs: number, limit: number): Promise<readonly Job[]> {
    return this.store.ask(() =>
      this.due(nowMs)
        .filter((job) => targetOf(job) === target)
        .sort((one, other) => other.priority - one.priority || one.dueAtMs - other.dueAtMs)
        .slice(0, limit),
    );
  }

  nextDueMs(): Promise<number | undefined> {
    return this.store.ask(() => {
      const pending = this.all().filter(({ status }) => status === 'pending');
      return pending.length === 0 ? undefined : Math.min(...pending.map(({ dueAtMs }) => dueAtMs));
    });
  }

  prune(beforeMs: number, limit: number): Promise<number> {
    return this.store.ask(() => {
      const over = this.all().filter(({ finishedAtMs = Number.POSITIVE_INFINITY }) => finishedAtMs < beforeMs);
      for (const { id } of over.slice(0, limit)) this.disk.jobs.delete(id);
      return Math.min(limit, over.length);
    });
  }

  private all(): readonly Job[] {
    return [...this.disk.jobs.values()];
  }

  private due(nowMs: number): Job[] {
    return this.all().filter(({ status, dueAtMs }) => status === 'pending' && dueAtMs <= nowMs);
  }
}

/** Nobody is on the list; reading it fails with the store. */
export class DiskDoNotCall implements DoNotCallStore {
  private readonly store: DiskStore;

  constructor(store: DiskStore) {
    this.store = store;
  }

  has(): Promise<boolean> {
    return this.store.ask(() => false);
  }

  add(_entry: DoNotCallEntry): Promise<void> {
    return this.store.ask(() => undefined);
  }

  remove(): Promise<boolean> {
    return this.store.ask(() => false);
  }

  list(): Promise<readonly DoNotCallEntry[]> {
    return this.store.ask(() => []);
  }
}
