import type { DialOutcome, OutboundOrder } from '../call/index.ts';
import { AppError, type Clock, errorText, type Logger, type Timer } from '../kernel/index.ts';
import { callbackEvents } from './callback-events.ts';
import { dialString, shownNumber } from './click-to-dial.ts';
import type { Compliance } from './compliance.ts';
import { outboundErrors } from './errors.ts';
import * as step from './job.ts';
import type { Job } from './job.ts';
import type { JobKeeper } from './job-desk.ts';
import { JobHours } from './job-hours.ts';
import { Limits, type LimitsOptions } from './limits.ts';
import type { Pacing } from './pacing/index.ts';
import type { AskedCall, JobEvent, JobLog, JobStore, NumberReader, OutboundBoard, Settle } from './ports.ts';
import { type EntryNumbers, type OutboundRoute, routeFor } from './routes.ts';
import { jobView } from './views.ts';

export interface DiallerOptions extends LimitsOptions {
  readonly routes: readonly OutboundRoute[];
  readonly entryNumbers: EntryNumbers;
  readonly pacing: Pacing;
  readonly ringTimeoutMs: number;
  readonly agentWaitMs: number;
  /** Before a job is tried again whose customer was not dialled. */
  readonly restMs: number;
  /** How often it is looked whether due jobs have agents. */
  readonly tickMs: number;
  /** What must be in the store before a dial is there by then, or nothing is dialled. */
  readonly saveDeadlineMs: number;
  readonly keepMs: number;
  readonly newCallId: () => string;
}

export interface DiallerParts {
  readonly board: OutboundBoard;
  readonly store: JobStore;
  readonly log: JobLog;
  readonly compliance: Compliance;
  readonly readNumber: NumberReader;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Longer than this nobody sleeps: a store that was written by others, or a clock that was set, is seen then. */
const sleepMaxMs = 30_000;
const jobsAtOnce = 50;
const pruneEveryMs = 3_600_000;
const pruneAtOnce = 500;

/**
 * Makes calls for jobs that are due. What is about to be done is written down before it is done: a job is `active` before
 * its agent is rung, and says `dialling` before its customer is; so a start after a crash knows who may have been called.
 */
export class Dialler implements JobKeeper {
  private readonly parts: DiallerParts;
  private readonly options: DiallerOptions;
  private readonly limits: Limits;
  private readonly hours: JobHours;
  /** Jobs with a call, by id of the call. */
  private readonly byCall = new Map<string, string>();
  private readonly active = new Map<string, Job>();
  /** Jobs that are being written: what the store says of them is old. */
  private readonly saving = new Map<string, number>();
  private timer: Timer | undefined;
  private nextPruneMs = 0;
  private ticking = false;
  private stopped = true;

  constructor(parts: DiallerParts, options: DiallerOptions) {
    this.parts = parts;
    this.options = options;
    this.limits = new Limits(options);
    this.hours = new JobHours(parts.compliance, parts.board);
  }

  /** Jobs that had a call when the server stopped. Before the switchboard starts. */
  async load(): Promise<void> {
    for (const job of await this.parts.store.active()) this.keep(job);
  }

  /** After the switchboard has read its calls back, and before the PBX has said which of them still are. */
  start(): void {
    this.stopped = false;
    this.settleLost();
    this.wakeIn(0);
  }

  stop(): void {
    this.stopped = true;
    this.timer?.cancel();
  }

  get stats(): { readonly active: number } {
    return { active: this.active.size };
  }

  inHand(jobId: string): Job | undefined {
    return this.active.get(jobId);
  }

  async accept(job: Job): Promise<void> {
    const kept = await this.save(job, [{ type: 'outbound.job.accepted.v1', data: { job: jobView(job) } }]);
    if (!kept) throw new AppError(outboundErrors.not_kept);
    this.wakeIn(0);
  }

  async cancel(jobId: string): Promise<Job | undefined> {
    const { store, clock, board } = this.parts;
    const job = this.active.get(jobId) ?? (await store.get(jobId));
    const nowMs = clock.nowMs();
    // It may have been taken on, or been given up, while the store was asked.
    const current = this.active.get(jobId) ?? job;
    if (!current || current.status === 'finished') return current;
    const cancelled = step.cancel(current, nowMs);
    const told: JobEvent = { type: 'outbound.job.cancelled.v1', data: { job: jobView(cancelled) } };
    if (current.call) {
      this.active.set(jobId, cancelled);
      board.cancel(current.call.callId, nowMs);
    }
    const events = current.call ? [told] : [told, finishedEvent(cancelled)];
    if (!(await this.save(cancelled, events))) throw new AppError(outboundErrors.not_kept);
    return cancelled;
  }

