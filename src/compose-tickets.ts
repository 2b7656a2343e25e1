import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Config } from '../config/index.ts';
import type { AfterCall, CustomerLookup, NewEvent, StateWrite } from './bridge/ports.ts';
import type { Switchboard } from './bridge/index.ts';
import { type Call, soleOffer } from './call/index.ts';
import type { OpenedLog } from './compose-log.ts';
import type { EventLog, LogEvent } from './events/index.ts';
import type { TicketDoor, TicketWish } from './http/index.ts';
import { AppError, type Clock, defineErrors, errorText, type Logger, type Rng } from './kernel/index.ts';
import { ownNeighbours } from './own-neighbours.ts';
import { problemText, type SecretRef } from './rest/index.ts';
import type { Stores } from './storage/index.ts';
import { createRestDesk, parseDeskTemplate } from './tickets/adapters/index.ts';
import {
  asSubject,
  asText,
  builtInDesk,
  type DeskSettings,
  newTicket,
  partiesOf,
  type TicketEvent,
  type TicketJournal,
  TicketOffice,
  ticketError,
  ticketView,
} from './tickets/index.ts';
import type { Ticket, TicketDesk } from './tickets/ports.ts';

const errors = defineErrors('tickets', {
  template_unusable: [500, 'A ticket desk template cannot be used', 'Mend the template at the line that is named.'],
});

const sweepMs = 15_000;

type TicketConfig = NonNullable<Config['tickets']>;
type DeskConfig = TicketConfig['desks'][number];

interface Parts {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The ticket office joined to the rest of the server. */
export interface Tickets {
  readonly afterCall: AfterCall;
  readonly door: TicketDoor;
  /** The lookup, with our open tickets on the cards. */
  onCards(lookup: CustomerLookup): CustomerLookup;
  /** Failures in a row, by desk. */
  deskFailures(): ReadonlyMap<string, number>;
  start(board: Switchboard): Promise<void>;
  stop(): Promise<void>;
}

/** Builds the ticket office from the config. Throws on a template that cannot be used. */
export function composeTickets(
  config: Config,
  tickets: TicketConfig,
  { log, stores }: OpenedLog,
  parts: Parts,
): Tickets {
  const { clock, rng, logger } = parts;
  let board: Switchboard | undefined;
  const office = new TicketOffice(
    {
      store: stores.tickets,
      journal: journalOf(log, clock),
      clock,
      rng,
      logger,
      onChange: (ticket) => board && refreshCards(board, office, ticket, clock),
    },
    {
      tenant: config.tenant,
      rules: tickets.rules,
      desks: tickets.desks.map((desk) => deskSettings(desk, config, tickets, stores, parts)),
      keepMs: tickets.keepMs,
      openMax: tickets.openMax,
    },
  );
  log.onCommitted((events) => noteCommitted(office, events));
  const live = (callId: string): Call | undefined => board?.calls.get(callId);
  return {
    afterCall: (call, atMs) => {
      const left = office.after(call, atMs);
      if (left.tickets.length === 0) return undefined;
      return {
        ticketIds: left.tickets.map(({ id }) => id),
        events: left.events.map((event) => newEvent(event, atMs)),
        states: left.tickets.map(stateOf),
      };
    },
    door: doorOf(office, tickets, clock, live),
    onCards: (lookup) => ({
      lookup: (request, settle, late) =>
        lookup.lookup(
          request,
          (result) => settle(office.cards.onCard(result, request.callerNumber)),
          (result) => late(office.cards.onCard(result, request.callerNumber)),
        ),
    }),
    deskFailures: () => office.deskFailures(),
    start: async (joined) => {
      board = joined;
      await office.start();
    },
    stop: () => office.stop(),
  };
}

const newEvent = ({ type, ticket, ...detail }: TicketEvent, atMs: number): NewEvent => ({
  type,
  subject: `ticket/${ticket.id}`,
  atMs,
  data: { ticket: ticketView(ticket), ...detail },
});

const stateOf = (ticket: Ticket): StateWrite => ({ kind: 'ticket', id: ticket.id, state: ticket });

const journalOf = (log: EventLog, clock: Clock): TicketJournal => ({
  write: (events, written) => {
    const atMs = clock.nowMs();
    log.write(
      events.map((event) => newEvent(event, atMs)),
      written.map(stateOf),
    );
  },
});

function noteCommitted(office: TicketOffice, events: readonly LogEvent[]): void {
  for (const event of events) {
    if (!event.type.startsWith('ticket.')) continue;
    office.committed((event.cloudEvent.data as { readonly ticket: Ticket }).ticket);
  }
}

/** Who is on the phone while one of his tickets changes gets a new card. */
function refreshCards(board: Switchboard, office: TicketOffice, ticket: Ticket, clock: Clock): void {
  for (const call of board.calls.all()) {
    const { customer: card } = call;
    if (!card?.customer || call.phase === 'ended') continue;
    if (
      ticket.customerId === undefined
        ? call.callerNumber !== ticket.callerNumber
        : card.customer.id !== ticket.customerId
    )
      continue;
    const result = office.cards.onCard(card, call.callerNumber);
    if (result !== card) board.post(call.id, { kind: 'customerFound', result, late: true, atMs: clock.nowMs() });
  }
}

function deskSettings(
  desk: DeskConfig,
  config: Config,
  { retryFirstMs, retryMaxMs, giveUpAfterMs }: TicketConfig,
  stores: Stores,
  parts: Parts,
): DeskSettings {
  const { deadlineMs, parallelMax, pollMs, webhookSecret } = desk;
  return {
    desk:
      desk.template === undefined
        ? builtInDesk(desk.id, stores.builtInDesk, parts.clock)
        : restDesk(desk, desk.template, config, parts),
    lane: { rest: { firstMs: retryFirstMs, maxMs: retryMaxMs }, deadlineMs, parallelMax, giveUpAfterMs, sweepMs },
    pollMs,
    ...(webhookSecret ? { webhookSecret: webhookSecret.reveal() } : {}),
  };
}

function restDesk(desk: DeskConfig, file: string, config: Config, { clock, env }: Parts): TicketDesk {
  const parsed = parseDeskTemplate(readText(file), file);
  if (parsed.kind === 'problems') {
    throw new AppError(errors.template_unusable, parsed.problems.map(problemText).join('\n'));
  }
  const resolveSecret = ({ from, name }: SecretRef): string | undefined => {
    if (from === 'file') return readText(name).trim();
    const value = desk.variables[name];
    return value === undefined ? env[name] : typeof value === 'string' ? value : value.reveal();
  };
  const { id, allow, queue, parallelMax } = desk;
  const connectionsMax = parallelMax + 2;
  return createRestDesk({
    id,
    template: parsed.template,
    queue,
    allow,
    own: ownNeighbours(config),
    connectionsMax,
    clock,
    resolveSecret,
  });
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new AppError(errors.template_unusable, errorText(cause), { cause });
  }
}

