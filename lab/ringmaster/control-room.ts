import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { EventData, EventType } from '../../src/events/catalogue/index.ts';
import { labError } from '../errors.ts';

/** One event as the stream delivered it. */
export type SeenEvent = {
  readonly [Type in EventType]: {
    readonly type: Type;
    readonly id: string;
    readonly sequence: number;
    readonly epoch: string;
    readonly subject: string;
    readonly time: string;
    readonly reconciled?: boolean;
    readonly callseq?: number;
    readonly data: EventData<Type>;
    /** When it reached us, `performance.now()`. */
    readonly seenAtMs: number;
  };
}[EventType];

export type SeenEventOf<Type extends EventType> = Extract<SeenEvent, { type: Type }>;

type Watcher = { readonly look: (event: SeenEvent) => boolean; readonly resolve: (event: SeenEvent) => void };

/** Somebody at the front door: asks by the API, watches by the event stream, remembers all that was seen. */
export class ControlRoom implements AsyncDisposable {
  readonly url: string;
  readonly events: SeenEvent[] = [];
  /** Called with each event as it comes. */
  onEvent: (event: SeenEvent) => void = () => undefined;
  private readonly key: string;
  private readonly types: readonly EventType[] | undefined;
  private socket: WebSocket | undefined;
  private readonly watchers = new Set<Watcher>();

  private constructor(url: string, key: string, types: readonly EventType[] | undefined) {
    this.url = url;
    this.key = key;
    this.types = types;
  }

  /** Connects and subscribes to everything, or to some types; events from now on. */
  static async open(url: string, key: string, types?: readonly EventType[]): Promise<ControlRoom> {
    const room = new ControlRoom(url, key, types);
    await room.connect();
    return room;
  }

  /** Also after the server was started again at the same address; what happened meanwhile is not told. */
  async connect(): Promise<void> {
    this.socket?.terminate();
    const { types } = this;
    const socket = new WebSocket(`${this.url.replace(/^http/, 'ws')}/v1/events`, 'cti.v1', {
      headers: { authorization: `Bearer ${this.key}` },
    });
    this.socket = socket;
    socket.on('message', (data: Buffer) => this.receive(data.toString()));
    socket.on('error', () => undefined);
    await once(socket, 'open');
    const subscribed = new Promise<void>((resolve) => {
      const look = (data: Buffer): void => {
        if (!data.toString().startsWith('{"type":"subscribed"')) return;
        socket.off('message', look);
        resolve();
      };
      socket.on('message', look);
    });
    socket.send(
      JSON.stringify({ type: 'subscribe', id: 'room', snapshot: false, ...(types ? { filter: { types } } : {}) }),
    );
    await subscribed;
  }

  /** Asks the API; throws with the server's code unless it answers 2xx. */
  async ask<Body = unknown>(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Body> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        ...headers,
        authorization: `Bearer ${this.key}`,
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    if (!response.ok) throw labError('command_failed', `${method} ${path}: ${response.status} ${text.slice(0, 300)}`);
    return (text === '' ? undefined : JSON.parse(text)) as Body;
  }

  signIn(...agentIds: readonly string[]): Promise<unknown> {
    return this.inTurn(agentIds, (id) => this.ask('POST', `/v1/agents/${id}/sign-in`));
  }

  signOut(...agentIds: readonly string[]): Promise<unknown> {
    return this.inTurn(agentIds, (id) => this.ask('POST', `/v1/agents/${id}/sign-out`));
  }

  /** The first event, seen already or within the deadline, that fits. */
  async waitFor<Type extends EventType>(
    type: Type,
    fits: (event: SeenEventOf<Type>) => boolean = () => true,
    deadlineMs = 10_000,
  ): Promise<SeenEventOf<Type>> {
    const look = (event: SeenEvent): boolean => event.type === type && fits(event as SeenEventOf<Type>);
    const seen = this.events.find(look);
    if (seen) return seen as SeenEventOf<Type>;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.watchers.delete(watcher);
        reject(labError('not_ready', `${type} within ${deadlineMs} ms`));
      }, deadlineMs);
      const watcher: Watcher = {
        look,
        resolve: (event) => {
          clearTimeout(timer);
          resolve(event as SeenEventOf<Type>);
        },
      };
      this.watchers.add(watcher);
    });
  }

  /** The id of the call from this number, as soon as it is known. */
  async callFrom(callerNumber: string, deadlineMs?: number): Promise<string> {
    const arrived = await this.waitFor(
      'call.arrived.v1',
      ({ data }) => data.call.callerNumber === callerNumber,
      deadlineMs,
    );
    return arrived.data.call.id;
  }

  ofCall(callId: string): SeenEvent[] {
    return this.events.filter((event) => event.subject === `call/${callId}`);
  }

  async close(): Promise<void> {
    this.socket?.terminate();
    await Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private async inTurn(ids: readonly string[], run: (id: string) => Promise<unknown>): Promise<void> {
    for (const id of ids) await run(id);
  }

  private receive(text: string): void {
    const frame = JSON.parse(text) as { type: string; event?: Omit<SeenEvent, 'seenAtMs'> & { sequence: string } };
    if (frame.type !== 'event' || !frame.event) return;
    const event = { ...frame.event, sequence: Number(frame.event.sequence), seenAtMs: performance.now() } as SeenEvent;
    this.events.push(event);
    this.onEvent(event);
    for (const watcher of this.watchers) {
      if (!watcher.look(event)) continue;
      this.watchers.delete(watcher);
      watcher.resolve(event);
    }
  }
}
