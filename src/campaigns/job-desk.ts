import { createHash } from 'node:crypto';
import { AppError, type Clock } from '../kernel/index.ts';
import { shownNumber } from './click-to-dial.ts';
import type { Compliance } from './compliance.ts';
import { outboundErrors } from './errors.ts';
import type { Job, JobCallback } from './job.ts';
import { JobHours } from './job-hours.ts';
import type { JobFilter, JobStore, OutboundBoard } from './ports.ts';
import { type RetryBounds, type RetryRules, type RetryWish, rulesFor } from './retry.ts';
import { type DialNumber, type EntryNumbers, endpointFor, type OutboundRoute, routeFor } from './routes.ts';

export interface JobDeskOptions {
  readonly routes: readonly OutboundRoute[];
  readonly entryNumbers: EntryNumbers;
  readonly retry: RetryRules;
  readonly bounds: RetryBounds;
  /** A job without a `notAfter` may be tried for so long. */
  readonly jobMaxAgeMs: number;
  readonly newId: () => string;
}

interface CallbackTermsOf extends Omit<JobCallback, 'queuedAtMs'> {
  readonly queuedAtMs?: number;
  readonly graceMs: number;
  readonly keepMs: number;
}

/** What somebody wants done, checked for its form. */
export interface JobWish {
  readonly number: DialNumber;
  readonly customerId?: string;
  readonly queueId?: string;
  readonly agentId?: string;
  readonly from?: string;
  readonly reason?: string;
  readonly priority?: number;
  readonly notBeforeMs?: number;
  readonly notAfterMs?: number;
  readonly data?: Readonly<Record<string, string>>;
  readonly retry?: RetryWish;
  readonly idempotencyKey?: string;
  /** Keeps a place in line, as the queue's config says; of the given age, or from now on. */
  readonly callback?: CallbackTermsOf;
  /** The id of the key that asks. */
  readonly createdBy: string;
}

/** What the desk needs of the dialler: it writes jobs, one after another. */
export interface JobKeeper {
  /** Writes a new job down and takes it on. Rejects with `outbound.not_kept` when that is not sure in time. */
  accept(job: Job): Promise<void>;
  /** Gives back the job as it is then. */
  cancel(jobId: string): Promise<Job | undefined>;
  /** A job that is being called, newer than what the store says. */
  inHand(jobId: string): Job | undefined;
}

interface JobDeskParts {
  readonly board: OutboundBoard;
  readonly store: JobStore;
  readonly keeper: JobKeeper;
  readonly compliance: Compliance;
  readonly clock: Clock;
}

/** Takes wishes that somebody be called, each once, and tells what became of them. */
export class JobDesk {
  private readonly parts: JobDeskParts;
  private readonly options: JobDeskOptions;
  private readonly hours: JobHours;
  /** Wishes that are being written down, by idempotency key: a repetition waits for the first. */
  private readonly underWay = new Map<string, Promise<Job>>();

  constructor(parts: JobDeskParts, options: JobDeskOptions) {
    this.parts = parts;
    this.options = options;
    this.hours = new JobHours(parts.compliance, parts.board);
  }

  /** `created` is false for a repetition. Throws an AppError when the wish cannot be fulfilled. */
  async request(wish: JobWish): Promise<{ readonly job: Job; readonly created: boolean }> {
    const { idempotencyKey: key } = wish;
    const wishHash = hashOf(wish);
    if (key === undefined) return { job: await this.create(wish, wishHash), created: true };
    const before = this.underWay.get(key) ?? this.findByKey(key);
    const first = before instanceof Promise ? await before : before;
    if (first) return { job: same(first, wishHash), created: false };
    // Somebody may have come between the question and the answer.
    const other = this.underWay.get(key);
    if (other) return { job: same(await other, wishHash), created: false };
    const created = this.create(wish, wishHash);
    this.underWay.set(key, created);
    try {
      return { job: await created, created: true };
    } finally {
      this.underWay.delete(key);
    }
  }

  async get(jobId: string): Promise<Job> {
    const job = this.parts.keeper.inHand(jobId) ?? (await this.parts.store.get(jobId));
    if (!job) throw new AppError(outboundErrors.job_unknown);
    return job;
  }

