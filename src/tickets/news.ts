import { type TicketBook, tellUpdated } from './book.ts';
import type { DeskTicket, TicketStore } from './ports.ts';
import { told } from './transitions.ts';

/** What a desk tells about its tickets, whichever way it comes: of each change one event. */
export class News {
  private readonly store: TicketStore;
  private readonly book: TicketBook;

  constructor(store: TicketStore, book: TicketBook) {
    this.store = store;
    this.book = book;
  }

  /** Takes what is about our tickets; the desk's others are none of our business. Rejects when the store is away. */
  async take(deskId: string, tickets: readonly DeskTicket[], by: 'webhook' | 'poll' | 'api'): Promise<void> {
    const byId = new Map(tickets.map((ticket) => [ticket.deskTicketId, ticket]));
    const ours = await this.store.byDeskTickets(deskId, [...byId.keys()]);
    for (const { id, deskTicketId = '' } of ours) {
      const at = byId.get(deskTicketId);
      if (at) await this.book.update(id, (now, atMs) => told(now, at, atMs), tellUpdated(by));
    }
  }

  async knows(deskId: string, deskTicketId: string): Promise<boolean> {
    return (await this.store.byDeskTickets(deskId, [deskTicketId])).length > 0;
  }
}
