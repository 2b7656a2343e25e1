import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { perform } from '../operations.ts';
import type { VirtualAsterisk } from '../virtual-asterisk.ts';
import { descriptionOf } from './docs.ts';
import { listening, type PortHolder } from './listening.ts';
import { routeOf } from './routes.ts';

export interface AriFrontOptions {
  /** 0 or absent takes a free one. */
  readonly port?: number;
  readonly user: string;
  readonly password: string;
}

/** As Asterisk has them. */
const frameBytesMax = 65_535;
const bodyBytesMax = 40_960;
/** A reader who lets this much wait is cut off, as Asterisk does by its write timeout. */
const backlogBytesMax = 4 * 1024 * 1024;
const prefix = '/ari/';

interface Answer {
  readonly status: number;
  /** JSON text, or a file. */
  readonly body: string | Uint8Array;
}

/** ARI of the model over HTTP and WebSocket, on loopback. Gives the port and the way to close it. */
export async function openAriFront(pbx: VirtualAsterisk, options: AriFrontOptions): Promise<PortHolder> {
  const front = new AriFront(pbx, options);
  return listening(front.server, options.port ?? 0, () => front.close());
}

class AriFront {
  readonly server: Server;
  private readonly pbx: VirtualAsterisk;
  private readonly authorization: Buffer;
  private readonly sockets = new WebSocketServer({ noServer: true, maxPayload: frameBytesMax });
  private readonly forgetStop: () => void;

  constructor(pbx: VirtualAsterisk, { user, password }: AriFrontOptions) {
    this.pbx = pbx;
    this.authorization = Buffer.from(`Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`);
    this.server = createServer((request, response) => this.requested(request, response));
    // A PBX that has died listens to nobody.
    this.server.on('connection', (socket) => {
      if (!pbx.isRunning) socket.destroy();
    });
    this.server.on('upgrade', (request, socket, head) => this.upgraded(request, socket, head));
    this.forgetStop = pbx.onStop(() => this.cutAll());
  }

  close(): void {
    this.forgetStop();
    this.cutAll();
  }

  private cutAll(): void {
    for (const socket of this.sockets.clients) socket.terminate();
    this.server.closeAllConnections();
  }

  private isKnown(request: IncomingMessage): boolean {
    const given = Buffer.from(request.headers.authorization ?? '');
    return given.length === this.authorization.length && timingSafeEqual(given, this.authorization);
  }

  private requested(request: IncomingMessage, response: ServerResponse): void {
    const pieces: Buffer[] = [];
    let bytes = 0;
    request.on('data', (piece: Buffer) => {
      bytes += piece.length;
      if (bytes > bodyBytesMax) request.destroy();
      else pieces.push(piece);
    });
    request.on('end', () => {
      const { status, body } = this.answerTo(request, Buffer.concat(pieces).toString());
      const type = typeof body === 'string' ? 'application/json' : 'audio/x-wav';
      const asks = status === 401 ? { 'www-authenticate': 'Basic realm="Asterisk REST Interface"' } : {};
      response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body), ...asks });
      response.end(body);
    });
    request.on('error', () => undefined);
  }

  private answerTo(request: IncomingMessage, body: string): Answer {
    const url = request.url ?? '';
    if (!this.isKnown(request)) return failure(401);
    if (!url.startsWith(prefix)) return failure(404);
    const rest = url.slice(prefix.length);
    const [, page] = /^api-docs\/(\w+\.json)$/.exec(rest) ?? [];
    if (page === undefined) return this.carriedOut(request.method ?? '', rest, body);
    const description = descriptionOf(page, `http://${request.headers.host ?? ''}/ari`);
    return description ? { status: 200, body: JSON.stringify(description) } : failure(404);
  }

  private carriedOut(method: string, uri: string, body: string): Answer {
    const asked = routeOf(method, uri, body);
    if (asked === undefined) return failure(404);
    if (asked === 'bad') return failure(400);
    const reply = perform(this.pbx, asked.operation, asked.params as never);
    if (!reply.ok) return failure(reply.status);
    const { status, body: content } = reply as { readonly status: number; readonly body: unknown };
    if (content instanceof Uint8Array) return { status, body: content };
    return { status, body: content === undefined ? '' : JSON.stringify(content) };
  }

  private upgraded(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const url = new URL(request.url ?? '', 'http://127.0.0.1');
    const apps = (url.searchParams.get('app') ?? '').split(',').filter((app) => app !== '');
    const status = this.isKnown(request) ? (url.pathname === `${prefix}events` && apps.length > 0 ? 101 : 400) : 401;
    if (status !== 101) {
      socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`);
      return;
    }
    this.sockets.handleUpgrade(request, socket, head, (client) => this.connected(client, apps));
  }

  private connected(client: WebSocket, apps: readonly string[]): void {
    const say = (frame: object): void => {
      if (client.bufferedAmount > backlogBytesMax) return client.terminate();
      client.send(JSON.stringify(frame));
    };
    const leave = apps.map((app) => this.pbx.register(app, say));
    client.on('close', () => {
      for (const forget of leave) forget();
    });
    client.on('error', () => client.terminate());
    client.on('message', (data) => {
      const answer = this.frameAnswered(data);
      if (answer) say(answer);
    });
  }

  /** REST over WebSocket. A frame that is none is left unanswered. */
  private frameAnswered(data: RawData): object | undefined {
    const frame = parsed(data);
    if (frame?.['type'] !== 'RESTRequest') return undefined;
    const { transaction_id, request_id, method, uri, message_body = '' } = frame;
    const { status, body } = this.carriedOut(String(method), String(uri), String(message_body));
    return {
      type: 'RESTResponse',
      transaction_id,
      request_id,
      status_code: status,
      reason_phrase: STATUS_CODES[status] ?? '',
      uri,
      ...(typeof body === 'string' && body !== '' ? { content_type: 'application/json', message_body: body } : {}),
    };
  }
}

function parsed(data: RawData): Record<string, unknown> | undefined {
  const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer);
  try {
    return JSON.parse(bytes.toString()) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

const failure = (status: number): Answer => ({ status, body: JSON.stringify({ message: STATUS_CODES[status] ?? '' }) });
