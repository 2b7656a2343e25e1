import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { Database } from '../schema.ts';

/** What was recorded of calls. What is searched stands in columns; `body` is the whole record. */
export const recordings: Migration = {
  async up(db: Kysely<Database>): Promise<void> {
    await db.schema
      .createTable('recordings')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('version', 'bigint', (column) => column.notNull())
      .addColumn('call_id', 'text', (column) => column.notNull())
      .addColumn('phase', 'text', (column) => column.notNull())
      .addColumn('started_at_ms', 'bigint', (column) => column.notNull())
      .addColumn('body', 'text', (column) => column.notNull())
      .execute();
    await db.schema.createIndex('recordings_call').on('recordings').columns(['call_id', 'started_at_ms']).execute();
    await db.schema.createIndex('recordings_phase').on('recordings').columns(['phase', 'started_at_ms']).execute();
    await db.schema.createIndex('recordings_start').on('recordings').column('started_at_ms').execute();
  },
};
