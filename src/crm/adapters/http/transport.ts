import { lookup as resolve } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import type { Dispatcher } from 'undici';
import requestBy from 'undici/lib/api/api-request.js';
import buildConnector from 'undici/lib/core/connect.js';
import Agent from 'undici/lib/dispatcher/agent.js';
import { AppError } from '../../../kernel/index.ts';
import { crmError } from '../../errors.ts';
import { type AddressRule, addressRule } from './addresses.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
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

export interface TransportOptions {
  /** Private and loopback ranges that may be contacted, as CIDR. */
  readonly allow: readonly string[];
  readonly responseBytesMax: number;
  /** For one request from first to last byte. */
  readonly requestTimeoutMs: number;
  readonly connectionsMax: number;
}

/** HTTP by undici, fenced in: every address is checked at the moment of connecting, so DNS cannot change its mind. */
export function httpTransport(options: TransportOptions): HttpTransport {
  const isAllowed = addressRule(options.allow);
  const agent = new Agent({
    connect: fencedConnector(isAllowed, options.requestTimeoutMs),
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

function fencedConnector(isAllowed: AddressRule, timeoutMs: number): buildConnector.connector {
  const connect = buildConnector({ timeout: timeoutMs, lookup: fencedLookup(isAllowed) });
  return (target, callback) => {
    const host = target.hostname.replace(/^\[|\]$/g, '');
    // Addresses written out are never looked up, so they are checked here.
    if (isIP(host) !== 0 && !isAllowed(host)) return callback(crmError('address_refused', host), null);
    connect(target, callback);
  };
}

/** All addresses must pass: a name with one good and one bad address is a trap. */
function fencedLookup(isAllowed: AddressRule): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0);
      const [first] = addresses;
      const bad = addresses.find(({ address }) => !isAllowed(address));
      if (bad || !first)
        return callback(crmError('address_refused', `${hostname} leads to ${bad?.address ?? 'nothing'}`), '', 0);
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
  if (protocol !== 'http:' && protocol !== 'https:') throw crmError('request_invalid', `protocol ${protocol}`);
  try {
    const answer = await requestBy.call(agent, {
      origin,
      path: `${pathname}${search}`,
      method: request.method,
      headers: { ...request.headers, 'accept-encoding': 'identity' },
      body: request.body ?? null,
      signal: AbortSignal.any([signal, AbortSignal.timeout(options.requestTimeoutMs)]),
    });
    const body = await textOf(answer.body, options.responseBytesMax);
    return { status: answer.statusCode, body };
  } catch (error) {
    throw transportError(error);
  }
}

async function textOf(stream: AsyncIterable<Uint8Array> & { destroy(): void }, bytesMax: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.byteLength;
    if (bytes > bytesMax) throw crmError('answer_too_big', `over ${bytesMax} bytes`);
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

const timeouts = new Set(['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);

function transportError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const { name = '', code = '' } = error as { name?: string; code?: string };
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return crmError('answer_too_big', undefined, error);
  if (name === 'AbortError' || name === 'TimeoutError' || timeouts.has(code))
    return crmError('timeout', undefined, error);
  return crmError('unreachable', code || name, error);
}
