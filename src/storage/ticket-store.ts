import type { Kysely, SelectQueryBuilder } from 'kysely';
import type { Ticket, TicketFilter, TicketStore } from '../tickets/ports.ts';
import { guarded } from './errors.ts';
import type { Database } from './schema.ts';

type Bodies = SelectQueryBuilder<Database, 'tickets', { body: string }>;

/** Tickets as the event store's transactions left them. */
export class SqlTicketStore implements TicketStore {
  private readonly db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.db = db;
  }

  due(deskId: string, nowMs: number, limit: number): Promise<readonly Ticket[]> {
    return read(
      this.bodies()
        .where('phase', '=', 'waiting')
        .where('desk_id', '=', deskId)
        .where('not_before_ms', '<=', nowMs)
        .orderBy('attempts')
        .orderBy('created_at_ms')
        .limit(limit),
    );
  }

  async get(id: string): Promise<Ticket | undefined> {
    const [ticket] = await read(this.bodies().where('id', '=', id));
    return ticket;
  }

  async byDeskTickets(deskId: string, deskTicketIds: readonly string[]): Promise<readonly Ticket[]> {
    if (deskTicketIds.length === 0) return [];
    return read(
      this.bodies()
        .where('desk_id', '=', deskId)
        .where('desk_ticket_id', 'in', [...deskTicketIds]),
    );
  }

  list({ deskId, phase, callId, customerId, beforeMs, limit }: TicketFilter): Promise<readonly Ticket[]> {
    let query = this.bodies().orderBy('created_at_ms', 'desc').limit(limit);
    if (deskId !== undefined) query = query.where('desk_id', '=', deskId);
    if (phase !== undefined) query = query.where('phase', '=', phase);
    if (customerId !== undefined) query = query.where('customer_id', '=', customerId);
    if (beforeMs !== undefined) query = query.where('created_at_ms', '<', beforeMs);
    if (callId !== undefined) {
      query = query.where('id', 'in', (ids) =>
        ids.selectFrom('ticket_calls').select('ticket_id').where('call_id', '=', callId),
      );
    }
    return read(query);
  }

  open(limit: number): Promise<readonly Ticket[]> {
    return read(this.bodies().where('is_open', '=', 1).orderBy('created_at_ms', 'desc').limit(limit));
  }

  cursor(deskId: string): Promise<string> {
    return guarded(async () => {
      const row = await this.db
        .selectFrom('desk_cursors')
        .select('cursor')
        .where('desk_id', '=', deskId)
        .executeTakeFirst();
      return row?.cursor ?? '';
    });
  }

  saveCursor(deskId: string, cursor: string): Promise<void> {
    return guarded(async () => {
      await this.db
        .insertInto('desk_cursors')
        .values({ desk_id: deskId, cursor })
        .onConflict((conflict) => conflict.column('desk_id').doUpdateSet({ cursor }))
        .execute();
    });
  }

  prune(beforeMs: number, limit: number): Promise<number> {
    return guarded(() =>
      this.db.transaction().execute(async (trx) => {
        const old = await trx
          .selectFrom('tickets')
          .select('id')
          .where('is_open', '=', 0)
          .where('phase', '!=', 'waiting')
          .where('updated_at_ms', '<', beforeMs)
          .limit(limit)
          .execute();
        const ids = old.map(({ id }) => id);
        if (ids.length === 0) return 0;
        await trx.deleteFrom('ticket_calls').where('ticket_id', 'in', ids).execute();
        await trx.deleteFrom('tickets').where('id', 'in', ids).execute();
        return ids.length;
      }),
    );
  }

  private bodies(): Bodies {
    return this.db.selectFrom('tickets').select('body');
  }
}

function read(query: Bodies): Promise<readonly Ticket[]> {
  return guarded(async () => (await query.execute()).map(({ body }) => JSON.parse(body) as Ticket));
}
