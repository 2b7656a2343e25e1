import {
  AgentView,
  CallView,
  CustomerCard,
  JobView,
  QueueView,
  RecordingView,
  TicketView,
} from '../events/catalogue/index.ts';
import { type Static, type TSchema, Type } from '../schema/index.ts';

/** Every failure has this body. */
const ErrorBody = Type.Object({
  error: Type.Object({
    code: Type.String({ description: 'Stable, e.g. call.wrong_phase; docs/errors.md lists all' }),
    message: Type.String({ description: 'What happened, in general words' }),
    mend: Type.String({ description: 'What to do about it' }),
    details: Type.Optional(
      Type.Array(
        Type.Object({
          in: Type.String({ description: 'body, params, querystring or headers' }),
          path: Type.String({ description: 'JSON Pointer of the field' }),
          message: Type.String(),
        }),
      ),
    ),
  }),
});

const meanings: Readonly<Record<number, string>> = {
  400: 'The request does not fit the schema',
  401: 'No API key, or a wrong one',
  403: 'The key may not do this',
  404: 'There is no such thing',
  409: 'What is asked does not fit the state',
  413: 'The body is larger than 64 KiB',
  415: 'The body is not JSON',
  422: 'What is to be used has errors; details names each',
  429: 'Too many requests; see Retry-After',
  500: 'The server failed',
  502: 'A neighbour refused or could not be reached',
  504: 'A neighbour did not answer in time',
  503: 'The server is shutting down, or the PBX cannot be reached',
};

/** The failures that a route can answer with, for the OpenAPI document. */
export function failures(...statuses: number[]): Record<number, TSchema> {
  return Object.fromEntries(
    statuses.map((status) => [status, { $ref: 'Error#', description: meanings[status] ?? 'Failure' }]),
  );
}

/** Schemas that the OpenAPI document names, so that generated clients have one type for each. */
export const namedSchemas: readonly TSchema[] = [
  { $id: 'Error', ...ErrorBody },
  { $id: 'Call', ...CallView },
  { $id: 'Customer', ...CustomerCard },
  { $id: 'Agent', ...AgentView },
  { $id: 'Queue', ...QueueView },
  { $id: 'Ticket', ...TicketView },
  { $id: 'OutboundJob', ...JobView },
  { $id: 'Recording', ...RecordingView },
];
const Call = Type.Unsafe<Static<typeof CallView>>({ $ref: 'Call#' });
export const Customer = Type.Unsafe<Static<typeof CustomerCard>>({ $ref: 'Customer#' });
export const Agent = Type.Unsafe<Static<typeof AgentView>>({ $ref: 'Agent#' });
export const Queue = Type.Unsafe<Static<typeof QueueView>>({ $ref: 'Queue#' });

export const strict = <Properties extends Record<string, TSchema>>(properties: Properties) =>
  Type.Object(properties, { additionalProperties: false });

const id = (description: string) => Type.String({ minLength: 1, maxLength: 128, description });

export const AgentParams = strict({ agentId: id('Id of the agent') });
export const CallParams = strict({ callId: id('Id of the call') });
export const QueueParams = strict({ queueId: id('Id of the queue') });
export const ForAgent = strict({
  agentId: Type.Optional(id('For whom; left out with the key of an agent')),
});
export const pageDefault = 200;
export const Page = {
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 1000, default: pageDefault, description: 'At most so many' }),
  ),
};

export const Accepted = Type.Object(
  { accepted: Type.Literal(true) },
  { description: 'Taken; events tell what comes of it' },
);

export const NewState = Type.Union([
  strict({ state: Type.Literal('available') }),
  strict({
    state: Type.Literal('paused'),
    reason: Type.Optional(
      Type.String({ minLength: 1, maxLength: 64, description: 'Why, e.g. lunch; GET /v1/agent-choices tells which' }),
    ),
  }),
]);

export const NumberText = () =>
  Type.String({ minLength: 1, maxLength: 64, description: 'A telephone number in any usual form' });

export const ChangedBody = strict({
  number: NumberText(),
  updatedAtMs: Type.Optional(
    Type.Integer({ minimum: 0, description: 'When the CRM changed it, Unix milliseconds; now when absent' }),
  ),
});

/** No `dialplan` target here: a key must not send callers to any place of the PBX. */
export const TransferBody = strict({
  target: Type.Union([
    strict({ kind: Type.Literal('queue'), queueId: id('The queue') }),
    strict({ kind: Type.Literal('agent'), agentId: id('The agent') }),
    strict({
      kind: Type.Literal('number'),
      number: Type.String({ pattern: '^\\+?[0-9*#]{1,32}$', description: 'A number outside' }),
    }),
  ]),
});

export const AttachBody = strict({
  data: Type.Record(Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_.-]{0,63}$' }), Type.String({ maxLength: 1024 }), {
    minProperties: 1,
    maxProperties: 50,
    additionalProperties: false,
    description: 'Added to what the call has',
  }),
});

export const CallDetailBody = Type.Object({ call: Call, customer: Type.Optional(Customer) });
export const CallList = Type.Object({ total: Type.Integer(), calls: Type.Array(Call) });
export const AgentList = Type.Object({ total: Type.Integer(), agents: Type.Array(Agent) });
export const QueueList = Type.Object({ total: Type.Integer(), queues: Type.Array(Queue) });
export const ReadinessBody = Type.Object({
  ok: Type.Boolean(),
  checks: Type.Array(
    Type.Object({
      name: Type.String(),
      ok: Type.Boolean(),
      optional: Type.Boolean({ description: 'Does not make the server unready' }),
      code: Type.Optional(Type.String()),
      detail: Type.Optional(Type.String()),
    }),
  ),
});
