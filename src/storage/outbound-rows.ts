import type { Transaction } from 'kysely';
import { type Job, targetOf } from '../campaigns/ports.ts';
import type { VersionedState } from '../events/ports.ts';
import type { Database, JobRow } from './schema.ts';

/** Writes the jobs among the states of a batch, in its transaction. */
export async function keepJobs(trx: Transaction<Database>, states: readonly VersionedState[]): Promise<void> {
  for (const { kind, state } of states) {
    if (kind !== 'job' || state === null) continue;
    const row = jobRow(state as Job);
    const { id: _id, ...rest } = row;
    await trx
      .insertInto('outbound_jobs')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doUpdateSet(rest))
      .execute();
  }
}

function jobRow(job: Job): JobRow {
  return {
    id: job.id,
    status: job.status,
    target: targetOf(job),
    queue_id: job.queueId,
    due_at_ms: job.dueAtMs,
    priority: job.priority,
    created_at_ms: job.createdAtMs,
    finished_at_ms: job.finishedAtMs ?? null,
    idempotency_key: job.idempotencyKey ?? null,
    body: JSON.stringify(job),
  };
}
