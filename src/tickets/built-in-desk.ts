import type { Clock } from '../kernel/index.ts';
import { ticketError } from './errors.ts';
import type { BuiltInTable, BuiltInTicket, DeskTicket, TicketDesk } from './ports.ts';

/** The ticket desk of a site that has none: a table in our store, worked through the API. */
export function builtInDesk(id: string, table: BuiltInTable, clock: Clock): TicketDesk {
  return {
    id,
    repeats: 'same',
    // Its requests are the store's: a failure is the store's, and a repeated mark finds what it made.
    meaningOf: () => 'notDone',
    create: async ({ mark }) => told(await table.insert({ id: mark, mark, status: 'new', updatedAtMs: clock.nowMs() })),
    find: async (mark) => optional(await table.byMark(mark)),
    read: async (deskTicketId) => optional(await table.get(deskTicketId)),
    setStatus: async (deskTicketId, status) => {
      const ticket = await table.setStatus(deskTicketId, status, clock.nowMs());
      if (!ticket) throw ticketError('gone');
      return told(ticket);
    },
    close: () => Promise.resolve(),
  };
}

const optional = (ticket: BuiltInTicket | undefined): DeskTicket | undefined => ticket && told(ticket);

const told = ({ id, status, updatedAtMs }: BuiltInTicket): DeskTicket => ({ deskTicketId: id, status, updatedAtMs });
