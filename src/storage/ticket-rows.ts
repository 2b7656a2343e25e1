import type { Transaction } from 'kysely';
import type { VersionedState } from '../events/ports.ts';
import { isOpen, type Ticket } from '../tickets/ports.ts';
import type { Database, TicketRow } from './schema.ts';

/** Writes the tickets of a batch, in the transaction of the events that they came with. */
export async function keepTickets(trx: Transaction<Database>, states: readonly VersionedState[]): Promise<void> {
  for (const { kind, state } of states) {
    if (kind !== 'ticket' || state === null) continue;
    // Only `src/tickets` writes states of this kind.
    const ticket = state as Ticket;
    const row = ticketRow(ticket);
    await trx
      .insertInto('tickets')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doUpdateSet(row).where('tickets.version', '<', row.version))
      .execute();
    if (ticket.callIds.length === 0) continue;
    await trx
      .insertInto('ticket_calls')
      .values(ticket.callIds.map((callId) => ({ call_id: callId, ticket_id: ticket.id })))
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}

function ticketRow(ticket: Ticket): TicketRow {
  return {
    id: ticket.id,
    version: ticket.version,
    phase: ticket.phase,
    is_open: isOpen(ticket) ? 1 : 0,
    desk_id: ticket.deskId,
    desk_ticket_id: ticket.deskTicketId ?? null,
    customer_id: ticket.customerId ?? null,
    attempts: ticket.attempts,
    not_before_ms: ticket.notBeforeMs,
    created_at_ms: ticket.createdAtMs,
    updated_at_ms: ticket.updatedAtMs,
    body: JSON.stringify(ticket),
  };
}
