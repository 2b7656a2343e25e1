import type { Call } from '../call/index.ts';
import { type Clock, errorText, type Logger, type Rng, type Timer } from '../kernel/index.ts';
import { type TicketEvent, TicketBook, type TicketJournal, tellUpdated } from './book.ts';
import { withDeadline } from './deadline.ts';
import { ticketError } from './errors.ts';
import { codeOf, Lane, type LaneOptions } from './lane.ts';
import { markOf } from './mark.ts';
import { News } from './news.ts';
import { OpenTickets } from './open-tickets.ts';
import { Poller } from './poller.ts';
import type { DeskTicket, TicketDesk, TicketFilter, TicketStatus, TicketStore } from './ports.ts';
import { type TicketRule, ticketsAfter } from './rule.ts';
import { SignatureCheck, type SignedHeaders } from './signature.ts';
import type { Ticket } from './ticket.ts';
import { linked, replayed } from './transitions.ts';

export interface DeskSettings {
  readonly desk: TicketDesk;
  readonly lane: LaneOptions;
  /** 0: never polled. */
  readonly pollMs: number;
  readonly webhookSecret?: string;
}

export interface OfficeOptions {
  readonly tenant: string;
  readonly rules: readonly TicketRule[];
  readonly desks: readonly DeskSettings[];
  /** Tickets that are over are forgotten when they have not changed for so long. */
  readonly keepMs: number;
  /** Open tickets kept in memory for the cards. */
  readonly openMax: number;
}

export interface OfficeParts {
  readonly store: TicketStore;
  readonly journal: TicketJournal;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
  /** Told of every ticket that changed, after the cards know it. */
  readonly onChange?: (ticket: Ticket) => void;
}

/** What a call leaves, to be written with its end. */
export interface Left {
  readonly tickets: readonly Ticket[];
  readonly events: readonly TicketEvent[];
}

const pruneEveryMs = 3_600_000;
const pruneRows = 500;
const pollRestMaxMs = 300_000;

/** The ticket office: rules, the way to the desks, and their news. */
export class TicketOffice {
  readonly cards: OpenTickets;
  private readonly options: OfficeOptions;
  private readonly parts: OfficeParts;
  private readonly book: TicketBook;
  private readonly news: News;
  private readonly desks = new Map<string, DeskSettings & { readonly way: Lane }>();
  private readonly signatures = new Map<string, SignatureCheck>();
  private readonly pollers: Poller[] = [];
  private pruneTimer: Timer | undefined;
  private readonly stopping = new AbortController();

  constructor(parts: OfficeParts, options: OfficeOptions) {
    this.parts = parts;
    this.options = options;
    const { store, journal, clock, onChange } = parts;
    this.cards = new OpenTickets(options.openMax);
    this.book = new TicketBook(store, journal, clock);
    this.book.onChange = (ticket) => {
      this.cards.note(ticket);
      onChange?.(ticket);
    };
    this.news = new News(store, this.book);
    for (const settings of options.desks) this.addDesk(settings);
  }

  private addDesk(settings: DeskSettings): void {
    const { store, clock, rng, logger } = this.parts;
    const { desk, lane, pollMs, webhookSecret } = settings;
    const way = new Lane({ desk, store, book: this.book, clock, rng, logger }, lane);
    this.desks.set(desk.id, { ...settings, way });
    if (webhookSecret !== undefined) this.signatures.set(desk.id, new SignatureCheck(webhookSecret));
    if (pollMs === 0 || !desk.changes) return;
    const changes = desk.changes.bind(desk);
    const parts = { deskId: desk.id, changes, news: this.news, store, clock, rng, logger };
    this.pollers.push(
      new Poller(parts, { everyMs: pollMs, deadlineMs: lane.deadlineMs, restMaxMs: Math.max(pollMs, pollRestMaxMs) }),
    );
  }

  /** Reads the open tickets for the cards and begins to work; with the store away, without them. */
  async start(): Promise<void> {
    try {
      const open = await this.parts.store.open(this.options.openMax);
      for (const ticket of open.toReversed()) this.cards.note(ticket);
    } catch (error) {
      this.parts.logger.warn({ code: codeOf(error) }, 'the open tickets are not on the cards until they change');
    }
    for (const { way } of this.desks.values()) way.wake();
    for (const poller of this.pollers) poller.start();
    this.pruneLater();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    this.pruneTimer?.cancel();
    const desks = [...this.desks.values()];
    await Promise.all([...desks.map(({ way }) => way.stop()), ...this.pollers.map((poller) => poller.stop())]);
    await Promise.all(desks.map(({ desk }) => desk.close()));
  }

  /** The tickets that an ended call leaves. The caller writes them with the end of the call, in one transaction. */
  after(call: Call, atMs: number): Left {
    const { rules, tenant } = this.options;
    const { tickets, failed } = ticketsAfter(call, rules, atMs, (id) => markOf(tenant, id));
    for (const { ruleId, detail } of failed) {
      this.parts.logger.warn({ callId: call.id, ruleId, detail }, 'a ticket rule could not be answered');
    }
    this.book.add(tickets);
    for (const ticket of tickets) this.desks.get(ticket.deskId)?.way.isNew(ticket.id);
    return { tickets, events: tickets.map((ticket) => ({ type: 'ticket.requested.v1', ticket })) };
  }

