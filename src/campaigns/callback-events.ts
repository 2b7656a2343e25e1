import type { Job } from './job.ts';
import type { JobEvent } from './ports.ts';
import { jobView } from './views.ts';

/** The same in the words of callbacks, for those who follow only them; nothing for other jobs. */
export function callbackEvents(job: Job, events: readonly JobEvent[]): readonly JobEvent[] {
  return job.callback ? events.flatMap((event) => inWords(job, event)) : [];
}

function inWords(job: Job, event: JobEvent): readonly JobEvent[] {
  const view = jobView(job);
  switch (event.type) {
    case 'outbound.job.accepted.v1':
      return [{ type: 'callback.requested.v1', data: { job: view } }];
    case 'outbound.attempt.dialling.v1':
      return [{ type: 'callback.due.v1', data: { job: view, callId: event.data.callId } }];
    case 'outbound.job.finished.v1':
      return [finished(job, view, event.data.outcome)];
    default:
      return [];
  }
}

function finished(job: Job, view: ReturnType<typeof jobView>, outcome: NonNullable<Job['outcome']>): JobEvent {
  if (outcome === 'answered') return { type: 'callback.reached.v1', data: { job: view, attempts: job.attempts } };
  if (outcome === 'cancelled') return { type: 'callback.cancelled.v1', data: { job: view } };
  return { type: 'callback.failed.v1', data: { job: view, outcome, attempts: job.attempts } };
}
