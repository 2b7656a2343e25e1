import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { becomesTrue } from '../../../lab/index.ts';
import type { AgentViewData, CallViewData } from '../../../src/events/catalogue/index.ts';

export const keySecret = (): string => randomBytes(32).toString('base64url');

/** An event as it came over the wire. */
export interface WireEvent {
  readonly type: string;
  readonly subject: string;
  readonly sequence: string;
  readonly epoch: string;
  readonly callseq?: number;
  readonly reconciled?: boolean;
  readonly data: object;
}

interface SnapshotFrame {
  readonly type: 'snapshot';
  readonly epoch: string;
  readonly sequence: number;
  readonly calls: readonly { readonly call: CallViewData }[];
  readonly agents: readonly AgentViewData[];
}

interface SubscribedFrame {
  readonly type: 'subscribed';
  readonly epoch: string;
  readonly sequence: number;
  readonly recovered?: boolean;
}

interface Subscribe {
  readonly consumer?: string;
  readonly resume?: { readonly epoch: string; readonly sequence: number };
}

type Frame = SnapshotFrame | SubscribedFrame | { readonly type: 'event'; readonly event: WireEvent };
type FrameOf<Type extends Frame['type']> = Extract<Frame, { type: Type }>;

/** One subscription of one key, with every frame that came as it came. */
export class StreamReader implements AsyncDisposable {
  readonly texts: string[] = [];
  readonly frames: Frame[] = [];
  private readonly socket: WebSocket;
  private closeCode: number | undefined;

  private constructor(socket: WebSocket, acks: boolean) {
    this.socket = socket;
    socket.on('message', (data: Buffer) => {
      const text = data.toString();
      const frame = JSON.parse(text) as Frame;
      this.texts.push(text);
      this.frames.push(frame);
      if (acks && frame.type === 'event') this.send({ type: 'ack', id: 'reader', sequence: frame.event.sequence });
    });
    socket.on('error', () => undefined);
    socket.on('close', (code) => {
      this.closeCode = code;
    });
  }

  /** Connects and subscribes; rejects when the server refuses the key. A durable consumer acknowledges what it reads. */
  static async open(url: string, key: string, subscribe: Subscribe = {}): Promise<StreamReader> {
    const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/v1/events`, 'cti.v1', {
      headers: { authorization: `Bearer ${key}` },
    });
    const reader = new StreamReader(socket, subscribe.consumer !== undefined);
    await once(socket, 'open');
    reader.send({ type: 'subscribe', id: 'reader', ...subscribe });
    await reader.frame('subscribed');
    return reader;
  }

  async frame<Type extends Frame['type']>(type: Type): Promise<FrameOf<Type>> {
    const find = () => this.frames.find((frame): frame is FrameOf<Type> => frame.type === type);
    await becomesTrue(() => find() !== undefined || this.closeCode !== undefined, 5_000);
    const found = find();
    if (!found)
      throw new Error(`no ${type}, closed with ${this.closeCode ?? 'nothing'}: ${this.texts.join(' ').slice(0, 500)}`);
    return found;
  }

  get events(): readonly WireEvent[] {
    return this.frames.flatMap((frame) => (frame.type === 'event' ? [frame.event] : []));
  }

  async event(type: string): Promise<WireEvent> {
    const find = () => this.events.find((event) => event.type === type);
    await becomesTrue(() => find() !== undefined, 10_000);
    const found = find();
    if (!found) throw new Error(`no ${type}, but ${this.events.map((event) => event.type).join(', ')}`);
    return found;
  }

  private send(frame: object): void {
    this.socket.send(JSON.stringify(frame));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.terminate();
    await Promise.resolve();
  }
}
