import { AppError, type Clock, errorText, type Logger, type Rng, type Timer } from '../kernel/index.ts';
import type { TicketBook } from './book.ts';
import { withDeadline } from './deadline.ts';
import { ticketErrors } from './errors.ts';
import type { TicketDesk, TicketDraft, TicketStore } from './ports.ts';
import { afterFailure, askedAtOnce, type DeskState, healthy, type RestPolicy } from './resting.ts';
import type { Ticket } from './ticket.ts';
import { failed, placed, postponed } from './transitions.ts';

export interface LaneOptions {
  readonly rest: RestPolicy;
  /** For one ticket, search and making together. */
  readonly deadlineMs: number;
  /** Tickets that are made at one time. */
  readonly parallelMax: number;
  /** A ticket that has waited so long is given up. */
  readonly giveUpAfterMs: number;
  /** How often the store is looked into without being told to. */
  readonly sweepMs: number;
}

export interface LaneParts {
  readonly desk: TicketDesk;
  readonly store: TicketStore;
  readonly book: TicketBook;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
}

/** Ids remembered as never asked for; what is forgotten is searched at the desk first, which costs a request. */
const freshMax = 10_000;

/**
 * Brings tickets to one desk, each once. It works from what the store has committed, so what it sends has happened, and
 * what it has not recorded is found again after a crash. Before a ticket is made that an earlier attempt, or an earlier
 * life of this server, may have made, the desk is searched for its mark.
 */
export class Lane {
  private readonly parts: LaneParts;
  private readonly options: LaneOptions;
  private readonly fresh = new Set<string>();
  /** An earlier life's last request may still be under way at the desk until then. */
  private readonly settledAtMs: number;
  private state: DeskState = healthy;
  /** When the ticket that waits longest for its own time may be tried again. */
  private nextTryAtMs = 0;
  private running: Promise<void> | undefined;
  private again = false;
  private timer: Timer | undefined;
  private readonly stopping = new AbortController();

  constructor(parts: LaneParts, options: LaneOptions) {
    this.parts = parts;
    this.options = options;
    this.settledAtMs = parts.clock.nowMs() + options.deadlineMs;
  }

  /** A ticket that nobody can have asked the desk for yet. */
  isNew(ticketId: string): void {
    if (this.fresh.size < freshMax) this.fresh.add(ticketId);
  }

  get failures(): number {
    return this.state.failures;
  }

  /** Something may be due. */
  wake(): void {
    if (this.stopping.signal.aborted) return;
    this.again = true;
    this.running ??= this.run().finally(() => {
      this.running = undefined;
    });
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    this.timer?.cancel();
    await this.running;
  }

  private async run(): Promise<void> {
    let nextInMs = this.options.sweepMs;
    while (this.again && !this.stopping.signal.aborted) {
      this.again = false;
      nextInMs = await this.round();
    }
    this.timer?.cancel();
    if (!this.stopping.signal.aborted) this.timer = this.parts.clock.after(nextInMs, () => this.wake());
  }

  /** Takes what is due; gives how long to wait when there is no more. */
  private async round(): Promise<number> {
    const { clock } = this.parts;
    const { sweepMs, parallelMax } = this.options;
    const restMs = this.state.restsUntilMs - clock.nowMs();
    if (restMs > 0) return restMs;
    try {
      const { tickets, blocked } = await this.due(askedAtOnce(this.state, parallelMax));
      if (tickets.length === 0) return this.idleMs(blocked);
      await Promise.all(tickets.map((ticket) => this.bring(ticket)));
      this.again = true;
      return 0;
    } catch (error) {
      // The store is away: its tickets wait as they are.
      this.parts.logger.warn({ deskId: this.parts.desk.id, code: codeOf(error) }, 'waiting tickets cannot be read');
      return this.options.rest.maxMs < sweepMs ? this.options.rest.maxMs : sweepMs;
    }
  }

  private idleMs(blocked: boolean): number {
    const nowMs = this.parts.clock.nowMs();
    const soonMs = [blocked ? this.settledAtMs : 0, this.nextTryAtMs].filter((atMs) => atMs > nowMs);
    return Math.min(this.options.sweepMs, ...soonMs.map((atMs) => atMs - nowMs));
  }

  private async due(count: number): Promise<{ readonly tickets: readonly Ticket[]; readonly blocked: boolean }> {
    const { store, desk, book, clock } = this.parts;
    const nowMs = clock.nowMs();
    const rows = await store.due(desk.id, nowMs, count + book.unwrittenCount);
    const waiting = rows
      .map((row) => book.newest(row))
      .filter(({ phase, notBeforeMs }) => phase === 'waiting' && notBeforeMs <= nowMs);
    const tickets = waiting.filter(({ id }) => this.fresh.has(id) || nowMs >= this.settledAtMs);
    return { tickets: tickets.slice(0, count), blocked: tickets.length < waiting.length };
  }

  private async bring(ticket: Ticket): Promise<void> {
    const { desk, book, clock } = this.parts;
    const mayExist = !this.fresh.delete(ticket.id) || ticket.attempts > 0;
    try {
      const made = await withDeadline(clock, this.options.deadlineMs, this.stopping.signal, async (signal) => {
        const found = mayExist && desk.repeats === 'search' ? await desk.find(ticket.mark, signal) : undefined;
        return found ?? (await desk.create(draftOf(ticket), signal));
      });
      this.state = healthy;
      await book.update(
        ticket.id,
        (now, atMs) => placed(now, made, atMs),
        (after) => ({ type: 'ticket.created.v1', ticket: after }),
      );
    } catch (error) {
      if (this.stopping.signal.aborted) return;
      await this.didNot(ticket, error);
    }
  }

  private async didNot(ticket: Ticket, error: unknown): Promise<void> {
    const { desk, book, clock, rng, logger } = this.parts;
    const meaning = desk.meaningOf(error);
    const code = codeOf(error);
    const isTooLate = clock.nowMs() - ticket.waitingSinceMs >= this.options.giveUpAfterMs;
    logger.warn({ deskId: desk.id, ticketId: ticket.id, code, reason: errorText(error) }, 'a ticket could not be made');
    // A refusal is about this ticket; everything else is about the desk, which is left alone for a while.
    if (meaning === 'refused') this.state = healthy;
    else this.state = afterFailure(this.state, clock.nowMs(), this.options.rest, rng.next());
    if (meaning === 'refused' || isTooLate) {
      const why = meaning === 'refused' ? code : ticketErrors.given_up.code;
      await book.update(
        ticket.id,
        (now, atMs) => failed(now, why, atMs),
        (after) => ({ type: 'ticket.failed.v1', ticket: after, code: why }),
      );
      return;
    }
    const waitMs = meaning === 'unknown' ? this.options.deadlineMs : 0;
    this.nextTryAtMs = Math.max(this.nextTryAtMs, clock.nowMs() + waitMs);
    await book.update(
      ticket.id,
      (now, atMs) => postponed(now, code, atMs + waitMs, atMs),
      () => undefined,
    );
  }
}

export const codeOf = (error: unknown): string => (error instanceof AppError ? error.code : ticketErrors.defect.code);

function draftOf(ticket: Ticket): TicketDraft {
  const { mark, id, queue = '', level, subject, text, callIds, customerId = '', callerNumber = '' } = ticket;
  const [callId = ''] = callIds;
  const { agentId = '' } = ticket;
  return { mark, ticketId: id, queue, level, subject, text, callId, customerId, callerNumber, agentId };
}
