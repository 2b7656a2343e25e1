import requestBy from 'undici/lib/api/api-request.js';
import Pool from 'undici/lib/dispatcher/pool.js';
import { type Clock, errorText } from '../kernel/index.ts';
import { AriError, ariErrors } from './errors.ts';
import { OPERATIONS, type OperationName } from './generated/operations.ts';
import type { RestAnswer, RestTransport } from './ports.ts';
import { encodeCall, parseBody, type RestCall } from './request.ts';
import { BODY_BYTES_MAX } from './rest-over-ws.ts';

/** Below Asterisk's own `session_keep_alive` of 15 s, so that we never write into a connection that it just closed. */
const KEEP_ALIVE_MS = 10_000;

export interface RestHttpOptions {
  readonly clock: Clock;
  /** Ends in `/ari`. */
  readonly baseUrl: URL;
  readonly authorization: string;
  readonly connections: number;
  readonly pendingMax: number;
  readonly answerBytesMax: number;
  /** Connections per second are dear: TLS settings of the pool. */
  readonly tls?: { readonly ca?: string; readonly rejectUnauthorized?: boolean };
}

/**
 * REST over HTTP with kept-alive connections: for a PBX without REST over WebSocket, and for slow requests, which
 * would hold up all that stand behind them on the socket. Requests may overtake each other.
 */
export class RestHttp implements RestTransport {
  readonly name = 'http';
  readonly ordered = false;
  private readonly options: RestHttpOptions;
  private readonly pool: Pool;
  private readonly pathPrefix: string;
  private waiting = 0;

  constructor(options: RestHttpOptions) {
    this.options = options;
    this.pathPrefix = `${options.baseUrl.pathname.replace(/\/+$/, '')}/`;
    this.pool = new Pool(options.baseUrl.origin, {
      connections: options.connections,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
      maxResponseSize: options.answerBytesMax,
      ...(options.tls ? { connect: { ...options.tls } } : {}),
    });
  }

  get pending(): number {
    return this.waiting;
  }

  async send(
    operation: OperationName,
    params: Readonly<Record<string, unknown>>,
    deadlineMs: number,
  ): Promise<RestAnswer> {
    if (this.waiting >= this.options.pendingMax) return { ok: false, error: new AriError(ariErrors.busy) };
    const call = encodeCall(operation, params);
    if (call instanceof AriError) return { ok: false, error: call };
    if (call.body !== undefined && Buffer.byteLength(call.body) > BODY_BYTES_MAX) {
      return { ok: false, error: new AriError(ariErrors.request_too_large, operation) };
    }
    const abort = new AbortController();
    const timer = this.options.clock.after(deadlineMs, () => abort.abort());
    this.waiting += 1;
    try {
      return await this.exchange(call, OPERATIONS[operation].response === 'binary', abort.signal);
    } catch (error) {
      const spec = abort.signal.aborted ? ariErrors.timeout : ariErrors.not_connected;
      return { ok: false, error: new AriError(spec, `${operation}: ${errorText(error)}`, { cause: error }) };
    } finally {
      this.waiting -= 1;
      timer.cancel();
    }
  }

  private async exchange(call: RestCall, binary: boolean, signal: AbortSignal): Promise<RestAnswer> {
    const response = await requestBy.call(this.pool, {
      method: call.method,
      path: this.pathPrefix + call.uri,
      headers: {
        authorization: this.options.authorization,
        ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: call.body ?? null,
      signal,
    });
    const status = response.statusCode;
    if (binary && status === 200) return { ok: true, status, reason: '', body: await response.body.bytes() };
    const text = await response.body.text();
    const parsed = parseBody(text);
    // An error page may be HTML (a 404 while Asterisk is still loading its modules); the status says enough.
    if (!parsed.ok && status < 400) return { ok: false, error: new AriError(ariErrors.bad_answer, 'body is not JSON') };
    return {
      ok: true,
      status,
      reason: parsed.ok ? reasonOf(parsed.body) : '',
      body: parsed.ok ? parsed.body : undefined,
    };
  }

  close(): Promise<void> {
    return this.pool.destroy();
  }
}

/** Asterisk's errors are `{"message": "…"}`; ours to show, as they name ids and no people. */
function reasonOf(body: unknown): string {
  const message = (body as { message?: unknown } | undefined)?.message;
  return typeof message === 'string' ? message.slice(0, 200) : '';
}
