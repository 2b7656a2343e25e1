import { type Static, Type } from '../../schema/index.ts';
import { TicketView, type TicketViewData } from '../../events/catalogue/index.ts';
import { AppError } from '../../kernel/index.ts';
import { compileMask, type Principal } from '../../security/index.ts';
import { ownAgent, seesNumbers } from '../access.ts';
import { httpErrors } from '../errors.ts';
import { failures, pageDefault, Page, strict } from '../schemas.ts';
import type { TicketDoor } from '../ticket-door.ts';
import { type Api, guarded } from './route.ts';

const tags = ['tickets'];
const Ticket = Type.Unsafe<TicketViewData>({ $ref: 'Ticket#' });
const mask = compileMask(TicketView) ?? ((value: unknown) => value);
const id = (description: string) => Type.String({ minLength: 1, maxLength: 128, description });
const TicketParams = strict({ ticketId: id('Id of the ticket') });
const { phase, status, level } = TicketView.properties;

const WishBody = strict({
  callId: Type.Optional(id('The call that it is about, while it is not over')),
  deskId: Type.Optional(id('The desk; the first one when absent')),
  queue: Type.Optional(Type.String({ maxLength: 200, description: "The desk's own queue" })),
  level: Type.Optional(level),
  subject: Type.String({ minLength: 1, maxLength: 200 }),
  text: Type.Optional(Type.String({ maxLength: 8_000 })),
});
const StatusBody = strict({ status });
const IdempotencyKey = Type.Object({
  'idempotency-key': Type.String({ minLength: 8, maxLength: 128, description: 'The same for every repetition' }),
});

/** The ticket office; undefined where no desk is configured. */
export function ticketRoutes(api: Api, tickets: TicketDoor | undefined): void {
  const door = (): TicketDoor => {
    if (!tickets) throw new AppError(httpErrors.no_tickets);
    return tickets;
  };
  readRoutes(api, door);
  writeRoutes(api, door);
  webhookRoute(api, door);
}

/** Numbers only by right. */
function visible(ticket: TicketViewData, principal: Principal | null): TicketViewData {
  return seesNumbers(principal) ? ticket : (mask(ticket) as TicketViewData);
}

function readRoutes(api: Api, door: () => TicketDoor): void {
  const { config, security } = guarded('tickets:read');
  api.get(
    '/v1/tickets',
    {
      config,
      schema: {
        tags,
        security,
        operationId: 'listTickets',
        summary: 'Tickets, newest first; with the key of an agent, its own',
        querystring: strict({
          ...Page,
          deskId: Type.Optional(id('Of this desk')),
          phase: Type.Optional(phase),
          callId: Type.Optional(id('Of this call')),
          customerId: Type.Optional(id('Of this customer')),
          beforeMs: Type.Optional(Type.Integer({ minimum: 0, description: 'Made before; for the next page' })),
        }),
        response: { 200: Type.Object({ tickets: Type.Array(Ticket) }), ...failures(400, 401, 403, 404, 429, 503) },
      },
    },
    async (request) => {
      const { limit = pageDefault, ...filter } = request.query;
      const found = await door().list({ ...filter, limit }, ownAgent(request.principal));
      return { tickets: found.map((ticket) => visible(ticket, request.principal)) };
    },
  );

  api.get(
    '/v1/tickets/:ticketId',
    {
      config,
      schema: {
        tags,
        security,
        operationId: 'getTicket',
        summary: 'One ticket',
        params: TicketParams,
        response: { 200: Ticket, ...failures(400, 401, 403, 404, 429, 503) },
      },
    },
    async (request) =>
      visible(await door().get(request.params.ticketId, ownAgent(request.principal)), request.principal),
  );
}

const changeFailures = failures(400, 401, 403, 404, 409, 413, 415, 429, 502, 503, 504);