function doorOf(
  office: TicketOffice,
  { desks }: TicketConfig,
  clock: Clock,
  live: (callId: string) => Call | undefined,
): TicketDoor {
  const isOf = (ticket: Ticket, agentId: string): boolean =>
    ticket.agentId === agentId || ticket.callIds.some((callId) => agentOf(live(callId)) === agentId);
  /** Somebody else's ticket is answered like none, so that ids cannot be probed. */
  const get = async (id: string, by: string | undefined): Promise<Ticket> => {
    const ticket = await office.get(id);
    if (by !== undefined && !isOf(ticket, by)) throw ticketError('unknown');
    return ticket;
  };
  const callOf = (callId: string, by: string | undefined): Call => {
    const call = live(callId);
    if (!call || (by !== undefined && agentOf(call) !== by)) throw ticketError('call_unknown');
    return call;
  };
  return {
    list: async (query, by) => {
      const found = await office.list(query);
      return found.filter((ticket) => by === undefined || isOf(ticket, by)).map(ticketView);
    },
    get: async (id, by) => ticketView(await get(id, by)),
    create: async (wish, by) => {
      const call = wish.callId === undefined ? undefined : callOf(wish.callId, by);
      const firstDesk = desks[0]?.id ?? '';
      return ticketView(await office.create(wanted(office, { wish, firstDesk, call, by, atMs: clock.nowMs() })));
    },
    link: async (id, callId, by) => {
      await get(id, by);
      if (by !== undefined) callOf(callId, by);
      return ticketView(await office.link(id, callId));
    },
    setStatus: async (id, status, by) => {
      await get(id, by);
      return ticketView(await office.setStatus(id, status));
    },
    replay: async (id, by) => {
      await get(id, by);
      return ticketView(await office.replay(id));
    },
    webhook: (deskId, headers, body) => office.webhook(deskId, headers, body),
  };
}

const agentOf = (call: Call | undefined): string | undefined =>
  call?.talk?.agentId ?? (call && soleOffer(call)?.token.agentId);

interface Wanted {
  readonly wish: TicketWish;
  readonly firstDesk: string;
  readonly call: Call | undefined;
  readonly by: string | undefined;
  readonly atMs: number;
}

/** A ticket by hand. Its id comes of the idempotency key and of who used it, so a repetition meets the first one. */
function wanted(office: TicketOffice, { wish, firstDesk, call, by, atMs }: Wanted): Ticket {
  const { idempotencyKey, level, subject, text, queue, deskId } = wish;
  const digest = createHash('sha256')
    .update(`${by ?? ''}\0${idempotencyKey}`)
    .digest('hex');
  const id = `hand-${digest.slice(0, 40)}`;
  const parties = call ? partiesOf(call) : { callIds: [] };
  return newTicket({
    id,
    mark: office.markOf(id),
    deskId: deskId ?? firstDesk,
    level,
    subject: asSubject(subject),
    text: asText(text),
    atMs,
    ...(queue === undefined ? {} : { queue }),
    ...parties,
    ...(by === undefined ? {} : { agentId: by }),
  });
}