  /** The agent of a job's call is on the line: may the customer be dialled, and is it written down? Never rejects. */
  async clear({ jobId = '' }: AskedCall, settle: Settle): Promise<void> {
    const { compliance, clock } = this.parts;
    const before = this.active.get(jobId);
    if (!before?.call || before.cancelled) return settle({ ok: false, outcome: 'cancelled' });
    if (!this.hours.isOpen(before, clock.nowMs())) return settle({ ok: false, outcome: 'outsideHours' });
    try {
      if (await compliance.isListed(before.number)) return settle({ ok: false, outcome: 'doNotCall' });
      const job = this.active.get(jobId);
      // Given up meanwhile.
      if (!job?.call) return settle({ ok: false, outcome: 'cancelled' });
      const intent = step.intend(job);
      this.active.set(jobId, intent);
      const data = { job: jobView(intent), attempt: intent.attempts + 1, callId: job.call.callId };
      const kept = await this.save(intent, [{ type: 'outbound.attempt.dialling.v1', data }]);
      settle(kept ? { ok: true } : { ok: false, outcome: 'unavailable' });
    } catch {
      settle({ ok: false, outcome: 'unavailable' });
    }
  }

  /** A call of ours came to an end, or its two are talking. */
  ended(callId: string, outcome: DialOutcome, dialled: boolean): void {
    const jobId = this.byCall.get(callId);
    const job = jobId === undefined ? undefined : this.active.get(jobId);
    if (!job) return;
    this.byCall.delete(callId);
    this.active.delete(job.id);
    const nowMs = this.parts.clock.nowMs();
    const after = step.attemptEnded(job, { outcome, dialled }, nowMs, this.options.restMs);
    const next = after.status === 'pending' ? this.intoHours(after) : after;
    const ended: JobEvent = {
      type: 'outbound.attempt.ended.v1',
      data: { job: jobView(next), attempt: job.attempts + 1, callId, outcome, dialled },
    };
    const finished: JobEvent[] = next.status === 'finished' ? [finishedEvent(next)] : [];
    void this.save(next, [ended, ...finished]).then(() => this.wakeIn(0));
  }

  /** What is due is due within the hours, or never. */
  private intoHours(job: Job): Job {
    const dueAtMs = this.hours.nextOpenMs(job, job.dueAtMs);
    if (dueAtMs === job.dueAtMs) return job;
    if (dueAtMs === undefined || dueAtMs > job.notAfterMs) {
      return step.finish(job, 'expired', this.parts.clock.nowMs());
    }
    return step.postpone(job, dueAtMs);
  }

  /**
   * A job whose call is not there any more and did not say how it ended: the server died, or lost the PBX to another.
   * Where the dial had been written down the customer may have been called: that counts as an attempt, and is told.
   */
  private settleLost(): void {
    for (const job of this.active.values()) {
      if (!job.call || this.saving.has(job.id)) continue;
      const { callId, dialling } = job.call;
      const stage = this.parts.board.stageOf(callId);
      if (stage === 'reached') this.ended(callId, 'answered', true);
      else if (stage === undefined) this.ended(callId, dialling ? 'unknown' : 'interrupted', dialling);
    }
  }

  private wakeIn(delayMs: number): void {
    if (this.stopped) return;
    this.timer?.cancel();
    this.timer = this.parts.clock.after(delayMs, () => void this.tick());
  }

  private async tick(): Promise<void> {
    if (this.ticking || this.stopped) return;
    this.ticking = true;
    let nextMs = sleepMaxMs;
    try {
      this.settleLost();
      nextMs = await this.work();
    } catch (error) {
      this.parts.logger.warn({ error: errorText(error) }, 'due calls could not be looked up');
    }
    this.ticking = false;
    this.wakeIn(nextMs);
  }

  /** Starts what may be started; tells how long nothing more is to be done. */
  private async work(): Promise<number> {
    const { store, clock } = this.parts;
    const nowMs = clock.nowMs();
    if (nowMs >= this.nextPruneMs) {
      await store.prune(nowMs - this.options.keepMs, pruneAtOnce);
      this.nextPruneMs = nowMs + pruneEveryMs;
    }
    const targets = await store.dueTargets(nowMs);
    for (const target of targets) await this.serve(target, nowMs);
    // What is being written does not show in the store yet.
    if (targets.length > 0 || this.active.size > 0 || this.saving.size > 0) return this.options.tickMs;
    const nextDueMs = await store.nextDueMs();
    return Math.min(sleepMaxMs, Math.max(this.options.tickMs, (nextDueMs ?? Number.POSITIVE_INFINITY) - nowMs));
  }

  private async serve(target: string, nowMs: number): Promise<void> {
    let room = this.roomAt(target, nowMs);
    // Jobs whose time is over are looked at even when nobody is free.
    const jobs = await this.parts.store.dueOf(target, nowMs, jobsAtOnce);
    for (const job of jobs) {
      if (this.stopped) return;
      if (this.active.has(job.id) || this.saving.has(job.id)) continue;
      const timely = this.timely(job, nowMs);
      if (timely.status === 'finished') await this.finished(timely);
      else if (timely.dueAtMs > nowMs) await this.postponed(timely);
      else if (room > 0 && (await this.begin(job, nowMs))) room -= 1;
    }
  }

  /** What becomes of a due job by the clock alone. */
  private timely(job: Job, nowMs: number): Job {
    return nowMs > job.notAfterMs ? step.finish(job, 'expired', nowMs) : this.intoHours({ ...job, dueAtMs: nowMs });
  }

