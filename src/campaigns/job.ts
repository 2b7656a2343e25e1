import type { CallbackMode, DialOutcome } from '../call/index.ts';
import { type RetryClass, type RetryRules, retryClass } from './retry.ts';

/** How a job came out. `expired`: its time was over before the customer was reached. */
export type JobOutcome = DialOutcome | 'expired';

/** The call that is made for a job now. */
export interface JobCall {
  readonly callId: string;
  readonly routeId: string;
  readonly startedAtMs: number;
  /** Written down before the customer is dialled: from then on he may have been. */
  readonly dialling: boolean;
}

/** A job that keeps the place in line of a caller who hung up. */
export interface JobCallback {
  readonly mode: CallbackMode;
  readonly leadMs: number;
  /** The age that the place has, Unix milliseconds. */
  readonly queuedAtMs: number;
  /** The call that asked for it. */
  readonly callId?: string;
}

/** A wish that somebody be called; plain JSON data, as the store keeps it. Times are Unix milliseconds. */
export interface Job {
  readonly id: string;
  readonly version: number;
  readonly status: 'pending' | 'active' | 'finished';
  /** As the directory writes it. */
  readonly number: string;
  /** Country of the number, for the hours in which it may be called; absent for our own extensions. */
  readonly region?: string;
  readonly customerId?: string;
  /** Whose agents call; with `agentId` only that one does. */
  readonly queueId: string;
  readonly agentId?: string;
  /** The entry in whose name we call. */
  readonly from?: string;
  readonly reason?: string;
  /** Minutes ahead of other jobs. */
  readonly priority: number;
  readonly notBeforeMs?: number;
  readonly notAfterMs: number;
  readonly data: Readonly<Record<string, string>>;
  readonly retry: RetryRules;
  /** Who asked for it: the id of a key. */
  readonly createdBy: string;
  readonly createdAtMs: number;
  readonly idempotencyKey?: string;
  /** SHA-256 of what was asked for, to tell a repetition from another wish under the same key. */
  readonly wishHash: string;
  /** Not to be tried before. */
  readonly dueAtMs: number;
  /** Calls placed, whether or not they got as far as the customer. */
  readonly tries: number;
  /** Times that the customer was dialled, or may have been. */
  readonly attempts: number;
  readonly counts: Readonly<Partial<Record<RetryClass, number>>>;
  readonly call?: JobCall | undefined;
  readonly callback?: JobCallback;
  readonly cancelled?: true;
  readonly lastOutcome?: DialOutcome;
  readonly outcome?: JobOutcome;
  readonly finishedAtMs?: number;
}

/** Where a job waits: at a queue, at one agent, or in the line of a queue. */
export const targetOf = ({ queueId, agentId, callback }: Pick<Job, 'queueId' | 'agentId' | 'callback'>): string =>
  callback ? `${callbackTarget}${queueId}` : agentId === undefined ? `queue:${queueId}` : `agent:${agentId}`;

/** What the targets of callbacks begin with. */
export const callbackTarget = 'callback:';

const changed = (job: Job, part: Partial<Job>): Job => ({ ...job, ...part, version: job.version + 1 });

/** A call is placed for the job. */
export function begin(job: Job, call: JobCall): Job {
  return changed(job, { status: 'active', tries: job.tries + 1, call });
}

/** The agent is on the line and the customer is dialled next. */
export function intend(job: Job): Job {
  return job.call ? changed(job, { call: { ...job.call, dialling: true } }) : job;
}

export function postpone(job: Job, dueAtMs: number): Job {
  return changed(job, { dueAtMs });
}

export function finish(job: Job, outcome: JobOutcome, atMs: number): Job {
  return changed(job, { status: 'finished', outcome, finishedAtMs: atMs, call: undefined });
}

/** Somebody wants the job no more. While a call is under way its end will be the job's. */
export function cancel(job: Job, atMs: number): Job {
  if (job.status === 'finished') return job;
  return job.status === 'active' ? changed(job, { cancelled: true }) : finish(job, 'cancelled', atMs);
}

/**
 * A call for the job came to an end. A dialled customer counts as an attempt, and the rules say whether and when he is
 * called again; where nobody was dialled the job goes back in line after a short rest.
 */
export function attemptEnded(
  job: Job,
  ended: { readonly outcome: DialOutcome; readonly dialled: boolean },
  atMs: number,
  restMs: number,
): Job {
  const { outcome, dialled } = ended;
  const kind = retryClass(outcome);
  const counted = dialled ? (job.counts[kind] ?? 0) + 1 : (job.counts[kind] ?? 0);
  const after = changed(job, {
    status: 'pending',
    call: undefined,
    lastOutcome: outcome,
    attempts: job.attempts + (dialled ? 1 : 0),
    counts: dialled && outcome !== 'answered' ? { ...job.counts, [kind]: counted } : job.counts,
  });
  if (outcome === 'answered' || outcome === 'doNotCall') return finish(after, outcome, atMs);
  if (job.cancelled || outcome === 'cancelled') return finish(after, 'cancelled', atMs);
  if (dialled && (after.attempts >= job.retry.attemptsMax || counted >= job.retry[kind].attemptsMax)) {
    return finish(after, outcome, atMs);
  }
  const dueAtMs = atMs + (dialled ? job.retry[kind].delayMs : restMs);
  return dueAtMs > job.notAfterMs ? finish(after, 'expired', atMs) : { ...after, dueAtMs };
}
