import type { Manager } from 'asterisk-manager';
import { AppError } from '../../kernel/index.ts';
import { encodeAction } from '../codec.ts';
import { amiErrors } from '../errors.ts';
import { defaultEventMask } from '../options.ts';
import type { AmiFields, AmiMessage, AmiResult } from '../ports.ts';
import type { OpenWire, Request, WireHandlers, WireOptions } from '../wire.ts';

/**
 * asterisk-manager 0.2.0 behind our port. The package parses, writes and logs in; deadlines, correlation, reconnecting,
 * pings and the refusal of line breaks are our client's, because the package has none of them. One instance of it serves
 * one connection, as its half-read line survives a reconnect. What remains its own is listed here, and the conformance
 * suite reads this list.
 */
export const packageExclusions = {
  tls: 'The package speaks plain TCP only; a link with tls is refused.',
  challengeLogin: 'The package sends the secret in clear text.',
  receiveLimits: 'The package holds a line or message of any length, and parses lines that have no header name.',
  foreignPeer: 'The package does not look at the greeting; a foreign peer is noticed at the login deadline.',
  bareLineFeed: 'The package takes a bare LF for a line end, so a value that holds one can forge a header.',
  variableHeaders: 'Variable and ChanVariable come as an object: repeats of one variable and a missing "=" are lost.',
  headerSpelling: 'Header names come in lower case.',
  writeBound: 'The package hides its socket, so what waits to be written has no bound.',
  hardClose: 'The package can only half-close: a socket to a dead peer stays until the system gives it up.',
} as const;

/** The package logs to the console only in parts that we do not call (its own reconnect, a write without connection). */
export const openPackageWire: OpenWire = (options, handlers) => {
  let manager: Manager | undefined;
  let connected = false;
  let closed = false;
  const end = (error: AppError) => {
    if (closed) return;
    closed = true;
    handlers.closed(error);
  };
  // The package forgets a socket that is told to disconnect too early, so one that is late is closed when it connects.
  const opened = () => {
    connected = true;
    if (closed) return manager?.disconnect();
    setImmediate(() => !closed && handlers.opened());
  };
  connectManager(options, { ...handlers, opened, closed: end }, () => closed).then(
    (connecting) => {
      manager = connecting;
    },
    (cause: unknown) => end(new AppError(amiErrors.driver_missing, undefined, { cause })),
  );
  return {
    send(name, actionId, fields) {
      encodeAction(name, actionId, fields); // Throws on what the package would let through.
      manager?.action({ ...packageFields(fields), action: name, actionid: actionId });
    },
    login: (request) => login(manager, request, options),
    close() {
      closed = true;
      if (connected) manager?.disconnect();
    },
  };
};

async function connectManager(
  { link }: WireOptions,
  handlers: WireHandlers,
  isClosed: () => boolean,
): Promise<Manager | undefined> {
  const { default: createManager } = await import('asterisk-manager');
  if (isClosed()) return undefined;
  if (link.tls) {
    handlers.closed(new AppError(amiErrors.connect_failed, packageExclusions.tls));
    return undefined;
  }
  const manager = createManager(undefined, link.host, link.username, link.secret, true);
  let cause: unknown;
  manager.on('error', (error) => {
    cause = error;
  });
  manager.on('close', () => handlers.closed(new AppError(amiErrors.connect_failed, 'closed', { cause })));
  // The package tells events and unknown things apart, and names responses once more: take each message just once.
  const take = (raw: unknown) => {
    if (!isClosed()) handlers.message(new PackageMessage(raw as RawMessage));
  };
  manager.on('managerevent', take);
  manager.on('response', take);
  manager.on('connect', () => handlers.opened());
  manager.connect(link.port, link.host);
  return manager;
}

/** The package knows no event mask, so it is set by an action of its own once logged in. */
async function login(manager: Manager | undefined, request: Request, { link }: WireOptions): Promise<AmiResult> {
  const refusal = await new Promise<unknown>((resolve) => manager?.login(resolve));
  if (refusal)
    return { kind: 'refused', reason: 'Authentication failed', response: new PackageMessage(refusal as RawMessage) };
  return request('Events', { EventMask: link.eventMask ?? defaultEventMask });
}

/** The package joins an array with commas; repeated headers it makes from an object, but only as `Key: name=value`. */
function packageFields(fields: AmiFields): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      Array.isArray(value) ? pairs(value as readonly string[]) : value,
    ]),
  );
}

function pairs(values: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    values.map((value) => {
      const at = value.indexOf('=');
      if (at < 0) throw new AppError(amiErrors.field_refused, 'this driver repeats name=value headers only');
      return [value.slice(0, at), value.slice(at + 1)];
    }),
  );
}

type RawValue = string | readonly string[] | Readonly<Record<string, string>>;
type RawMessage = Readonly<Record<string, RawValue>>;

class PackageMessage implements AmiMessage {
  readonly kind: 'event' | 'response';
  readonly name: string;
  private readonly raw: RawMessage;

  constructor(raw: RawMessage) {
    this.raw = raw;
    this.kind = Object.hasOwn(raw, 'event') ? 'event' : 'response';
    this.name = this.get(this.kind) ?? '';
  }

  get(header: string): string | undefined {
    return this.getAll(header)[0];
  }

  getAll(header: string): readonly string[] {
    const key = header.toLowerCase();
    return Object.hasOwn(this.raw, key) ? valuesOf(this.raw[key]) : [];
  }

  entries(): readonly (readonly [string, string])[] {
    return Object.keys(this.raw).flatMap((key) => valuesOf(this.raw[key]).map((value) => [key, value] as const));
  }
}

function valuesOf(value: RawValue | undefined): readonly string[] {
  if (value === undefined) return [];
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value as readonly string[];
  return Object.entries(value as Readonly<Record<string, string>>).map(([name, text]) =>
    text ? `${name}=${text}` : name,
  );
}
