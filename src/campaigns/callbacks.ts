import type { CallbackMode, CallbackRefusal, CallbackVerdict } from '../call/index.ts';
import { AppError } from '../kernel/index.ts';
import { outboundErrors } from './errors.ts';
import type { Job } from './job.ts';
import type { JobWish } from './job-desk.ts';
import type { JobStore, NumberReader } from './ports.ts';

/** How a queue calls back; from its config. */
export interface CallbackTerms {
  readonly mode: CallbackMode;
  readonly leadMs: number;
  readonly graceMs: number;
  readonly keepMs: number;
  readonly pendingMax: number;
}

/** How a queue calls back now, or by the rules of the call that asks; undefined where it calls nobody. */
interface TermsOfQueues {
  get(queueId: string, callId?: string): CallbackTerms | undefined;
}

/** A caller who hangs up and keeps the place in line. */
export interface CallerWish {
  readonly callId: string;
  readonly number: string;
  readonly queueId: string;
  readonly entryId: string;
  readonly queuedAtMs: number;
  readonly priority: number;
  readonly data: Readonly<Record<string, string>>;
}

interface Desk {
  request(wish: JobWish): Promise<{ readonly job: Job; readonly created: boolean }>;
}

interface Parts {
  readonly desk: Desk;
  readonly store: Pick<JobStore, 'list'>;
  readonly readNumber: NumberReader;
  readonly terms: TermsOfQueues;
}

/**
 * Takes callbacks: jobs that keep a place in line instead of waiting for idle agents. A number waits once in a queue,
 * so asking again, by another call or the API, changes nothing.
 */
export class CallbackDesk {
  private readonly parts: Parts;

  constructor(parts: Parts) {
    this.parts = parts;
  }

  /** For a caller in the queue. Never rejects. */
  async ask({ callId, entryId, number: text, ...caller }: CallerWish): Promise<CallbackVerdict> {
    const number = this.parts.readNumber(text);
    if (!number) return { ok: false, reason: 'number' };
    try {
      const asked = { callId, queuedAtMs: caller.queuedAtMs };
      const { priority, queueId, data } = caller;
      const from = entryId === 'none' ? {} : { from: entryId };
      const { job } = await this.request(
        { number, queueId, priority, data, ...from, createdBy: 'caller', idempotencyKey: `callback:${callId}` },
        asked,
      );
      return { ok: true, callbackId: job.id };
    } catch (error) {
      return {
        ok: false,
        reason: error instanceof AppError ? (refusals.get(error.code) ?? 'unavailable') : 'unavailable',
      };
    }
  }

  /** Throws an AppError when it cannot be. */
  async request(
    wish: JobWish & { readonly queueId: string },
    asked: { readonly callId?: string; readonly queuedAtMs?: number } = {},
  ): Promise<{ readonly job: Job; readonly created: boolean }> {
    const { queueId, number } = wish;
    const terms = this.parts.terms.get(queueId, asked.callId);
    if (!terms) throw new AppError(outboundErrors.no_callback);
    const waiting = await this.waitingIn(queueId, terms.pendingMax);
    const same = waiting.find((job) => job.number === number.canonical);
    if (same) return { job: same, created: false };
    if (waiting.length >= terms.pendingMax) throw new AppError(outboundErrors.callbacks_full);
    const { mode, leadMs, graceMs, keepMs } = terms;
    return this.parts.desk.request({ ...wish, callback: { mode, leadMs, graceMs, keepMs, ...asked } });
  }

  private async waitingIn(queueId: string, limit: number): Promise<readonly Job[]> {
    const ask = (status: Job['status']) => this.parts.store.list({ status, queueId, callbacks: true, limit });
    return [...(await ask('pending')), ...(await ask('active'))];
  }
}

const refusals: ReadonlyMap<string, CallbackRefusal> = new Map([
  [outboundErrors.do_not_call.code, 'doNotCall'],
  [outboundErrors.no_time.code, 'hours'],
  [outboundErrors.number_refused.code, 'number'],
  [outboundErrors.no_route.code, 'number'],
  [outboundErrors.callbacks_full.code, 'full'],
]);
