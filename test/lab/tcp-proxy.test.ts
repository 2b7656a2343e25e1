import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { TcpProxy } from '../../lab/index.ts';

let server: Server;
let proxy: TcpProxy;
const served: Socket[] = [];
const opened: Socket[] = [];

beforeEach(async () => {
  server = createServer((socket) => {
    served.push(socket);
    socket.on('error', () => undefined);
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  proxy = await TcpProxy.open((server.address() as AddressInfo).port);
});

afterEach(async () => {
  for (const socket of opened.splice(0)) socket.destroy();
  await proxy[Symbol.asyncDispose]();
  for (const socket of served.splice(0)) socket.destroy();
  server.close();
});

async function open(): Promise<{ readonly socket: Socket; readonly heard: () => string }> {
  const socket = connect(proxy.address, '127.0.0.1');
  opened.push(socket);
  let text = '';
  socket.on('data', (data: Buffer) => {
    text += data.toString();
  });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return { socket, heard: () => text };
}

async function echoes(text: string): Promise<void> {
  const { socket, heard } = await open();
  socket.write(text);
  await expect.poll(heard).toBe(text);
}

it('passes bytes both ways', async () => {
  await echoes('hello');
  expect(served).toHaveLength(1);
});

it('stalls: no byte passes, nobody is told, also when one side gives up; new connections pass after healing', async () => {
  const old = await open();
  old.socket.write('before');
  await expect.poll(old.heard).toBe('before');
  proxy.stall();
  old.socket.write(' after');
  const held = await open();
  held.socket.write('held');
  proxy.heal();
  await echoes('new');
  expect(old.heard()).toBe('before');
  expect(held.heard()).toBe('');
  old.socket.destroy();
  await echoes('newer');
  expect(served[0]?.readableEnded || served[0]?.destroyed).toBe(false);
});

it('cuts: connections end on both sides and new ones are ended', async () => {
  const old = await open();
  await expect.poll(() => served.length).toBe(1);
  const closed = once(old.socket, 'close');
  const ended = once(served[0] as Socket, 'close');
  proxy.cut();
  await Promise.all([closed, ended]);
  const refused = await open();
  await once(refused.socket, 'close');
  expect(served).toHaveLength(1);
  proxy.heal();
  await echoes('again');
});
