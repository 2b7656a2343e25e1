import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { Database } from '../schema.ts';

/** Jobs of calling out, and the numbers that must not be called. */
export const outbound: Migration = {
  async up(db: Kysely<Database>): Promise<void> {
    await db.schema
      .createTable('outbound_jobs')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('status', 'text', (column) => column.notNull())
      .addColumn('target', 'text', (column) => column.notNull())
      .addColumn('queue_id', 'text', (column) => column.notNull())
      .addColumn('due_at_ms', 'bigint', (column) => column.notNull())
      .addColumn('priority', 'double precision', (column) => column.notNull())
      .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
      .addColumn('finished_at_ms', 'bigint')
      .addColumn('idempotency_key', 'text')
      .addColumn('body', 'text', (column) => column.notNull())
      .execute();
    await db.schema
      .createIndex('outbound_jobs_due')
      .on('outbound_jobs')
      .columns(['status', 'target', 'due_at_ms'])
      .execute();
    await db.schema.createIndex('outbound_jobs_key').on('outbound_jobs').column('idempotency_key').execute();
    await db.schema.createIndex('outbound_jobs_created').on('outbound_jobs').columns(['created_at_ms', 'id']).execute();
    await db.schema.createIndex('outbound_jobs_finished').on('outbound_jobs').column('finished_at_ms').execute();
    await db.schema
      .createTable('do_not_call')
      .addColumn('number', 'text', (column) => column.primaryKey().notNull())
      .addColumn('reason', 'text', (column) => column.notNull())
      .addColumn('added_at_ms', 'bigint', (column) => column.notNull())
      .execute();
  },
};
