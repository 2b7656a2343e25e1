import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import requestBy from 'undici/lib/api/api-request.js';
import Agent from 'undici/lib/dispatcher/agent.js';
import { AppError, type Clock } from '../kernel/index.ts';
import { clusterErrors } from './errors.ts';
import { type ForwardedRequest, handedOn, headersForClient, headersForOwner } from './forward-headers.ts';
import type { OwnershipView } from './ports.ts';

export interface ForwardedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  /** Whoever gets it reads or destroys it. */
  readonly body: Readable;
}

export interface OwnerClientOptions {
  readonly instanceId: string;
  readonly owner: OwnershipView;
  readonly clock: Clock;
  readonly limits?: Partial<OwnerLimits>;
}

export interface OwnerLimits {
  readonly connectMs: number;
  /** From the last byte of a request to the first of its answer; with `connectMs` also from when it is taken in. */
  readonly answerMs: number;
  /** Between two parts of an answer. */
  readonly pauseMs: number;
  /** Half of them may be held by long answers whose readers take their time. */
  readonly connectionsMax: number;
  /** Requests on their way until the end of their answer; further ones are refused. */
  readonly requestsMax: number;
  /** Of an answer that is read here, not passed on. */
  readonly readBytesMax: number;
}

export const ownerLimits: OwnerLimits = {
  connectMs: 1_000,
  answerMs: 10_000,
  pauseMs: 10_000,
  connectionsMax: 64,
  requestsMax: 512,
  readBytesMax: 64 * 1024 * 1024,
};

/** How requests that were handed on ended. */
export interface ForwardFigures {
  readonly answered: number;
  readonly noOwner: number;
  readonly unreachable: number;
  readonly timeout: number;
  readonly refused: number;
  /** Whoever asked did not wait for the answer. */
  readonly abandoned: number;
}

interface Sent {
  readonly method: string;
  readonly target: string;
  readonly headers: Record<string, string | string[]>;
  readonly body?: Buffer | undefined;
  /** Aborted when whoever asked is gone. */
  readonly gone?: AbortSignal | undefined;
}

/** An answer up to this is read at once and frees its connection, however slowly it is passed on. */
const shortBytes = 64 * 1024;
const tooLate = new Error('no answer of the owner in time');
const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Hands requests on to whoever owns the shard. Everything rejects with an AppError of `cluster.*`. */
export class OwnerClient {
  private readonly instanceId: string;
  private readonly owner: OwnershipView;
  private readonly clock: Clock;
  private readonly limits: OwnerLimits;
  private readonly agent: Dispatcher;
  private readonly counts = { answered: 0, noOwner: 0, unreachable: 0, timeout: 0, refused: 0, abandoned: 0 };
  private underWay = 0;
  private longAnswers = 0;

  constructor({ instanceId, owner, clock, limits = {} }: OwnerClientOptions) {
    this.instanceId = instanceId;
    this.owner = owner;
    this.clock = clock;
    this.limits = { ...ownerLimits, ...limits };
    const { connectMs, answerMs, pauseMs, connectionsMax } = this.limits;
    this.agent = new Agent({
      connect: { timeout: connectMs },
      connections: connectionsMax,
      pipelining: 1,
      headersTimeout: answerMs,
      bodyTimeout: pauseMs,
    });
  }

  /** Nobody waits for the answer any more when `gone` aborts. */
  async forward(request: ForwardedRequest, gone?: AbortSignal): Promise<ForwardedAnswer> {
    if (request.headers[handedOn] !== undefined) {
      this.counts.refused += 1;
      throw new AppError(clusterErrors.owner_changing);
    }
    const { method, target, body } = request;
    const headers = headersForOwner(request, this.instanceId);
    const answer = await this.send({ method, target, headers, body, gone });
    return { status: answer.statusCode, headers: headersForClient(answer.headers), body: answer.body };
  }

