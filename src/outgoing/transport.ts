import { lookup as resolve } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import type { Dispatcher } from 'undici';
import requestBy from 'undici/lib/api/api-request.js';
import buildConnector from 'undici/lib/core/connect.js';
import Agent from 'undici/lib/dispatcher/agent.js';
import { AppError, type ErrorSpec } from '../kernel/index.ts';
import { type AddressRule, addressRule } from './addresses.ts';
import { type OwnNeighbour, withoutOwn } from './own-neighbours.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/** Sends one request; rejects with an AppError. Redirects are not followed: their status is the answer. */
export interface HttpTransport {
  send(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer>;
  close(): Promise<void>;
}

/** The codes under which its owner tells what went wrong, so that a failure names the neighbour. */
export interface TransportErrors {
  readonly timeout: ErrorSpec;
  readonly unreachable: ErrorSpec;
  readonly answer_too_big: ErrorSpec;
  readonly address_refused: ErrorSpec;
  readonly request_invalid: ErrorSpec;
}

export interface TransportOptions {
  readonly errors: TransportErrors;
  /** Private and loopback ranges that may be contacted, as CIDR. Link-local and metadata are refused all the same. */
  readonly allow: readonly string[];
  /** Our own parts, refused whatever `allow` says. */
  readonly own?: readonly OwnNeighbour[];
  /** Another resolver, for tests. */
  readonly resolve?: typeof resolve;
  readonly responseBytesMax: number;
  /** For one request from first to last byte. */
  readonly requestTimeoutMs: number;
  readonly connectionsMax: number;
}

/**
 * The one way in which requests that somebody else's configuration names (CRM, ticket desk, webhook) leave the server.
 * Every address is checked at the moment of connecting, so DNS cannot change its mind; redirects are not followed;
 * bytes and time are capped.
 */
export function httpTransport(options: TransportOptions): HttpTransport {
  const agent = new Agent({
    connect: fencedConnector(options),
    connections: options.connectionsMax,
    pipelining: 1,
    headersTimeout: options.requestTimeoutMs,
    bodyTimeout: options.requestTimeoutMs,
    maxResponseSize: options.responseBytesMax,
  });
  return {
    send: (request, signal) => send(agent, options, request, signal),
    close: () => agent.destroy(),
  };
}

function fencedConnector(options: TransportOptions): buildConnector.connector {
  const { own = [] } = options;
  const isAllowed = addressRule(options.allow);
  const ordinary = connectorBy(isAllowed, options);
  return (target, callback) => {
    const port = Number(target.port || (target.protocol === 'https:' ? 443 : 80));
    const near = own.filter((neighbour) => neighbour.port === port);
    if (near.length === 0) return ordinary(target, callback);
    void withoutOwn(isAllowed, near).then((rule) => connectorBy(rule, options)(target, callback));
  };
}

function connectorBy(isAllowed: AddressRule, options: TransportOptions): buildConnector.connector {
  const { errors, requestTimeoutMs: timeout } = options;
  const connect = buildConnector({ timeout, lookup: fencedLookup(isAllowed, options) });
  return (target, callback) => {
    const host = target.hostname.replace(/^\[|\]$/g, '');
    // Addresses written out are never looked up, so they are checked here.
    if (isIP(host) !== 0 && !isAllowed(host)) return callback(new AppError(errors.address_refused, host), null);
    connect(target, callback);
  };
}

/** All addresses must pass: a name with one good and one bad address is a trap. */
function fencedLookup(isAllowed: AddressRule, { errors, resolve: ask = resolve }: TransportOptions): LookupFunction {
  return (hostname, options, callback) => {
    ask(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0);
      const [first] = addresses;
      const bad = addresses.find(({ address }) => !isAllowed(address));
      if (bad || !first) {
        const detail = `${hostname} leads to ${bad?.address ?? 'nothing'}`;
        return callback(new AppError(errors.address_refused, detail), '', 0);
      }
      if (options.all) return callback(null, addresses);
      callback(null, first.address, first.family);
    });
  };
}

async function send(
  agent: Dispatcher,
  options: TransportOptions,
  request: HttpRequest,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const { origin, pathname, search, protocol } = new URL(request.url);
  if (protocol !== 'http:' && protocol !== 'https:')
    throw new AppError(options.errors.request_invalid, `protocol ${protocol}`);
  try {
    const answer = await requestBy.call(agent, {
      origin,
      path: `${pathname}${search}`,
      method: request.method,
      headers: { ...request.headers, 'accept-encoding': 'identity' },
      body: request.body ?? null,
      signal: AbortSignal.any([signal, AbortSignal.timeout(options.requestTimeoutMs)]),
    });
    const body = await textOf(answer.body, options);
    return { status: answer.statusCode, body };
  } catch (error) {
    throw transportError(error, options.errors);
  }
}

async function textOf(
  stream: AsyncIterable<Uint8Array> & { destroy(): void },
  { responseBytesMax, errors }: TransportOptions,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.byteLength;
    if (bytes > responseBytesMax) throw new AppError(errors.answer_too_big, `over ${responseBytesMax} bytes`);
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

const timeouts = new Set(['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);

function transportError(cause: unknown, errors: TransportErrors): AppError {
  if (cause instanceof AppError) return cause;
  const { name = '', code = '' } = cause as { name?: string; code?: string };
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return new AppError(errors.answer_too_big, undefined, { cause });
  if (name === 'AbortError' || name === 'TimeoutError' || timeouts.has(code))
    return new AppError(errors.timeout, undefined, { cause });
  return new AppError(errors.unreachable, code || name, { cause });
}