  list(filter: JobFilter): Promise<readonly Job[]> {
    return this.parts.store.list(filter);
  }

  /** A call under way is given up, unless the two talk already. Nothing happens to a job that is finished. */
  async cancel(jobId: string): Promise<Job> {
    const job = await this.parts.keeper.cancel(jobId);
    if (!job) throw new AppError(outboundErrors.job_unknown);
    return job;
  }

  private findByKey(key: string): Promise<Job | undefined> {
    return this.parts.store.byKey(key);
  }

  private async create(wish: JobWish, wishHash: string): Promise<Job> {
    const { compliance, keeper } = this.parts;
    const job = this.jobOf(wish, wishHash);
    if (await compliance.isListed(job.number)) throw new AppError(outboundErrors.do_not_call);
    await keeper.accept(job);
    return job;
  }

  private jobOf(wish: JobWish, wishHash: string): Job {
    const { number, queueId: _queueId, createdBy, idempotencyKey, retry = {}, callback, ...asked } = wish;
    const { options, parts } = this;
    const nowMs = parts.clock.nowMs();
    const notBeforeMs = Math.max(nowMs + (callback?.graceMs ?? 0), wish.notBeforeMs ?? nowMs);
    const queueId = this.queueFor(wish);
    const place = callback ? { callback: placeOf(callback, nowMs) } : {};
    const called = { queueId, ...(number.region === undefined ? {} : { region: number.region }), ...place };
    const keepMs = callback?.keepMs ?? options.jobMaxAgeMs;
    const notAfterMs = wish.notAfterMs ?? this.hours.keptUntilMs(called, notBeforeMs, keepMs);
    const dueAtMs = this.hours.nextOpenMs(called, notBeforeMs);
    if (dueAtMs === undefined || dueAtMs > notAfterMs) throw new AppError(outboundErrors.no_time);
    this.checkReach(wish);
    return {
      ...asked,
      id: options.newId(),
      version: 1,
      status: 'pending',
      number: number.canonical,
      ...called,
      priority: wish.priority ?? 0,
      notAfterMs,
      data: wish.data ?? {},
      retry: rulesFor(options.retry, retry, options.bounds),
      createdBy,
      createdAtMs: nowMs,
      ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
      wishHash,
      dueAtMs,
      tries: 0,
      attempts: 0,
      counts: {},
    };
  }

  /** Whom it names must be there, and a route must lead to the number: better refused now than never called. */
  private checkReach({ number, from }: JobWish): void {
    const { routes, entryNumbers } = this.options;
    const route = routeFor(routes, number.canonical);
    if (!route) throw new AppError(outboundErrors.no_route);
    if (endpointFor(route, number) === undefined) throw new AppError(outboundErrors.number_refused);
    shownNumber(entryNumbers, from, route);
  }

  private queueFor({ queueId, agentId }: JobWish): string {
    const { board, clock } = this.parts;
    if (queueId === undefined && agentId === undefined) throw new AppError(outboundErrors.target_missing);
    const agent = agentId === undefined ? undefined : board.agent(agentId, clock.nowMs());
    if (agentId !== undefined && !agent) throw new AppError(outboundErrors.agent_unknown);
    const wanted = queueId ?? agent?.queues[0];
    if (wanted === undefined || !board.hasQueue(wanted)) throw new AppError(outboundErrors.queue_unknown);
    return wanted;
  }
}

function placeOf({ mode, leadMs, callId, queuedAtMs }: CallbackTermsOf, nowMs: number): JobCallback {
  return { mode, leadMs, queuedAtMs: queuedAtMs ?? nowMs, ...(callId === undefined ? {} : { callId }) };
}

function same(job: Job, wishHash: string): Job {
  if (job.wishHash !== wishHash) throw new AppError(outboundErrors.key_reused);
  return job;
}

/** The same wish gives the same hash, in whatever order its fields were sent. */
function hashOf({ createdBy: _by, idempotencyKey: _key, ...wish }: JobWish): string {
  return createHash('sha256').update(canonical(wish)).digest('hex');
}

function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const entries = Object.entries(value)
    .filter(([, part]) => part !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, part]) => `${JSON.stringify(key)}:${canonical(part)}`).join(',')}}`;
}
