import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../kernel/index.ts';
import type { Identity } from './principal.ts';
import type { SealedNotes } from './sealed-notes.ts';
import { type NewTicket, ticketLifeMs } from './ws-tickets.ts';

/** Remembers, for all servers together, what was used. */
export interface UsedOnce {
  /** True for the first who asks for this name, as far as can be told now; forgotten after `lifeMs`. */
  first(name: string, lifeMs: number): Promise<boolean>;
}

interface TicketNote {
  readonly nonce: string;
  readonly expiresAtMs: number;
  readonly identity: Identity;
}

/** One-time tickets for WebSockets that every instance takes, whichever gave them out. */
export class SharedTickets {
  private readonly notes: SealedNotes;
  private readonly used: UsedOnce;
  private readonly wall: Pick<Clock, 'nowMs'>;

  /** `wall`: Unix time, of which all instances think the same. */
  constructor(notes: SealedNotes, { used, wall }: { readonly used: UsedOnce; readonly wall: Pick<Clock, 'nowMs'> }) {
    this.notes = notes;
    this.used = used;
    this.wall = wall;
  }

  /** Rejects with `storage.unavailable` when no key is at hand. */
  async issue(identity: Identity): Promise<NewTicket> {
    const expiresAtMs = this.wall.nowMs() + ticketLifeMs;
    const note: TicketNote = { nonce: randomBytes(16).toString('base64url'), expiresAtMs, identity };
    return { ticket: await this.notes.seal(note), expiresAtMs };
  }

  /** Who it was given to; only once. */
  async redeem(ticket: string): Promise<Identity | undefined> {
    const note = (await this.notes.open(ticket)) as TicketNote | undefined;
    const leftMs = note ? note.expiresAtMs - this.wall.nowMs() : 0;
    if (!note || leftMs <= 0) return undefined;
    const name = createHash('sha256').update(note.nonce).digest('base64url');
    return (await this.used.first(name, leftMs)) ? note.identity : undefined;
  }
}
