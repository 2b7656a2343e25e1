/**
 * The readers of `bench -- events`, a process of their own. Plain sockets that count bytes, so that the readers cost as
 * little as can be and the same on both sides. Told by messages: connect to a server; say when a number of bytes has
 * come to every client.
 */
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

export interface ConnectOrder {
  readonly kind: 'connect';
  readonly port: number;
  readonly path: string;
  readonly protocol: string;
  /** Text frames to send once connected. */
  readonly frames: readonly string[];
  readonly count: number;
}

export type Order =
  | ConnectOrder
  /** Answered by `received` when all clients together have got so many bytes since the last answer. */
  | { readonly kind: 'expect'; readonly bytes: number };

/** Silence after which the greetings have all come. */
const quietMs = 300;

const clients: Socket[] = [];
let received = 0;
let expected = Number.POSITIVE_INFINITY;

function answerWhenDone(): void {
  if (received < expected) return;
  // What is beyond belongs to nobody and would be a defect of the bench.
  if (received > expected) throw new Error(`${received - expected} bytes too many`);
  received = 0;
  expected = Number.POSITIVE_INFINITY;
  process.send?.({ kind: 'received' });
}

/** A client's text frame: masked, as the protocol asks of clients; a mask of zeros leaves the text as it is. */
function maskedFrame(text: string): Buffer {
  const body = Buffer.from(text);
  const header =
    body.length < 126
      ? Buffer.from([0x81, 0x80 | body.length, 0, 0, 0, 0])
      : Buffer.from([0x81, 0xfe, body.length >> 8, body.length & 255, 0, 0, 0, 0]);
  return Buffer.concat([header, body]);
}

function open({ port, path, protocol, frames }: ConnectOrder): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.setNoDelay(true);
    socket.on('error', reject);
    const key = Buffer.alloc(16, 1).toString('base64');
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n` +
        `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Protocol: ${protocol}\r\n\r\n`,
    );
    socket.once('data', () => {
      socket.on('data', (data) => {
        received += data.length;
        answerWhenDone();
      });
      for (const frame of frames) socket.write(maskedFrame(frame));
      resolve(socket);
    });
  });
}

async function connectAll(order: ConnectOrder): Promise<void> {
  for (let made = 0; made < order.count; made += 50) {
    const some = Array.from({ length: Math.min(50, order.count - made) }, () => open(order));
    clients.push(...(await Promise.all(some)));
  }
  // What greets a new client is not counted: the servers are silent now, so what still comes is the greeting.
  let before = -1;
  while (before !== received) {
    before = received;
    await pause(quietMs);
  }
  received = 0;
  process.send?.({ kind: 'connected' });
}

process.on('message', (order: Order) => {
  if (order.kind === 'connect') void connectAll(order);
  else {
    expected = order.bytes;
    answerWhenDone();
  }
});
process.on('disconnect', () => process.exit(0));
