import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { bufferOf } from '../../src/ari/frame.ts';

const INFO = JSON.stringify({
  system: { version: '22.10.1', entity_id: 'x' },
  status: { startup_time: 't', last_reload_time: 't' },
});

export interface FakePbx extends AsyncDisposable {
  readonly url: string;
  /** Upgrades seen: URL and Authorization header. */
  readonly upgrades: { readonly url: string; readonly authorization: string | undefined }[];
  readonly httpRequests: string[];
  /** URIs asked over the socket. */
  readonly wsRequests: string[];
  /** The newest event socket. */
  socket(): WebSocket;
  emit(event: unknown): void;
}

export interface FakePbxOptions {
  /** An Asterisk before 22.4 reads frames and says nothing. */
  readonly restOverWs?: boolean;
  readonly httpStatus?: number;
  readonly upgradeStatus?: number;
  readonly autoPong?: boolean;
}

/** A PBX that is all edge: it answers every request with its own information and says what a test tells it to. */
export async function startFakePbx(options: FakePbxOptions = {}): Promise<FakePbx> {
  const upgrades: { url: string; authorization: string | undefined }[] = [];
  const httpRequests: string[] = [];
  const wsRequests: string[] = [];
  const sockets: WebSocket[] = [];
  const server = createServer((request, response) => {
    httpRequests.push(`${request.method} ${request.url}`);
    response.writeHead(options.httpStatus ?? 200, { 'content-type': 'application/json' }).end(INFO);
  });
  const wss = new WebSocketServer({ noServer: true, autoPong: options.autoPong ?? true });
  server.on('upgrade', (request: IncomingMessage, socket, head) => {
    upgrades.push({ url: request.url ?? '', authorization: request.headers.authorization });
    if (options.upgradeStatus) return socket.end(`HTTP/1.1 ${options.upgradeStatus} No\r\n\r\n`);
    wss.handleUpgrade(request, socket, head, (client) => {
      sockets.push(client);
      client.on('message', (data) => {
        const frame = JSON.parse(bufferOf(data).toString()) as { request_id: string; uri: string };
        wsRequests.push(frame.uri);
        if (options.restOverWs === false) return;
        const answer = { type: 'RESTResponse', request_id: frame.request_id, status_code: 200, message_body: INFO };
        client.send(JSON.stringify(answer));
      });
    });
  });
  await listen(server);
  const socket = (): WebSocket => {
    const newest = sockets.at(-1);
    if (!newest) throw new Error('nobody is connected');
    return newest;
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/ari`,
    upgrades,
    httpRequests,
    wsRequests,
    socket,
    emit: (event) => socket().send(typeof event === 'string' || Buffer.isBuffer(event) ? event : JSON.stringify(event)),
    [Symbol.asyncDispose]: async () => {
      for (const client of sockets) client.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const listen = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
