import type { Kysely } from 'kysely';
import type { BuiltInTable, BuiltInTicket, TicketStatus } from '../tickets/ports.ts';
import { guarded } from './errors.ts';
import type { Database, DeskTicketRow } from './schema.ts';

/** The built-in ticket desk's own table. */
export class SqlBuiltInTable implements BuiltInTable {
  private readonly db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.db = db;
  }

  insert({ id, mark, status, updatedAtMs }: BuiltInTicket): Promise<BuiltInTicket> {
    return guarded(async () => {
      await this.db
        .insertInto('desk_tickets')
        .values({ id, mark, status, updated_at_ms: updatedAtMs })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      const row = await this.rows().where('mark', '=', mark).executeTakeFirstOrThrow();
      return ticketOf(row);
    });
  }

  byMark(mark: string): Promise<BuiltInTicket | undefined> {
    return guarded(async () => optional(await this.rows().where('mark', '=', mark).executeTakeFirst()));
  }

  get(id: string): Promise<BuiltInTicket | undefined> {
    return guarded(async () => optional(await this.rows().where('id', '=', id).executeTakeFirst()));
  }

  setStatus(id: string, status: TicketStatus, atMs: number): Promise<BuiltInTicket | undefined> {
    return guarded(async () => {
      await this.db
        .updateTable('desk_tickets')
        .set({ status, updated_at_ms: atMs })
        .where('id', '=', id)
        .where('status', '!=', status)
        .execute();
      return optional(await this.rows().where('id', '=', id).executeTakeFirst());
    });
  }

  private rows() {
    return this.db.selectFrom('desk_tickets').selectAll();
  }
}

const optional = (row: DeskTicketRow | undefined): BuiltInTicket | undefined => row && ticketOf(row);

const ticketOf = ({ id, mark, status, updated_at_ms }: DeskTicketRow): BuiltInTicket => ({
  id,
  mark,
  status: status as TicketStatus,
  updatedAtMs: updated_at_ms,
});
