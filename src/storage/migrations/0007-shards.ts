import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { Database } from '../schema.ts';

/** Who owns each shard; stays empty where one server runs alone. */
export const shards: Migration = {
  async up(db: Kysely<Database>): Promise<void> {
    await db.schema
      .createTable('shards')
      .addColumn('shard', 'text', (column) => column.primaryKey().notNull())
      .addColumn('token', 'bigint', (column) => column.notNull())
      .addColumn('term', 'text', (column) => column.notNull())
      .addColumn('instance_id', 'text', (column) => column.notNull())
      .addColumn('url', 'text', (column) => column.notNull())
      .addColumn('taken_at_ms', 'bigint', (column) => column.notNull())
      .execute();
  },
};
