import { readFileSync } from 'node:fs';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import { createServer as createTlsServer, Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { AppError, errorText } from '../kernel/index.ts';
import type { HttpSettings } from './deps.ts';
import { httpErrors } from './errors.ts';
import { failureOf } from './failure.ts';

// An import of node:http reads all its exports, among them a WebSocket that brings Node's own undici: 4 MB for nothing.
const { createServer } = process.getBuiltinModule('node:http');

export const bodyMaxBytes = 64 * 1024;
const headersMaxBytes = 16 * 1024;
/** A quiet connection is closed after this; an upgraded one (WebSocket) has its own rules. */
const idleTimeoutMs = 65_000;
const requestsPerConnectionMax = 10_000;

/**
 * The TCP side with all its limits; TLS when the settings name a certificate. Throws `http.certificate_unusable`.
 */
export function listener(settings: HttpSettings, handler: RequestListener): Server {
  const limits = {
    requestTimeout: settings.requestTimeoutMs,
    headersTimeout: settings.requestTimeoutMs,
    connectionsCheckingInterval: Math.min(settings.requestTimeoutMs, 5_000),
    keepAliveTimeout: idleTimeoutMs,
    maxHeaderSize: headersMaxBytes,
    shouldUpgradeCallback: (request: IncomingMessage) => asksForSocket(request) && server.listenerCount('upgrade') > 0,
  };
  const { tls } = settings;
  const server: Server = tls
    ? usable(() => createTlsServer({ ...limits, ...certificate(tls) }, handler))
    : createServer(limits, handler);
  server.timeout = idleTimeoutMs;
  server.maxRequestsPerSocket = requestsPerConnectionMax;
  server.maxConnections = settings.connectionsMax;
  return server;
}

/** Offers of h2c (`curl --http2`, Java's own client) are passed over: who makes one takes the answer over HTTP/1.1. */
const asksForSocket = ({ headers }: IncomingMessage): boolean => /\bwebsocket\b/i.test(headers.upgrade ?? '');

type Tls = NonNullable<HttpSettings['tls']>;

const certificate = ({ cert, key, minVersion }: Tls) => ({
  cert: readFileSync(cert),
  key: readFileSync(key),
  minVersion,
});

/** Reads the certificate anew, for connections from now on. Throws when the files are unusable; the old one then stays. */
export function renewCertificate(server: Server, tls: Tls): void {
  if (server instanceof TlsServer) usable(() => server.setSecureContext(certificate(tls)));
}

function usable<Result>(run: () => Result): Result {
  try {
    return run();
  } catch (cause) {
    throw new AppError(httpErrors.certificate_unusable, errorText(cause), { cause });
  }
}

/** Why an address could not be had, in words for whoever chose it. */
export const cannotListen = (cause: unknown): AppError =>
  new AppError(httpErrors.cannot_listen, errorText(cause), { cause });

/** Answers bytes that are not HTTP, or came too slowly, and closes the connection. */
export function refuseBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const spec = byParserCode[error.code ?? ''] ?? httpErrors.bad_body;
  const { status, body } = failureOf(spec);
  const text = JSON.stringify(body);
  const head = `HTTP/1.1 ${status} Refused\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n`;
  socket.end(head + text);
}

const byParserCode: Readonly<Record<string, typeof httpErrors.timeout>> = {
  HPE_HEADER_OVERFLOW: httpErrors.headers_too_large,
  ERR_HTTP_REQUEST_TIMEOUT: httpErrors.timeout,
};
