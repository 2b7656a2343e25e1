import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { Database } from '../schema.ts';

/** Tickets, the calls they belong to, how far each desk's changes have been read, and the built-in desk's own table. */
export const tickets: Migration = {
  async up(db: Kysely<Database>): Promise<void> {
    await db.schema
      .createTable('tickets')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('version', 'bigint', (column) => column.notNull())
      .addColumn('phase', 'text', (column) => column.notNull())
      .addColumn('is_open', 'integer', (column) => column.notNull())
      .addColumn('desk_id', 'text', (column) => column.notNull())
      .addColumn('desk_ticket_id', 'text')
      .addColumn('customer_id', 'text')
      .addColumn('attempts', 'integer', (column) => column.notNull())
      .addColumn('not_before_ms', 'bigint', (column) => column.notNull())
      .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
      .addColumn('updated_at_ms', 'bigint', (column) => column.notNull())
      .addColumn('body', 'text', (column) => column.notNull())
      .execute();
    const index = (name: string, columns: (keyof Database['tickets'])[]) =>
      db.schema.createIndex(name).on('tickets').columns(columns).execute();
    // What waits, what is open, what a desk's news is about, a customer's, and the newest: each is found without a scan.
    await index('tickets_due', ['phase', 'desk_id', 'attempts', 'created_at_ms']);
    await index('tickets_open', ['is_open', 'created_at_ms']);
    await index('tickets_desk', ['desk_id', 'desk_ticket_id']);
    await index('tickets_customer', ['customer_id', 'created_at_ms']);
    await index('tickets_newest', ['created_at_ms']);
    await db.schema
      .createTable('ticket_calls')
      .addColumn('call_id', 'text', (column) => column.notNull())
      .addColumn('ticket_id', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('ticket_calls_key', ['call_id', 'ticket_id'])
      .execute();
    await db.schema
      .createTable('desk_cursors')
      .addColumn('desk_id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('cursor', 'text', (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('desk_tickets')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('mark', 'text', (column) => column.notNull().unique())
      .addColumn('status', 'text', (column) => column.notNull())
      .addColumn('updated_at_ms', 'bigint', (column) => column.notNull())
      .execute();
  },
};