function writeRoutes(api: Api, door: () => TicketDoor): void {
  const { config, security } = guarded('tickets:write');
  api.post(
    '/v1/tickets',
    {
      config,
      schema: {
        tags,
        security,
        operationId: 'createTicket',
        summary: 'Make a ticket by hand; it waits for its desk, ticket.created tells that it is there',
        headers: IdempotencyKey,
        body: WishBody,
        response: { 202: Ticket, ...changeFailures },
      },
    },
    async (request, reply) => {
      const { level: wanted = 'normal', text = '', ...wish } = request.body;
      const idempotencyKey = request.headers['idempotency-key'];
      const by = ownAgent(request.principal);
      const ticket = await door().create({ ...wish, idempotencyKey, level: wanted, text }, by);
      return reply.status(202).send(visible(ticket, request.principal));
    },
  );

  api.put(
    '/v1/tickets/:ticketId/calls/:callId',
    {
      config,
      schema: {
        tags,
        security,
        operationId: 'linkTicket',
        summary: 'Link a ticket to one more call; again changes nothing',
        params: strict({ ticketId: id('Id of the ticket'), callId: id('Id of the call') }),
        response: { 200: Ticket, ...changeFailures },
      },
    },
    async (request) => {
      const { ticketId, callId } = request.params;
      return visible(await door().link(ticketId, callId, ownAgent(request.principal)), request.principal);
    },
  );

  api.patch(
    '/v1/tickets/:ticketId',
    {
      config,
      schema: {
        tags,
        security,
        operationId: 'setTicketStatus',
        summary: 'Change the status at the desk: the built-in one, or one whose template can',
        params: TicketParams,
        body: StatusBody,
        response: { 200: Ticket, ...changeFailures },
      },
    },
    async (request) => {
      const body: Static<typeof StatusBody> = request.body;
      const by = ownAgent(request.principal);
      return visible(await door().setStatus(request.params.ticketId, body.status, by), request.principal);
    },
  );

  api.post(
    '/v1/tickets/:ticketId/replay',
    {
      config,
      schema: {
        tags,
        security,
        operationId: 'replayTicket',
        summary: 'Try a failed ticket anew (dead letter)',
        params: TicketParams,
        response: { 202: Ticket, ...changeFailures },
      },
    },
    async (request, reply) => {
      const ticket = await door().replay(request.params.ticketId, ownAgent(request.principal));
      return reply.status(202).send(visible(ticket, request.principal));
    },
  );
}

/** The signature is over the body as it came, so this route reads it as text. */
function webhookRoute(api: Api, door: () => TicketDoor): void {
  // Counted by address, so that guessing at signatures is slow.
  const { config, security } = guarded('open', 'lookup');
  void api.register(async (scope: Api) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
    scope.post(
      '/v1/tickets/webhook/:deskId',
      {
        config,
        schema: {
          tags,
          security,
          operationId: 'ticketWebhook',
          summary: 'A desk tells that one of its tickets has changed; signed, see docs/tickets.md',
          params: strict({ deskId: id('Id of the desk') }),
          headers: Type.Object({
            'webhook-id': Type.String({ maxLength: 128, description: 'The same for every repetition' }),
            'webhook-timestamp': Type.String({ maxLength: 12, description: 'Unix seconds' }),
            'webhook-signature': Type.String({ maxLength: 1_000, description: 'v1,<HMAC-SHA256 in base64>' }),
          }),
          response: {
            200: Type.Object({
              outcome: Type.Enum(['taken', 'repeated', 'unknown'], {
                description: 'read at the desk; came before; not one of our tickets',
              }),
            }),
            ...failures(400, 401, 404, 413, 502, 503, 504),
          },
        },
      },
      async (request) => {
        const { headers, params } = request;
        const signed = {
          id: headers['webhook-id'],
          timestamp: headers['webhook-timestamp'],
          signature: headers['webhook-signature'],
        };
        const body = typeof request.body === 'string' ? request.body : '';
        return { outcome: await door().webhook(params.deskId, signed, body) };
      },
    );
  });
}
