import type { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import { Outbox } from './outbox.ts';
import { closeCodes, textFrame } from './protocol.ts';
import { Session } from './session.ts';
import type { SessionContext, SessionLink } from './session-context.ts';

/**
 * One client. `ws` does the handshake, reads frames and closes; what we send goes to its socket as ready-made frames,
 * which is safe because `ws` writes only whole frames of its own (no compression, no fragments).
 */
export class Connection implements SessionLink {
  readonly session: Session;
  private readonly ws: WebSocket;
  private readonly context: SessionContext;
  private readonly outbox: Outbox;
  private readonly touched: (connection: Connection) => void;
  private alive = true;

  /** `touched` is told before a send, so that the publisher can let go of held writes at the end of its turn. */
  constructor(ws: WebSocket, socket: Duplex, context: SessionContext, touched: (connection: Connection) => void) {
    this.ws = ws;
    this.context = context;
    this.touched = touched;
    const { queueMessagesMax: messagesMax, queueBytesMax: bytesMax } = context.limits;
    this.outbox = new Outbox(socket, { messagesMax, bytesMax }, () => this.session.resumePulling());
    this.session = new Session(context, this);
    ws.on('message', (data, isBinary) => this.read(data, isBinary));
    ws.on('pong', () => {
      this.alive = true;
    });
    ws.on('error', () => {
      // ws has counted it as a protocol error and closes by itself.
      context.counts.badFrames += 1;
    });
  }

  get idle(): boolean {
    return this.ws.readyState === this.ws.OPEN && this.outbox.idle;
  }

  sendText(text: string): void {
    this.sendFrame(textFrame(text), undefined);
  }

  sendFrame(frame: Buffer, coalesceKey: string | undefined): void {
    if (this.ws.readyState !== this.ws.OPEN) return;
    this.touched(this);
    if (this.outbox.send(frame, coalesceKey)) return;
    this.context.counts.slowReaders += 1;
    this.close(closeCodes.slowReader, 'too slow; resume from your last sequence');
  }

  hold(): void {
    this.outbox.hold();
  }

  release(): void {
    this.outbox.release();
  }

  close(code: number, reason: string): void {
    this.end();
    this.ws.close(code, reason);
  }

  terminate(): void {
    this.end();
    this.ws.terminate();
  }

  /** Events that a newer one has taken the place of before the socket took them. */
  get coalesced(): number {
    return this.outbox.coalesced;
  }

  /** Asks for a sign of life; false when the last question was not answered. */
  ping(): boolean {
    if (!this.alive) return false;
    this.alive = false;
    if (this.ws.readyState === this.ws.OPEN) this.ws.ping();
    return true;
  }

  /** Lets go of everything; the socket may live on for the closing handshake. */
  end(): void {
    this.context.counts.coalesced += this.outbox.coalesced;
    this.outbox.coalesced = 0;
    this.outbox.clear();
    this.session.end();
  }

  private read(data: RawData, isBinary: boolean): void {
    this.alive = true;
    if (isBinary) this.session.receiveBinary();
    else this.session.receive((data as Buffer).toString());
  }
}
