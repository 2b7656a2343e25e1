import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import requestBy from 'undici/lib/api/api-request.js';
import Agent from 'undici/lib/dispatcher/agent.js';
import { AppError } from '../kernel/index.ts';
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
  readonly limits?: Partial<OwnerLimits>;
}

export interface OwnerLimits {
  readonly connectMs: number;
  /** From the last byte of a request to the first of its answer. */
  readonly answerMs: number;
  /** Between two parts of an answer. */
  readonly pauseMs: number;
  readonly connectionsMax: number;
  /** Requests on their way; further ones are refused. */
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
}

const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Hands requests on to whoever owns the shard. Everything rejects with an AppError of `cluster.*`. */
export class OwnerClient {
  private readonly instanceId: string;
  private readonly owner: OwnershipView;
  private readonly limits: OwnerLimits;
  private readonly agent: Dispatcher;
  private readonly counts = { answered: 0, noOwner: 0, unreachable: 0, timeout: 0, refused: 0 };
  private underWay = 0;

  constructor({ instanceId, owner, limits = {} }: OwnerClientOptions) {
    this.instanceId = instanceId;
    this.owner = owner;
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

  async forward(request: ForwardedRequest): Promise<ForwardedAnswer> {
    if (request.headers[handedOn] !== undefined) {
      this.counts.refused += 1;
      throw new AppError(clusterErrors.owner_changing);
    }
    const answer = await this.send(request.method, request.target, {
      headers: headersForOwner(request, this.instanceId),
      body: request.body ?? null,
    });
    return { status: answer.statusCode, headers: headersForClient(answer.headers), body: answer.body };
  }

  /** Reads a JSON document of the owner. */
  async read(target: string, authorization: string): Promise<unknown> {
    const headers = { authorization, accept: 'application/json', [handedOn]: this.instanceId };
    const answer = await this.send('GET', target, { headers, body: null });
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

  private async send(
    method: string,
    target: string,
    { headers, body }: { readonly headers: Record<string, string | string[]>; readonly body: Buffer | null },
  ): Promise<Dispatcher.ResponseData> {
    const origin = this.owner.current()?.url;
    if (origin === undefined) {
      this.counts.noOwner += 1;
      throw new AppError(clusterErrors.no_owner);
    }
    if (this.underWay >= this.limits.requestsMax || !methods.has(method)) {
      this.counts.refused += 1;
      throw new AppError(clusterErrors.owner_busy);
    }
    this.underWay += 1;
    try {
      const options = { origin, path: target, method, headers, body };
      const answer = await requestBy.call(this.agent, options);
      this.counts.answered += 1;
      return answer;
    } catch (cause) {
      throw this.failed(cause);
    } finally {
      this.underWay -= 1;
    }
  }

  private failed(cause: unknown): AppError {
    const { code = '' } = cause as { code?: string };
    const isLate = code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT';
    this.counts[isLate ? 'timeout' : 'unreachable'] += 1;
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
