import { Type } from '../schema/index.ts';
import { AgentView, CallView, CustomerCard, catalogue, type EventType, QueueView } from './catalogue/index.ts';
import { roleNames } from '../security/index.ts';
import { clientFrames, FilterSchema, protocolName } from './websocket/index.ts';

type Json = Readonly<Record<string, unknown>>;

/** The AsyncAPI 3 document of `cti.v1`, made from the catalogue and the client frames; the same input gives the same text. */
export function asyncApi(version: string): Json {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Ringmaster events',
      version,
      description: 'Calls, agents and queues as they happen, over WebSocket. See docs/events.md for the protocol.',
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/json',
    channels: {
      events: {
        address: '/v1/events',
        description: `WebSocket with the subprotocol ${protocolName}; one JSON object per text frame`,
        messages: Object.fromEntries(messageNames().map((name) => [name, { $ref: `#/components/messages/${name}` }])),
      },
    },
    operations: {
      send: operation('receive', 'What a client may send', Object.keys(clientFrames).map(clientName)),
      receive: operation('send', 'What the server sends', [...Object.keys(serverFrames), ...Object.keys(catalogue)]),
    },
    components: { messages: { ...clientMessages(), ...serverMessages(), ...eventMessages() } },
  };
}

const clientName = (name: string): string => `client.${name}`;

function messageNames(): string[] {
  return [...Object.keys(clientFrames).map(clientName), ...Object.keys(serverFrames), ...Object.keys(catalogue)];
}

function operation(action: 'send' | 'receive', summary: string, names: readonly string[]): Json {
  const messages = names.map((name) => ({ $ref: `#/channels/events/messages/${name}` }));
  return { action, summary, channel: { $ref: '#/channels/events' }, messages };
}

function clientMessages(): Json {
  return Object.fromEntries(
    Object.entries(clientFrames).map(([name, payload]) => [clientName(name), { name, payload: plain(payload) }]),
  );
}

const frame = (type: string, fields: Parameters<typeof Type.Object>[0]) =>
  Type.Object({ type: Type.Literal(type), ...fields });
const text = () => Type.String();
const sequence = () => Type.Integer();

const serverFrames = {
  hello: frame('hello', {
    protocol: Type.Literal(protocolName),
    epoch: text(),
    sequence: sequence(),
    nowMs: Type.Integer({ description: 'The clock of the server, Unix milliseconds' }),
    principal: Type.Object({ id: text(), kind: Type.Enum([...roleNames]) }),
    expiresAtMs: Type.Optional(
      Type.Integer({ description: 'When the connection ends unless a new token comes in an auth frame' }),
    ),
    limits: Type.Object({ subscriptionsMax: Type.Integer(), frameBytesMax: Type.Integer(), ackWindow: Type.Integer() }),
  }),
  subscribed: frame('subscribed', {
    id: text(),
    epoch: text(),
    sequence: sequence(),
    filter: FilterSchema,
    masked: Type.Boolean(),
    recovered: Type.Optional(Type.Boolean()),
  }),
  snapshot: frame('snapshot', {
    id: text(),
    epoch: text(),
    sequence: sequence(),
    calls: Type.Array(Type.Object({ call: CallView, customer: Type.Optional(CustomerCard) })),
    agents: Type.Array(AgentView),
    queues: Type.Array(QueueView),
  }),
  renewed: frame('renewed', { expiresAtMs: Type.Optional(Type.Integer()) }),
  unsubscribed: frame('unsubscribed', { id: text() }),
  pong: frame('pong', { nonce: Type.Optional(text()) }),
  error: frame('error', { code: text(), message: text(), mend: text(), id: Type.Optional(text()) }),
} as const;

function serverMessages(): Json {
  return Object.fromEntries(
    Object.entries(serverFrames).map(([name, payload]) => [name, { name, payload: plain(payload) }]),
  );
}

function eventMessages(): Json {
  return Object.fromEntries(
    Object.entries(catalogue).map(([type, spec]) => [
      type,
      {
        name: type,
        title: spec.summary,
        summary: spec.summaryZh,
        ...(spec.coalesce ? { description: 'A slow reader may get only the newest per subject.' } : {}),
        payload: plain(frame('event', { id: text(), event: cloudEvent(type as EventType) })),
      },
    ]),
  );
}

function cloudEvent(type: EventType) {
  return Type.Object({
    specversion: Type.Literal('1.0'),
    id: text(),
    source: text(),
    type: Type.Literal(type),
    subject: text(),
    time: Type.String({ format: 'date-time' }),
    datacontenttype: Type.Literal('application/json'),
    sequence: Type.String({ pattern: '^[0-9]{16}$' }),
    epoch: text(),
    callseq: Type.Optional(Type.Integer()),
    reconciled: Type.Optional(Type.Literal(true)),
    data: catalogue[type].data,
  });
}

/** TypeBox schemas are JSON Schema already; this leaves out what is not JSON. */
function plain(schema: object): unknown {
  return JSON.parse(JSON.stringify(schema));
}
