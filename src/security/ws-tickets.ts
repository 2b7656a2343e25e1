import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../kernel/index.ts';
import { AppError } from '../kernel/index.ts';
import { authErrors } from './errors.ts';
import type { Identity } from './principal.ts';

export const ticketLifeMs = 30_000;
const ticketsMax = 10_000;

export interface NewTicket {
  /** `rmt_…`, for the first frame of a WebSocket. */
  readonly ticket: string;
  readonly expiresAtMs: number;
}

/** One-time tickets for WebSockets, in memory only: a restart makes clients ask for a new one. */
export class Tickets {
  private readonly clock: Clock;
  private readonly open = new Map<string, { readonly identity: Identity; readonly expiresAtMs: number }>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Throws `auth.tickets_full` when too many are waiting. */
  issue(identity: Identity): NewTicket {
    const nowMs = this.clock.nowMs();
    for (const [key, { expiresAtMs }] of this.open) {
      if (expiresAtMs > nowMs) break;
      this.open.delete(key);
    }
    if (this.open.size >= ticketsMax) throw new AppError(authErrors.tickets_full);
    const ticket = `rmt_${randomBytes(32).toString('base64url')}`;
    const expiresAtMs = nowMs + ticketLifeMs;
    this.open.set(keyOf(ticket), { identity, expiresAtMs });
    return { ticket, expiresAtMs };
  }

  /** Who it was given to; only once. */
  redeem(ticket: string): Identity | undefined {
    const key = keyOf(ticket);
    const found = this.open.get(key);
    this.open.delete(key);
    return found && found.expiresAtMs > this.clock.nowMs() ? found.identity : undefined;
  }
}

/** Looked up by its hash, so that the time of the look-up tells nothing about tickets that exist. */
const keyOf = (ticket: string): string => createHash('sha256').update(ticket).digest('base64url');
