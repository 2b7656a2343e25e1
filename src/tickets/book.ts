import type { Clock } from '../kernel/index.ts';
import { ticketError } from './errors.ts';
import { InTurn } from './in-turn.ts';
import type { TicketStore } from './ports.ts';
import type { Ticket } from './ticket.ts';
import { type ChangedField, changedFields } from './transitions.ts';

/** What is told about a ticket; `events/catalogue` has the published forms. */
export type TicketEvent =
  | { readonly type: 'ticket.requested.v1'; readonly ticket: Ticket }
  | { readonly type: 'ticket.created.v1'; readonly ticket: Ticket }
  | {
      readonly type: 'ticket.updated.v1';
      readonly ticket: Ticket;
      readonly changed: readonly ChangedField[];
      readonly by: 'webhook' | 'poll' | 'api';
    }
  | { readonly type: 'ticket.failed.v1'; readonly ticket: Ticket; readonly code: string };

/** Writes tickets and what is told about them in one transaction, in order, without waiting. */
export interface TicketJournal {
  write(events: readonly TicketEvent[], tickets: readonly Ticket[]): void;
}

/** Longer than an ordinary commit by far, and what a person at a screen bears. */
const writtenWithinMs = 5_000;

/** Makes the event that goes with a change; undefined where nobody needs to hear of it. */
export type Telling = (after: Ticket, before: Ticket) => TicketEvent | undefined;

/**
 * All tickets as they are now: the store's, and over them what has been written and is not committed yet. Changes of one
 * ticket happen one after the other.
 */
export class TicketBook {
  /** Told of every ticket that has changed, new ones included. */
  onChange: (ticket: Ticket) => void = () => undefined;
  private readonly store: TicketStore;
  private readonly journal: TicketJournal;
  private readonly clock: Clock;
  private readonly unwritten = new Map<string, Ticket>();
  private readonly turns = new InTurn();
  private readonly waiters = new Set<{ readonly ticket: Ticket; readonly done: () => void }>();

  constructor(store: TicketStore, journal: TicketJournal, clock: Clock) {
    this.store = store;
    this.journal = journal;
    this.clock = clock;
  }

  /** Remembers tickets that somebody else writes, together with the end of their call. */
  add(tickets: readonly Ticket[]): void {
    for (const ticket of tickets) this.keep(ticket);
  }

  /** Writes a new ticket unless there is one of this id; gives the one that is there then. */
  create(ticket: Ticket): Promise<Ticket> {
    return this.turns.run(ticket.id, async () => {
      const known = await this.get(ticket.id);
      if (known) return known;
      this.keep(ticket);
      this.journal.write([{ type: 'ticket.requested.v1', ticket }], [ticket]);
      return ticket;
    });
  }

  /** Changes a ticket as it is by then. Gives it as it is afterwards; undefined when there is none. */
  update(
    id: string,
    change: (ticket: Ticket, atMs: number) => Ticket | undefined,
    tell: Telling,
  ): Promise<Ticket | undefined> {
    return this.turns.run(id, async () => {
      const before = await this.get(id);
      const after = before && change(before, this.clock.nowMs());
      if (!before || !after) return before;
      this.keep(after);
      const event = tell(after, before);
      this.journal.write(event ? [event] : [], [after]);
      return after;
    });
  }

  async get(id: string): Promise<Ticket | undefined> {
    return this.unwritten.get(id) ?? (await this.store.get(id));
  }

  /** The newer of what the store said and what is on its way to it. */
  newest(stored: Ticket): Ticket {
    const mine = this.unwritten.get(stored.id);
    if (mine && mine.version > stored.version) return mine;
    this.unwritten.delete(stored.id);
    return stored;
  }

  /** The store has this version now. */
  committed(id: string, version: number): void {
    if ((this.unwritten.get(id)?.version ?? Number.POSITIVE_INFINITY) <= version) this.unwritten.delete(id);
    for (const waiter of this.waiters) if (waiter.ticket.id === id && waiter.ticket.version <= version) waiter.done();
  }

  /** Resolves when the store has this version, so that who asked is told of nothing that a crash could take back. */
  written(ticket: Ticket): Promise<Ticket> {
    if ((this.unwritten.get(ticket.id)?.version ?? 0) < ticket.version) return Promise.resolve(ticket);
    return new Promise((resolve, reject) => {
      const end = (): void => {
        timer.cancel();
        this.waiters.delete(waiter);
      };
      const timer = this.clock.after(writtenWithinMs, () => {
        end();
        reject(ticketError('not_written'));
      });
      const waiter = {
        ticket,
        done: () => {
          end();
          resolve(ticket);
        },
      };
      this.waiters.add(waiter);
    });
  }

  /** Tickets on their way to the store; so many rows more may be out of date. */
  get unwrittenCount(): number {
    return this.unwritten.size;
  }

  private keep(ticket: Ticket): void {
    this.unwritten.set(ticket.id, ticket);
    this.onChange(ticket);
  }
}

/** Tells that a ticket was changed, with what changed. */
export function tellUpdated(by: 'webhook' | 'poll' | 'api'): Telling {
  return (ticket, before) => ({ type: 'ticket.updated.v1', ticket, changed: changedFields(before, ticket), by });
}
