import type { JobViewData } from '../events/catalogue/index.ts';
import type { Job, JobCallback } from './job.ts';

/** A job as events and the API show it. */
export function jobView(job: Job): JobViewData {
  const { id, version, status, number, queueId, priority, attempts, tries, createdAtMs, notAfterMs, data, call } = job;
  return {
    id,
    version,
    status,
    number,
    queueId,
    ...optional(job, ['region', 'customerId', 'agentId', 'from', 'reason', 'notBeforeMs', 'lastOutcome', 'outcome']),
    priority,
    attempts,
    tries,
    createdAtMs,
    notAfterMs,
    ...(status === 'pending' ? { dueAtMs: job.dueAtMs } : {}),
    ...(job.finishedAtMs === undefined ? {} : { finishedAtMs: job.finishedAtMs }),
    ...(call ? { callId: call.callId } : {}),
    ...(job.callback ? { callback: callbackView(job.callback) } : {}),
    data: { ...data },
  };
}

const callbackView = ({ mode, queuedAtMs, callId }: JobCallback): NonNullable<JobViewData['callback']> => ({
  mode,
  queuedAtMs,
  ...(callId === undefined ? {} : { callId }),
});

/** The fields that are there. */
function optional<Key extends keyof Job>(job: Job, keys: readonly Key[]): { [K in Key]?: NonNullable<Job[K]> } {
  const entries = keys.flatMap((key) => (job[key] === undefined ? [] : [[key, job[key]] as const]));
  return Object.fromEntries(entries) as { [K in Key]?: NonNullable<Job[K]> };
}
