import type { Socket } from 'node:net';
import WebSocket from 'ws';
import { type Clock, errorText, type ErrorSpec, type Logger, type Rng, type Timer } from '../kernel/index.ts';
import { type BackoffLimits, backoffMs } from './backoff.ts';
import { ariErrors } from './errors.ts';
import { bufferOf } from './frame.ts';

export interface SocketLimits {
  readonly connectTimeoutMs: number;
  readonly pingIntervalMs: number;
  readonly closeTimeoutMs: number;
  /** A frame larger than this breaks the connection: nothing in ARI comes near it. */
  readonly frameBytesHardMax: number;
  /** What may wait to be written before requests are refused. */
  readonly writeBytesMax: number;
  readonly reconnect: BackoffLimits;
}

export interface SocketOptions {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Logger;
  /** `ws://host:port/ari`. */
  readonly url: URL;
  readonly app: string;
  readonly authorization: string;
  readonly tls?: { readonly ca?: string; readonly rejectUnauthorized?: boolean };
  readonly mayConnect?: ((heardAtMs: number) => boolean) | undefined;
  readonly limits: SocketLimits;
  readonly onOpen: () => void;
  readonly onFrame: (data: Buffer) => void;
  /** The connection is gone, or an attempt failed; another attempt follows unless the socket was stopped. */
  readonly onLost: (spec: ErrorSpec) => void;
}

/** How soon it is asked again whether we may connect. */
const mayConnectEveryMs = 50;

/**
 * The event socket of one application: keeps it open, notices when it is half-open, reconnects with jittered
 * backoff. Credentials travel in a header, so that they do not end up in logs of URLs. `subscribeAll` is never asked
 * for: with it Asterisk loses the StasisEnd of older channels.
 */
export class AriSocket {
  private readonly options: SocketOptions;
  private readonly wires = new WeakMap<WebSocket, Socket>();
  private socket: WebSocket | undefined;
  private stopped = true;
  private attempts = 0;
  private timer: Timer | undefined;
  private heardSincePing = false;
  /** Of the last ping before which something was heard; never before the first connection. */
  private heardAtMs = Number.NEGATIVE_INFINITY;
  /** Why we broke the connection ourselves, if we did. */
  private breaking: ErrorSpec | undefined;

  constructor(options: SocketOptions) {
    this.options = options;
  }

  start(): void {
    if (!this.stopped) return;
    this.stopped = false;
    this.connect();
  }

  /** Says goodbye and ends at the latest after the closing time. Does not report the loss. */
  stop(): Promise<void> {
    this.stopped = true;
    this.timer?.cancel();
    const { socket } = this;
    this.socket = undefined;
    if (!socket || socket.readyState === WebSocket.CLOSED) return Promise.resolve();
    return new Promise((resolve) => {
      const deadline = this.options.clock.after(this.options.limits.closeTimeoutMs, () => socket.terminate());
      socket.once('close', () => {
        deadline.cancel();
        resolve();
      });
      socket.close();
    });
  }

  /** Breaks the connection for a reason of ours; reconnects after the usual wait. */
  breakOff(spec: ErrorSpec): void {
    this.breaking = spec;
    this.socket?.terminate();
  }

  /** The connection has proved itself: the next loss starts with the shortest wait again. */
  settled(): void {
    this.attempts = 0;
  }

  /** False when there is no open connection or the PBX does not read what we write. */
  write(frame: string): boolean {
    const { socket } = this;
    if (socket?.readyState !== WebSocket.OPEN) return false;
    if (socket.bufferedAmount > this.options.limits.writeBytesMax) return false;
    this.cork(socket);
    socket.send(frame);
    return true;
  }

  /** Requests of one turn leave together: one system call instead of one for each. */
  private cork(socket: WebSocket): void {
    const wire = this.wires.get(socket);
    if (!wire || wire.writableCorked > 0) return;
    wire.cork();
    process.nextTick(() => wire.uncork());
  }

  private connect(): void {
    const { url, app, authorization, limits, tls, clock, mayConnect } = this.options;
    if (mayConnect && !mayConnect(this.heardAtMs)) {
      this.timer = clock.after(mayConnectEveryMs, () => this.connect());
      return;
    }
    const target = new URL(`${url.pathname.replace(/\/+$/, '')}/events`, url);
    target.searchParams.set('app', app);
    this.breaking = undefined;
    const socket = new WebSocket(target, {
      headers: { authorization },
      perMessageDeflate: false,
      maxPayload: limits.frameBytesHardMax,
      // A caller's name in a foreign encoding must not cost us the link; such bytes become U+FFFD.
      skipUTF8Validation: true,
      ...tls,
    });
    this.socket = socket;
    this.timer = clock.after(limits.connectTimeoutMs, () => this.breakOff(ariErrors.connect_failed));
    socket.once('upgrade', (response) => this.wires.set(socket, response.socket));
    socket.on('open', () => this.opened(socket));
    socket.on('message', (data) => {
      this.heardSincePing = true;
      if (this.socket === socket) this.options.onFrame(bufferOf(data));
    });
    socket.on('pong', () => {
      this.heardSincePing = true;
    });
    socket.on('unexpected-response', (_request, response) => {
      const { statusCode } = response;
      this.breaking ??= statusCode === 401 || statusCode === 403 ? ariErrors.auth_failed : ariErrors.connect_failed;
      this.options.log.warn({ app, status: statusCode }, 'the PBX refused the event socket');
      response.resume();
      socket.terminate();
    });
    // ws tells of every failure by `error` and then `close`; the close does the work.
    socket.on('error', (error) => this.options.log.debug({ app, error: errorText(error) }, 'event socket error'));
    socket.once('close', () => this.closed(socket));
  }

  private opened(socket: WebSocket): void {
    if (this.socket !== socket) return socket.terminate();
    this.timer?.cancel();
    this.heardSincePing = true;
    this.ping(socket);
    this.options.onOpen();
  }

  /** Each ping asks whether anything was heard since the one before; a dead peer is noticed within two intervals. */
  private ping(socket: WebSocket): void {
    if (this.socket !== socket || socket.readyState !== WebSocket.OPEN) return;
    if (!this.heardSincePing) return this.breakOff(ariErrors.half_open);
    this.heardSincePing = false;
    this.heardAtMs = this.options.clock.nowMs();
    socket.ping();
    this.timer = this.options.clock.after(this.options.limits.pingIntervalMs, () => this.ping(socket));
  }

  private closed(socket: WebSocket): void {
    if (this.socket !== socket) return;
    this.socket = undefined;
    this.timer?.cancel();
    const { clock, limits, rng } = this.options;
    const waitMs = backoffMs(this.attempts, limits.reconnect, rng);
    this.attempts += 1;
    this.timer = clock.after(waitMs, () => this.connect());
    this.options.onLost(this.breaking ?? ariErrors.connect_failed);
  }
}
