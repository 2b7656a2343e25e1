import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { Database } from '../schema.ts';

/** The event log, the states that go with it, durable consumers' cursors, and the log's own facts. */
export const log: Migration = {
  async up(db: Kysely<Database>): Promise<void> {
    await db.schema
      .createTable('events')
      // In SQLite `integer primary key` is the row id itself: appending then costs one b-tree insert.
      .addColumn('sequence', db.getExecutor().adapter.supportsMultipleConnections ? 'bigint' : 'integer', (column) =>
        column.primaryKey().notNull(),
      )
      .addColumn('epoch', 'text', (column) => column.notNull())
      .addColumn('id', 'text', (column) => column.notNull())
      .addColumn('type', 'text', (column) => column.notNull())
      .addColumn('subject', 'text', (column) => column.notNull())
      .addColumn('at_ms', 'bigint', (column) => column.notNull())
      .addColumn('callseq', 'integer')
      .addColumn('body', 'text', (column) => column.notNull())
      .execute();
    // Partial, so that it costs nothing on the ordinary event; asked once per start.
    await db.schema
      .createIndex('events_gaps')
      .on('events')
      .column('sequence')
      .where(sql<boolean>`type = 'stream.gap.v1'`)
      .execute();
    await db.schema
      .createTable('states')
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('id', 'text', (column) => column.notNull())
      .addColumn('version', 'bigint', (column) => column.notNull())
      .addColumn('body', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('states_key', ['kind', 'id'])
      .execute();
    await db.schema
      .createTable('consumers')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('sequence', 'bigint', (column) => column.notNull())
      .addColumn('at_ms', 'bigint', (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('meta')
      .addColumn('key', 'text', (column) => column.primaryKey().notNull())
      .addColumn('value', 'text', (column) => column.notNull())
      .execute();
  },
};
