import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { Database } from '../schema.ts';

/** The audit chain, its personal data beside it, and where each tenant's chain ends. */
export const audit: Migration = {
  async up(db: Kysely<Database>): Promise<void> {
    await db.schema
      .createTable('audit')
      .addColumn('tenant', 'text', (column) => column.notNull())
      .addColumn('sequence', 'bigint', (column) => column.notNull())
      .addColumn('at_ms', 'bigint', (column) => column.notNull())
      .addColumn('actor', 'text', (column) => column.notNull())
      .addColumn('action', 'text', (column) => column.notNull())
      .addColumn('target', 'text', (column) => column.notNull())
      .addColumn('detail', 'text', (column) => column.notNull())
      .addColumn('personal_tag', 'text', (column) => column.notNull())
      .addColumn('previous', 'text', (column) => column.notNull())
      .addColumn('hmac', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('audit_key', ['tenant', 'sequence'])
      .execute();
    await db.schema
      .createTable('audit_personal')
      .addColumn('tenant', 'text', (column) => column.notNull())
      .addColumn('sequence', 'bigint', (column) => column.notNull())
      .addColumn('at_ms', 'bigint', (column) => column.notNull())
      .addColumn('salt', 'text', (column) => column.notNull())
      .addColumn('body', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('audit_personal_key', ['tenant', 'sequence'])
      .execute();
    await db.schema
      .createTable('audit_heads')
      .addColumn('tenant', 'text', (column) => column.primaryKey().notNull())
      .addColumn('sequence', 'bigint', (column) => column.notNull())
      .addColumn('hmac', 'text', (column) => column.notNull())
      .execute();
  },
};