  /** Reads a JSON document of the owner. */
  async read(target: string, authorization: string): Promise<unknown> {
    const headers = { authorization, accept: 'application/json', [handedOn]: this.instanceId };
    const answer = await this.send({ method: 'GET', target, headers });
    const text = await this.textOf(answer.body);
    if (answer.statusCode !== 200) throw new AppError(clusterErrors.bad_snapshot, `status ${answer.statusCode}`);
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw new AppError(clusterErrors.bad_snapshot, undefined, { cause });
    }
  }

  figures(): ForwardFigures {
    return { ...this.counts };
  }

  /** What is under way ends with `cluster.owner_unreachable`. */
  async stop(): Promise<void> {
    await this.agent.destroy();
  }

  private async send(sent: Sent): Promise<Dispatcher.ResponseData> {
    const origin = this.owner.current()?.url;
    if (origin === undefined) {
      this.counts.noOwner += 1;
      throw new AppError(clusterErrors.no_owner);
    }
    if (this.underWay >= this.limits.requestsMax || !methods.has(sent.method)) throw this.busy();
    try {
      const answer = await this.inTime(origin, sent);
      this.counts.answered += 1;
      return answer;
    } catch (cause) {
      throw cause instanceof AppError ? cause : this.failed(cause, sent.gone);
    }
  }

  /** With a limit of our own: the package counts none while a request waits for a connection, nor does it give it up. */
  private async inTime(origin: string, sent: Sent): Promise<Dispatcher.ResponseData> {
    const { connectMs, answerMs } = this.limits;
    const late = new AbortController();
    const timer = this.clock.after(connectMs + answerMs, () => late.abort(tooLate));
    const signal = sent.gone ? AbortSignal.any([late.signal, sent.gone]) : late.signal;
    const aborted = Promise.withResolvers<never>();
    signal.addEventListener('abort', () => aborted.reject(signal.reason), { once: true });
    if (signal.aborted) aborted.reject(signal.reason);
    try {
      return await Promise.race([this.ask(origin, sent, signal), aborted.promise]);
    } finally {
      timer.cancel();
    }
  }

  private async ask(
    origin: string,
    { method, target, headers, body }: Sent,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    this.underWay += 1;
    const over = (): void => void (this.underWay -= 1);
    const asked = requestBy.call(this.agent, { origin, path: target, method, headers, body: body ?? null, signal });
    asked.then((answer) => answer.body.once('close', over), over);
    const answer = await asked;
    // Nobody passes it on, and there is nothing in it.
    if (answer.statusCode === 204 || answer.statusCode === 304) answer.body.resume();
    else if (isLong(answer)) this.holdConnection(method, answer.body);
    return answer;
  }

  /** What was asked by GET changed nothing, so it may be asked again when there is room. */
  private holdConnection(method: string, body: Readable): void {
    if (method === 'GET' && this.longAnswers >= this.limits.connectionsMax / 2) {
      body.on('error', () => undefined).destroy();
      throw this.busy();
    }
    this.longAnswers += 1;
    body.once('close', () => {
      this.longAnswers -= 1;
    });
  }

  private busy(): AppError {
    this.counts.refused += 1;
    return new AppError(clusterErrors.owner_busy);
  }

  private failed(cause: unknown, gone?: AbortSignal): AppError {
    const { code = '' } = cause as { code?: string };
    const isLate = cause === tooLate || code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT';
    if (gone?.aborted) this.counts.abandoned += 1;
    else this.counts[isLate ? 'timeout' : 'unreachable'] += 1;
    return new AppError(isLate ? clusterErrors.owner_timeout : clusterErrors.owner_unreachable, code, { cause });
  }

  private async textOf(body: Readable): Promise<string> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    try {
      for await (const chunk of body as AsyncIterable<Buffer>) {
        bytes += chunk.byteLength;
        if (bytes > this.limits.readBytesMax) throw new AppError(clusterErrors.bad_snapshot, 'too large');
        chunks.push(chunk);
      }
    } catch (cause) {
      throw cause instanceof AppError ? cause : this.failed(cause);
    }
    return Buffer.concat(chunks).toString();
  }
}

const isLong = ({ headers }: Dispatcher.ResponseData): boolean =>
  !(Number(headers['content-length'] ?? Number.NaN) <= shortBytes);
