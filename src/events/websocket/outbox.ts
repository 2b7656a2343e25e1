import type { Duplex } from 'node:stream';

export interface OutboxLimits {
  /** Frames and bytes that may wait beyond what the socket itself has taken. */
  readonly messagesMax: number;
  readonly bytesMax: number;
}

interface Waiting {
  readonly frame: Buffer;
  readonly key: string | undefined;
}

/**
 * What a connection still has to send. Frames are whole WebSocket frames, made once for all readers and written to the
 * socket as they are. As long as the socket takes them they go at once; else they wait here, within limits, and of a
 * coalescing key only the newest waits: the older one is taken out, the newer goes last, so sequences keep rising.
 */
export class Outbox {
  coalesced = 0;
  private readonly socket: Duplex;
  private readonly limits: OutboxLimits;
  private readonly onIdle: () => void;
  private queue: (Waiting | undefined)[] = [];
  private head = 0;
  private messages = 0;
  private bytes = 0;
  private readonly slotOf = new Map<string, number>();
  private corked = false;

  /** `onIdle` runs each time that everything has been handed to the socket after a wait. */
  constructor(socket: Duplex, limits: OutboxLimits, onIdle: () => void) {
    this.socket = socket;
    this.limits = limits;
    this.onIdle = onIdle;
    socket.on('drain', () => this.flush());
  }

  /** True when a frame would go to the socket at once. */
  get idle(): boolean {
    return this.messages === 0 && !this.socket.writableNeedDrain;
  }

  /** Holds the socket's writes together until `release`, for several frames in one turn. */
  hold(): void {
    if (this.corked) return;
    this.corked = true;
    this.socket.cork();
  }

  release(): void {
    if (!this.corked) return;
    this.corked = false;
    this.socket.uncork();
  }

  /** False on overflow: the reader is too slow and the connection must be closed. */
  send(frame: Buffer, coalesceKey?: string): boolean {
    if (this.messages === 0 && !this.socket.writableNeedDrain) {
      this.socket.write(frame);
      return true;
    }
    if (coalesceKey !== undefined) this.removeOlder(coalesceKey);
    if (this.messages >= this.limits.messagesMax || this.bytes + frame.length > this.limits.bytesMax) return false;
    if (coalesceKey !== undefined) this.slotOf.set(coalesceKey, this.queue.length);
    this.queue.push({ frame, key: coalesceKey });
    this.messages += 1;
    this.bytes += frame.length;
    return true;
  }

  /** Forgets what waits. */
  clear(): void {
    this.release();
    this.reset();
  }

  private flush(): void {
    if (this.messages > 0) {
      this.socket.cork();
      while (this.messages > 0 && !this.socket.writableNeedDrain) this.writeNext();
      this.socket.uncork();
    }
    if (this.messages > 0) return;
    this.reset();
    this.onIdle();
  }

  private writeNext(): void {
    const next = this.queue[this.head];
    this.queue[this.head] = undefined;
    this.head += 1;
    if (!next) return;
    this.forget(next);
    this.socket.write(next.frame);
  }

  private removeOlder(key: string): void {
    const slot = this.slotOf.get(key);
    const older = slot === undefined ? undefined : this.queue[slot];
    if (slot === undefined || !older) return;
    this.queue[slot] = undefined;
    this.forget(older);
    this.coalesced += 1;
    if (this.queue.length > 4 * this.limits.messagesMax) this.compact();
  }

  private forget({ frame, key }: Waiting): void {
    this.messages -= 1;
    this.bytes -= frame.length;
    if (key !== undefined) this.slotOf.delete(key);
  }

  /** Coalescing leaves holes; a reader that never drains must not make the queue grow by them. */
  private compact(): void {
    this.queue = this.queue.slice(this.head).filter((waiting) => waiting !== undefined);
    this.head = 0;
    this.slotOf.clear();
    this.queue.forEach((waiting, slot) => {
      if (waiting?.key !== undefined) this.slotOf.set(waiting.key, slot);
    });
  }

  private reset(): void {
    this.queue = [];
    this.head = 0;
    this.messages = 0;
    this.bytes = 0;
    this.slotOf.clear();
  }
}
