import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Clock, Logger, Timer } from '../../kernel/index.ts';
import type { Seal } from '../../security/index.ts';
import type { CommittedLog } from '../committed-log.ts';
import type { EventStore } from '../ports.ts';
import type { EventStream } from '../stream.ts';
import { Connection } from './connection.ts';
import { Consumers } from './consumers.ts';
import { Cursors } from './cursors.ts';
import { EventFrames } from './frames.ts';
import { closeCodes, protocolName } from './protocol.ts';
import {
  type Authenticate,
  type SessionContext,
  type SocketCounts,
  type SocketLimits,
  socketLimitDefaults,
} from './session-context.ts';
import type { SnapshotSource } from './snapshots.ts';

export interface EventSocketParts {
  readonly log: CommittedLog;
  readonly stream: EventStream;
  readonly store: Pick<EventStore, 'loadCursor' | 'saveCursor'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly authenticate: Authenticate;
  readonly watch?: SessionContext['watch'];
  readonly queuesOf?: SessionContext['queuesOf'];
  readonly snapshots: SnapshotSource;
  /**
   * Origins of web pages that may connect, beside the pages of this server itself; `*` for any. Clients that are not
   * browsers send none and are let in.
   */
  readonly allowedOrigins: readonly string[];
  /** Makes tokens for readers who see numbers masked. */
  readonly sealPhone?: Seal;
  readonly limits?: Partial<SocketLimits>;
}

/** Serves `cti.v1` on upgraded HTTP connections. */
export class EventSockets {
  private readonly context: SessionContext;
  private readonly allowedOrigins: ReadonlySet<string>;
  private readonly acceptor: WebSocketServer;
  private readonly connections = new Set<Connection>();
  private readonly written = new Set<Connection>();
  private readonly logger: Logger;
  private pingTimer: Timer | undefined;
  private publishing = false;
  private stopped = false;

  constructor(parts: EventSocketParts) {
    const limits = { ...socketLimitDefaults, ...parts.limits };
    this.context = contextOf(parts, limits);
    this.allowedOrigins = new Set(parts.allowedOrigins);
    this.logger = parts.logger;
    this.acceptor = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      // Compression costs a context per connection and would make every reader's bytes differ.
      perMessageDeflate: false,
      maxPayload: limits.frameBytesMax,
      handleProtocols: () => protocolName,
    });
    parts.stream.aroundBatches(
      (last) => this.beforeBatch(last),
      () => this.afterBatch(),
    );
    this.scheduleSweep();
  }

  /** For the HTTP server's `upgrade` event, once the path has been matched. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refusal = this.refusal(request);
    if (refusal) return refuseUpgrade(socket, refusal);
    this.acceptor.handleUpgrade(request, socket, head, (ws) => {
      const connection = new Connection(ws, socket, this.context, (written) => this.touched(written));
      this.connections.add(connection);
      this.context.counts.connections += 1;
      ws.on('close', () => this.forget(connection));
      const token = bearerToken(request);
      if (token !== undefined) void connection.session.authenticate(token);
    });
  }

  stats(): Readonly<SocketCounts> & { readonly open: number; readonly held: number; readonly cursorFailures: number } {
    const { counts, held, cursors } = this.context;
    const coalesced = [...this.connections].reduce((sum, one) => sum + one.coalesced, counts.coalesced);
    return { ...counts, coalesced, open: this.connections.size, held: held.size, cursorFailures: cursors.failures };
  }

  /** Says goodbye to every client and writes the last cursors. Clients come back elsewhere and resume. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.pingTimer?.cancel();
    for (const connection of this.connections) connection.close(closeCodes.goingAway, 'the server goes away');
    await this.context.cursors.settle();
  }

  private refusal(request: IncomingMessage): string | undefined {
    if (this.stopped) return '503 Service Unavailable';
    const { origin } = request.headers;
    const named = origin === undefined || this.allowedOrigins.has('*') || this.allowedOrigins.has(origin);
    const fine = named || isOwnPage(origin, request.headers.host);
    if (!fine) return '403 Forbidden';
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
    if (!offered.includes(protocolName)) return '400 Bad Request';
    if (this.connections.size < this.context.limits.connectionsMax) return undefined;
    this.context.counts.tooMany += 1;
    return '503 Service Unavailable';
  }

  private beforeBatch(last: number): void {
    this.publishing = true;
    for (const subscription of this.context.held) subscription.releaseHeld(last);
  }

  private afterBatch(): void {
    this.publishing = false;
    for (const connection of this.written) connection.release();
    this.written.clear();
    for (const subscription of this.context.durable) subscription.resumePulling();
  }

  /** During a batch the writes of a connection are held together: one system call for all its events. */
  private touched(connection: Connection): void {
    if (!this.publishing) return;
    connection.hold();
    this.written.add(connection);
  }

  private forget(connection: Connection): void {
    connection.end();
    this.connections.delete(connection);
    this.written.delete(connection);
  }

  private scheduleSweep(): void {
    if (this.stopped) return;
    this.pingTimer = this.context.clock.after(this.context.limits.pingEveryMs, () => {
      for (const connection of this.connections) if (!connection.ping()) this.giveUp(connection);
      this.scheduleSweep();
    });
  }

  private giveUp(connection: Connection): void {
    this.context.counts.halfOpen += 1;
    this.logger.debug({}, 'a client gave no sign of life; its connection is cut');
    connection.terminate();
  }
}

/**
 * Serves event sockets at one path of an HTTP server, and refuses those of other paths: Node would keep the connections
 * of an upgrade that nobody answers for ever.
 */
export function attachWebSocket(server: Server, path: string, parts: EventSocketParts): EventSockets {
  const sockets = new EventSockets(parts);
  server.on('upgrade', (request, socket, head) => {
    const [requested] = (request.url ?? '').split('?', 1);
    if (requested === path) sockets.handleUpgrade(request, socket, head);
    else refuseUpgrade(socket, '404 Not Found');
  });
  return sockets;
}

function contextOf(parts: EventSocketParts, limits: SocketLimits): SessionContext {
  const { log, stream, store, clock, logger, authenticate, snapshots } = parts;
  return {
    clock,
    logger,
    log,
    stream,
    authenticate,
    ...(parts.watch ? { watch: parts.watch } : {}),
    queuesOf: parts.queuesOf ?? (() => []),
    limits,
    snapshots,
    cursors: new Cursors(store, clock, logger),
    consumers: new Consumers(),
    frames: new EventFrames(parts.sealPhone),
    ...(parts.sealPhone ? { seal: parts.sealPhone } : {}),
    held: new Set(),
    durable: new Set(),
    counts: {
      connections: 0,
      deliveries: 0,
      snapshots: 0,
      acks: 0,
      badFrames: 0,
      refused: 0,
      tooMany: 0,
      slowReaders: 0,
      halfOpen: 0,
      coalesced: 0,
    },
  };
}

/**
 * A page that this server served. A name that somebody points at our address (DNS rebinding) passes too, and gains
 * nothing by it: the token is in the page's memory, never in a cookie.
 */
function isOwnPage(origin: string, host: string | undefined): boolean {
  return host !== undefined && (origin === `http://${host}` || origin === `https://${host}`);
}

function bearerToken(request: IncomingMessage): string | undefined {
  return /^Bearer (\S{1,8192})$/i.exec(request.headers.authorization ?? '')?.[1];
}

/** Answers an upgrade that cannot be, and closes: no time limit of the HTTP server holds for such a connection. */
export function refuseUpgrade(socket: Duplex, status: string): void {
  socket.on('error', () => socket.destroy());
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