  private roomAt(target: string, nowMs: number): number {
    const { board } = this.parts;
    // A callback waits in line like a caller: it needs no room, and takes none.
    if (target.startsWith(step.callbackTarget)) return Number.POSITIVE_INFINITY;
    const at = target.slice(target.indexOf(':') + 1);
    if (target.startsWith('agent:')) return board.agent(at, nowMs)?.idle ? 1 : 0;
    const stages = [...this.active.values()]
      .filter((job) => step.targetOf(job) === target)
      .map((job) => board.stageOf(job.call?.callId ?? ''));
    const reserving = stages.filter((stage) => stage === 'reserving').length;
    const dialling = stages.filter((stage) => stage === 'ringing' || stage === 'dialling').length;
    return this.options.pacing({ idleAgents: board.idleAgents(at, nowMs), reserving, dialling });
  }

  /** False when a limit or the PBX does not allow it now. */
  private async begin(job: Job, nowMs: number): Promise<boolean> {
    const { board } = this.parts;
    const route = this.routeOf(job, nowMs);
    if (!route || !board.mayDialOn(route.nodeId)) return false;
    const others = [...this.active.values()].filter(({ callback }) => !callback);
    if (!job.callback && !this.limits.take(job.queueId, route, others, nowMs)) return false;
    const callId = this.options.newCallId();
    const started = step.begin(job, { callId, routeId: route.id, startedAtMs: nowMs, dialling: false });
    this.keep(started);
    const data = { job: jobView(started), attempt: started.attempts + 1, callId };
    const kept = await this.save(started, [{ type: 'outbound.attempt.started.v1', data }]);
    const placed = kept && !this.active.get(job.id)?.cancelled && this.place(started, route);
    if (!placed) this.ended(callId, 'unavailable', false);
    return placed;
  }

  private routeOf(job: Job, nowMs: number): OutboundRoute | undefined {
    const { board } = this.parts;
    const nodeId = job.agentId === undefined ? undefined : board.agent(job.agentId, nowMs)?.nodeId;
    const fits = (route: OutboundRoute): boolean => nodeId === undefined || route.nodeId === nodeId;
    return routeFor(this.options.routes, job.number, fits);
  }

  private place(job: Job, route: OutboundRoute): boolean {
    const number = this.parts.readNumber(job.number);
    if (!number || !job.call) return false;
    const order: OutboundOrder = {
      callId: job.call.callId,
      nodeId: route.nodeId,
      queueId: job.queueId,
      entryId: job.from ?? 'none',
      ...(job.agentId === undefined ? {} : { agentId: job.agentId }),
      number: job.number,
      data: { ...job.data, ...(job.reason === undefined ? {} : { outboundReason: job.reason }) },
      dial: {
        endpoint: dialString(route, number),
        shownNumber: shownNumber(this.options.entryNumbers, job.from, route),
        ringTimeoutMs: this.options.ringTimeoutMs,
        ...this.placeInLine(job),
        byAgent: false,
        priority: job.priority,
        agentHeaders: {},
        jobId: job.id,
      },
    };
    return this.parts.board.place(order);
  }

  /** A callback waits in line for as long as it may be made. */
  private placeInLine(job: Job): Pick<OutboundOrder['dial'], 'agentWaitMs' | 'callback'> {
    const { callback, notAfterMs } = job;
    if (!callback) return { agentWaitMs: this.options.agentWaitMs };
    const nowMs = this.parts.clock.nowMs();
    const untilMs = Math.min(notAfterMs, this.hours.openUntilMs(job, nowMs) ?? notAfterMs);
    const { mode, queuedAtMs, leadMs } = callback;
    return { agentWaitMs: Math.max(1, untilMs - nowMs), callback: { mode, queuedAtMs, leadMs } };
  }

  private keep(job: Job): void {
    this.active.set(job.id, job);
    if (job.call) this.byCall.set(job.call.callId, job.id);
  }

  private finished(job: Job): Promise<boolean> {
    return this.save(job, [finishedEvent(job)]);
  }

  private postponed(job: Job): Promise<boolean> {
    const data = { job: jobView(job), untilMs: job.dueAtMs };
    return this.save(job, [{ type: 'outbound.job.postponed.v1', data }]);
  }

  private async save(job: Job, events: readonly JobEvent[]): Promise<boolean> {
    this.saving.set(job.id, (this.saving.get(job.id) ?? 0) + 1);
    const told = [...events, ...callbackEvents(job, events)];
    const kept = await this.parts.log.save(job, told, this.options.saveDeadlineMs);
    const left = (this.saving.get(job.id) ?? 1) - 1;
    if (left > 0) this.saving.set(job.id, left);
    else this.saving.delete(job.id);
    return kept;
  }
}

function finishedEvent(job: Job): JobEvent {
  return {
    type: 'outbound.job.finished.v1',
    data: { job: jobView(job), outcome: job.outcome ?? 'expired', attempts: job.attempts },
  };
}
