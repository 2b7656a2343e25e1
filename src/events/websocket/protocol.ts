import { type Static, Type } from '../../schema/index.ts';
import { checker } from '../../validation/index.ts';

/** The WebSocket subprotocol; a change that clients would notice gets a new number beside the old one. */
export const protocolName = 'cti.v1';

/** Why the server closes a connection; 4000–4999 are the application's own. */
export const closeCodes = {
  goingAway: 1001,
  badFrames: 4400,
  unauthenticated: 4401,
  slowReader: 4008,
  resync: 4009,
} as const;

const Id = (description: string) =>
  Type.String({ minLength: 1, maxLength: 64, pattern: '^[A-Za-z0-9._:-]+$', description });
const Ids = (description: string) =>
  Type.Array(Type.String({ minLength: 1, maxLength: 128 }), { minItems: 1, maxItems: 64, description });
const Sequence = () =>
  Type.Union(
    [Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }), Type.String({ pattern: '^[0-9]{1,16}$' })],
    {
      description: 'A sequence, as a number or as the text that events carry',
    },
  );

export const FilterSchema = Type.Object(
  {
    types: Type.Optional(Ids('Type prefixes such as `call.` or `call.offered.v1`')),
    agents: Type.Optional(Ids('Agent ids')),
    queues: Type.Optional(Ids('Queue ids')),
    calls: Type.Optional(Ids('Call ids')),
  },
  { additionalProperties: false },
);

/** What a client may send, one JSON object per text frame. */
export const clientFrames = {
  auth: Type.Object(
    { type: Type.Literal('auth'), token: Type.String({ minLength: 1, maxLength: 8192 }) },
    {
      additionalProperties: false,
      description: 'Must be the first frame unless the upgrade carried the token; again to stay with a new one',
    },
  ),
  subscribe: Type.Object(
    {
      type: Type.Literal('subscribe'),
      id: Id("The client's name for this subscription; comes back in every frame of it"),
      filter: Type.Optional(FilterSchema),
      snapshot: Type.Optional(Type.Boolean({ description: 'False: no snapshot, only what comes from now on' })),
      resume: Type.Optional(
        Type.Object({ epoch: Type.String({ maxLength: 64 }), sequence: Sequence() }, { additionalProperties: false }),
      ),
      consumer: Type.Optional(Id('Durable: the server keeps the cursor under this name; events wait for acks')),
    },
    { additionalProperties: false, description: 'Begins a subscription' },
  ),
  unsubscribe: Type.Object(
    { type: Type.Literal('unsubscribe'), id: Id('The subscription') },
    { additionalProperties: false, description: 'Ends a subscription' },
  ),
  ack: Type.Object(
    { type: Type.Literal('ack'), id: Id('The subscription'), sequence: Sequence() },
    { additionalProperties: false, description: 'Everything up to the sequence is done; durable consumers only' },
  ),
  ping: Type.Object(
    { type: Type.Literal('ping'), nonce: Type.Optional(Type.String({ maxLength: 64 })) },
    { additionalProperties: false, description: 'Answered by `pong` with the same nonce' },
  ),
} as const;

export type ClientFrame = {
  [Name in keyof typeof clientFrames]: Static<(typeof clientFrames)[Name]>;
}[keyof typeof clientFrames];
export type SubscribeFrame = Static<typeof clientFrames.subscribe>;

const checkers = {
  auth: checker(clientFrames.auth),
  subscribe: checker(clientFrames.subscribe),
  unsubscribe: checker(clientFrames.unsubscribe),
  ack: checker(clientFrames.ack),
  ping: checker(clientFrames.ping),
};

export type ParsedFrame =
  | { readonly ok: true; readonly frame: ClientFrame }
  | { readonly ok: false; readonly detail: string };

/** Reads one client frame; anything else than a well-formed one is told apart by a short reason without its content. */
export function parseClientFrame(text: string): ParsedFrame {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, detail: 'not JSON' };
  }
  const type = (value as { type?: unknown } | null)?.type;
  if (typeof type !== 'string' || !Object.hasOwn(checkers, type)) return { ok: false, detail: 'unknown type' };
  const known = checkers[type as ClientFrame['type']];
  if (known.fits(value)) return { ok: true, frame: value };
  const [first] = known.errors(value);
  return { ok: false, detail: `${type}${first?.instancePath ?? ''} ${first?.message ?? 'is malformed'}`.slice(0, 200) };
}

/** One whole frame of this text, without a mask, as servers send it (RFC 6455 §5.2): final, opcode text. */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const headerLength = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(headerLength + length);
  frame[0] = 0x81;
  if (headerLength === 2) frame[1] = length;
  else if (headerLength === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.write(text, headerLength);
  return frame;
}
