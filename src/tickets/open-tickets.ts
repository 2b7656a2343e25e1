import type { CustomerResult, OpenTicket } from '../call/index.ts';
import { isOpen, type Ticket, ticketLevels } from './ticket.ts';

/** As many as a card shows. */
const shownMax = 5;

/**
 * The open tickets of each customer, kept in memory so that a card has them without waiting. Bounded: of the oldest a
 * card may miss one, never a caller his turn.
 */
export class OpenTickets {
  private readonly tickets = new Map<string, Ticket>();
  private readonly byParty = new Map<string, Set<string>>();
  /** Desk tickets that we know to be over, which a CRM's cache may still call open. */
  private readonly over = new Set<string>();
  private readonly max: number;

  constructor(max: number) {
    this.max = max;
  }

  note(ticket: Ticket): void {
    this.forget(ticket.id);
    if (ticket.phase !== 'placed' || ticket.deskTicketId === undefined) return;
    if (!isOpen(ticket)) return this.noteOver(ticket.deskTicketId);
    this.over.delete(ticket.deskTicketId);
    const [oldest] = this.tickets.keys();
    if (oldest !== undefined && this.tickets.size >= this.max) this.forget(oldest);
    this.tickets.set(ticket.id, ticket);
    for (const party of partiesOf(ticket)) {
      const known = this.byParty.get(party);
      if (known) known.add(ticket.id);
      else this.byParty.set(party, new Set([ticket.id]));
    }
  }

  /** The card with our open tickets in it; the very same card when we have nothing to say. Also after itself. */
  onCard(result: CustomerResult, callerNumber: string): CustomerResult {
    const { customer } = result;
    if (!customer || (this.tickets.size === 0 && this.over.size === 0)) return result;
    const ours = this.of(customer.id, callerNumber);
    const theirs = customer.openTickets.filter(({ id }) => !this.over.has(id) && !ours.some((our) => our.id === id));
    if (ours.length === 0 && theirs.length === customer.openTickets.length) return result;
    const openTickets = [...ours, ...theirs].sort((a, b) => rank(a) - rank(b)).slice(0, shownMax);
    return { ...result, customer: { ...customer, openTickets } };
  }

  private of(customerId: string, callerNumber: string): readonly OpenTicket[] {
    const ids = new Set([
      ...(this.byParty.get(`c ${customerId}`) ?? []),
      ...(this.byParty.get(`n ${callerNumber}`) ?? []),
    ]);
    return [...ids].flatMap((id) => {
      const ticket = this.tickets.get(id);
      return ticket ? [shown(ticket)] : [];
    });
  }

  private noteOver(deskTicketId: string): void {
    const [oldest] = this.over;
    if (oldest !== undefined && this.over.size >= this.max) this.over.delete(oldest);
    this.over.add(deskTicketId);
  }

  private forget(id: string): void {
    const ticket = this.tickets.get(id);
    if (!ticket) return;
    this.tickets.delete(id);
    for (const party of partiesOf(ticket)) {
      const ids = this.byParty.get(party);
      ids?.delete(id);
      if (ids?.size === 0) this.byParty.delete(party);
    }
  }
}

/** By customer, and by number for whoever was unknown when the ticket was made. */
function partiesOf({ customerId, callerNumber }: Ticket): string[] {
  if (customerId !== undefined) return [`c ${customerId}`];
  return callerNumber === undefined || callerNumber === '' ? [] : [`n ${callerNumber}`];
}

const shown = (ticket: Ticket): OpenTicket => ({
  id: ticket.deskTicketId ?? ticket.id,
  title: ticket.subject,
  status: ticket.status,
  urgency: ticket.level,
});

const rank = ({ urgency = 'normal' }: OpenTicket): number => -ticketLevels.indexOf(urgency);
