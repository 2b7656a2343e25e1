import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket } from 'ws';
import {
  attachWebSocket,
  type EventSocketParts,
  type EventSockets,
  type LiveState,
  Snapshots,
} from '../../src/events/index.ts';
import { systemClock } from '../../src/kernel/index.ts';
import type { Identity, Principal } from '../../src/security/index.ts';
import { openLog, silent, type TestLog } from './support.ts';

export const principals: Readonly<Record<string, Principal>> = {
  desk: { id: 'desk', kind: 'integration', scopes: ['events:read'] },
  crm: { id: 'crm', kind: 'integration', scopes: ['events:read', 'events:read:pii'] },
  ann: { id: 'ann', kind: 'agent', agentId: 'ann', scopes: ['events:read'] },
  mute: { id: 'mute', kind: 'integration', scopes: ['calls:read'] },
};

/** A key, or a person whose token is good for as long as the name says: `ann+5000`. */
export function identityOf(token: string, nowMs = Date.now()): Identity | undefined {
  const [name = '', lifeMs] = token.split('+');
  const principal = principals[name];
  if (!principal || lifeMs === undefined) return principal && { principal };
  return { principal, session: { id: `session-${name}`, userId: name, expiresAtMs: nowMs + Number(lifeMs) } };
}

export interface Frame {
  readonly type: string;
  readonly id?: string;
  readonly code?: string;
  readonly sequence?: number;
  readonly recovered?: boolean;
  readonly event?: {
    readonly type: string;
    readonly sequence: string;
    readonly subject: string;
    readonly data: Record<string, unknown>;
  };
  readonly [field: string]: unknown;
}

export interface SocketServer extends TestLog {
  readonly sockets: EventSockets;
  readonly url: string;
  stop(): Promise<void>;
}

const nothingAlive: LiveState = { calls: [], agents: [], queues: [] };

export async function serve(
  test?: TestLog,
  { snapshot = () => nothingAlive, ...parts }: Partial<EventSocketParts> & { snapshot?: () => LiveState } = {},
): Promise<SocketServer> {
  const { log, stream, store } = test ?? (await openLog());
  const server = createServer((_, response) => response.writeHead(404).end());
  const sockets = attachWebSocket(server, '/v1/events', {
    log,
    stream,
    store,
    clock: systemClock,
    logger: silent,
    authenticate: (token) => identityOf(token),
    queuesOf: () => ['support'],
    snapshots: new Snapshots(snapshot, () => log.lastAssigned, parts.clock ?? systemClock),
    allowedOrigins: ['https://desk.example'],
    ...parts,
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const stop = async () => {
    await sockets.stop();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { log, stream, store, sockets, url: `ws://127.0.0.1:${port}/v1/events`, stop };
}

/** A client that keeps every frame it got. */
export class Client {
  readonly frames: Frame[] = [];
  readonly ws: WebSocket;
  closeCode: number | undefined;
  private waiting: (() => void)[] = [];

  constructor(
    url: string,
    options: { headers?: Record<string, string>; protocols?: string[]; autoPong?: boolean } = {},
  ) {
    const { headers = {}, protocols = ['cti.v1'], autoPong = true } = options;
    this.ws = new WebSocket(url, protocols, { headers, autoPong, perMessageDeflate: false });
    this.ws.on('message', (data) => {
      this.frames.push(JSON.parse((data as Buffer).toString()) as Frame);
      this.wake();
    });
    this.ws.on('close', (code) => {
      this.closeCode = code;
      this.wake();
    });
    this.ws.on('error', () => {});
  }

  /** Connected, authenticated, greeted. */
  static async as(name: string, url: string): Promise<Client> {
    const client = new Client(url);
    await client.opened();
    client.send({ type: 'auth', token: name });
    await client.next('hello');
    return client;
  }

  opened(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.ws.once('open', resolve);
      this.ws.once('error', reject);
    });
  }

  send(frame: object): void {
    this.ws.send(JSON.stringify(frame));
  }

  async until(done: () => boolean): Promise<void> {
    while (!done()) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  /** The first frame of the type (and id), now or as soon as it comes. */
  async next(type: string, id?: string): Promise<Frame> {
    const find = () => this.frames.find((frame) => frame.type === type && (id === undefined || frame.id === id));
    await this.until(() => find() !== undefined || this.closeCode !== undefined);
    const found = find();
    if (!found) throw new Error(`closed with ${this.closeCode} before ${type}: ${JSON.stringify(this.frames)}`);
    return found;
  }

  async closed(): Promise<number> {
    await this.until(() => this.closeCode !== undefined);
    return this.closeCode ?? 0;
  }

  /** Sequences of the events of a subscription, in order of arrival. */
  sequences(id = 's'): number[] {
    return this.events(id).map((event) => Number(event.sequence));
  }

  events(id = 's') {
    return this.frames.flatMap((frame) =>
      frame.type === 'event' && frame.id === id && frame.event ? [frame.event] : [],
    );
  }

  async close(): Promise<void> {
    this.ws.close();
    await this.closed();
  }

  private wake(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}
