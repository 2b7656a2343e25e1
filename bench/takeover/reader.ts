import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';

interface Told {
  readonly type: string;
  readonly sequence: number;
  readonly seenAtMs: number;
  readonly data: Readonly<Record<string, unknown>>;
}

/**
 * A reader of all events that comes back whenever its connection ends, to the next of the addresses. `resuming` goes on
 * after the last event that it has seen; `durable` is a consumer whose place the server keeps, and acknowledges each.
 */
export class Reader implements Disposable {
  readonly sequences = new Set<number>();
  readonly told: Told[] = [];
  /** Events that came again: to a resuming reader never, to a durable one only what it had not acknowledged. */
  twice = 0;
  connections = 0;
  /** Times that the server said it cannot replay, as over an announced gap, and offered a snapshot instead. */
  notRecovered = 0;
  /** What a snapshot would have covered then: after the first number, up to the second. */
  private readonly covered: (readonly [number, number])[] = [];
  /** Everything after this is expected. */
  from: number | undefined;
  readonly kind: 'resuming' | 'durable';
  private readonly urls: readonly string[];
  private readonly key: string;
  private epoch = '';
  private last = 0;
  private socket: WebSocket | undefined;
  private ended = false;

  constructor(kind: 'resuming' | 'durable', urls: readonly string[], key: string) {
    this.kind = kind;
    this.urls = urls;
    this.key = key;
    void this.keepReading();
  }

  get position(): number {
    return this.last;
  }

  /** Whether an event of the log should have come to this reader. */
  expects(sequence: number): boolean {
    if (this.from === undefined || sequence <= this.from) return false;
    return !this.covered.some(([after, upTo]) => sequence > after && sequence <= upTo);
  }

  /** When an event that fits was seen first, by the monotonic clock. */
  seenAtMs(type: string, fits: (data: Told['data']) => boolean, sinceMs: number): number | undefined {
    return this.told.find((event) => event.type === type && event.seenAtMs >= sinceMs && fits(event.data))?.seenAtMs;
  }

  [Symbol.dispose](): void {
    this.ended = true;
    this.socket?.terminate();
  }

  private async keepReading(): Promise<void> {
    for (let attempt = 0; !this.ended; attempt += 1) {
      await this.readOnce(this.urls[attempt % this.urls.length] ?? '');
      if (!this.ended) await sleep(100);
    }
  }

  private readOnce(url: string): Promise<void> {
    const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/v1/events`, 'cti.v1', {
      headers: { authorization: `Bearer ${this.key}` },
      handshakeTimeout: 2_000,
    });
    this.socket = socket;
    socket.on('open', () => this.subscribe(socket));
    socket.on('message', (data: Buffer) => this.receive(socket, data.toString()));
    socket.on('error', () => undefined);
    return new Promise((resolve) => socket.once('close', () => resolve()));
  }

  private subscribe(socket: WebSocket): void {
    const resume = this.from === undefined ? {} : { resume: { epoch: this.epoch, sequence: this.last } };
    const how = this.kind === 'durable' ? { consumer: 'takeover' } : resume;
    socket.send(JSON.stringify({ type: 'subscribe', id: 'all', snapshot: false, ...how }));
  }

  private receive(socket: WebSocket, text: string): void {
    const frame = JSON.parse(text) as {
      type: string;
      epoch?: string;
      sequence?: number;
      recovered?: boolean;
      event?: { type: string; sequence: string; data: Told['data'] };
    };
    if (frame.type === 'subscribed') return this.subscribed(frame);
    if (frame.type === 'error') return socket.terminate();
    if (frame.type !== 'event' || !frame.event) return;
    const sequence = Number(frame.event.sequence);
    if (this.sequences.has(sequence)) this.twice += 1;
    this.sequences.add(sequence);
    this.last = Math.max(this.last, sequence);
    // Of the call events only the fact that they came is of interest.
    const { type, data } = frame.event;
    if (!type.startsWith('call.')) this.told.push({ type, data, sequence, seenAtMs: performance.now() });
    if (this.kind === 'durable') socket.send(JSON.stringify({ type: 'ack', id: 'all', sequence }));
  }

  private subscribed({
    epoch = '',
    sequence = 0,
    recovered,
  }: {
    epoch?: string;
    sequence?: number;
    recovered?: boolean;
  }): void {
    this.connections += 1;
    this.epoch = epoch;
    if (recovered === false && this.kind === 'resuming') {
      this.notRecovered += 1;
      this.covered.push([this.last, sequence]);
      this.last = Math.max(this.last, sequence);
    }
    if (this.from !== undefined) return;
    this.from = sequence;
    this.last = sequence;
  }
}