  /** These tickets are in the store now, at this version. */
  committed({ id, version, deskId, phase }: Pick<Ticket, 'id' | 'version' | 'deskId' | 'phase'>): void {
    this.book.committed(id, version);
    if (phase === 'waiting') this.desks.get(deskId)?.way.wake();
  }

  /** Failures in a row of each desk, for health. */
  deskFailures(): ReadonlyMap<string, number> {
    return new Map([...this.desks].map(([id, { way }]) => [id, way.failures]));
  }

  async list(filter: TicketFilter): Promise<readonly Ticket[]> {
    return (await this.parts.store.list(filter)).map((ticket) => this.book.newest(ticket));
  }

  async get(id: string): Promise<Ticket> {
    return known(await this.book.get(id));
  }

  /** Makes a ticket by hand; the same id again gives the first one. Rejects with `tickets.key_reused` when it differs. */
  async create(ticket: Ticket): Promise<Ticket> {
    const { way } = this.deskOf(ticket.deskId);
    const kept = await this.book.create(ticket);
    // Only then: the first one of this id may have been asked for in an earlier life.
    if (kept === ticket) way.isNew(ticket.id);
    if (!isSameWish(kept, ticket)) throw ticketError('key_reused');
    return this.book.written(kept);
  }

  markOf(ticketId: string): string {
    return markOf(this.options.tenant, ticketId);
  }

  /** Rejects with `tickets.desk_unknown`. */
  deskOf(deskId: string): DeskSettings & { readonly way: Lane } {
    const desk = this.desks.get(deskId);
    if (!desk) throw ticketError('desk_unknown');
    return desk;
  }

  async link(id: string, callId: string): Promise<Ticket> {
    const after = await this.book.update(id, (now, atMs) => linked(now, callId, atMs), tellUpdated('api'));
    if (!known(after).callIds.includes(callId)) throw ticketError('already_linked');
    return this.book.written(known(after));
  }

  /** A failed ticket is tried anew. */
  async replay(id: string): Promise<Ticket> {
    if (known(await this.book.get(id)).phase !== 'failed') throw ticketError('not_failed');
    return this.book.written(known(await this.book.update(id, replayed, tellUpdated('api'))));
  }

  /** Changes the status at the desk, then here. */
  async setStatus(id: string, status: TicketStatus): Promise<Ticket> {
    const ticket = known(await this.book.get(id));
    const { desk, lane } = this.deskOf(ticket.deskId);
    const { deskTicketId } = ticket;
    if (deskTicketId === undefined) throw ticketError('not_placed');
    if (!desk.setStatus) throw ticketError('status_fixed');
    const set = desk.setStatus.bind(desk);
    const at = await this.ask(lane.deadlineMs, (signal) => set(deskTicketId, status, signal));
    await this.news.take(ticket.deskId, [at], 'api');
    return this.book.written(await this.get(id));
  }

  /**
   * A desk says that one of its tickets has changed. What the body says is not believed: the ticket is read at the desk.
   * `repeated` and `unknown` (not one of ours) need no more; any failure asks the desk to send it again.
   */
  async webhook(deskId: string, headers: SignedHeaders, body: string): Promise<'taken' | 'repeated' | 'unknown'> {
    const { desk, lane } = this.deskOf(deskId);
    const nowMs = this.parts.clock.nowMs();
    const signatures = this.signatures.get(deskId);
    const verdict = signatures?.check(headers, body, nowMs) ?? 'wrong';
    if (verdict === 'wrong') throw ticketError('signature_wrong');
    if (verdict === 'repeated') return 'repeated';
    const deskTicketId = desk.subjectOf?.(parsed(body));
    if (deskTicketId === undefined) throw ticketError('webhook_invalid');
    if (!(await this.news.knows(deskId, deskTicketId))) return 'unknown';
    const at = await this.ask(lane.deadlineMs, (signal) => desk.read(deskTicketId, signal));
    const gone: DeskTicket = { deskTicketId, status: 'closed', deskStatus: 'gone' };
    await this.news.take(deskId, [at ?? gone], 'webhook');
    signatures?.done(headers.id, nowMs);
    return 'taken';
  }

  private ask<Answer>(deadlineMs: number, deed: (signal: AbortSignal) => Promise<Answer>): Promise<Answer> {
    return withDeadline(this.parts.clock, deadlineMs, this.stopping.signal, deed);
  }

  private pruneLater(): void {
    this.pruneTimer = this.parts.clock.after(pruneEveryMs, () => void this.prune());
  }

  private async prune(): Promise<void> {
    const { store, clock, logger } = this.parts;
    try {
      while ((await store.prune(clock.nowMs() - this.options.keepMs, pruneRows)) === pruneRows);
    } catch (error) {
      logger.warn({ reason: errorText(error) }, 'old tickets could not be removed; tried again later');
    }
    if (!this.stopping.signal.aborted) this.pruneLater();
  }
}

function known(ticket: Ticket | undefined): Ticket {
  if (!ticket) throw ticketError('unknown');
  return ticket;
}

function isSameWish(kept: Ticket, wanted: Ticket): boolean {
  const wish = ({ deskId, queue, level, subject, text, callIds }: Ticket) =>
    JSON.stringify([deskId, queue ?? '', level, subject, text, callIds[0] ?? '']);
  return wish(kept) === wish(wanted);
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw ticketError('webhook_invalid');
  }
}
