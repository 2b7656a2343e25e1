import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { openSocket, type TransportHandlers } from '../../src/ami/transport.ts';

it('a PBX that does not read: what may wait to be written is bounded, and the rest is refused', async () => {
  const accepted: Socket[] = [];
  const server = createServer((socket) => accepted.push(socket.pause()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  let opened: () => void = () => undefined;
  const isOpen = new Promise<void>((resolve) => (opened = resolve));
  const handlers: TransportHandlers = { opened, data: () => undefined, closed: () => undefined };
  const { port } = server.address() as AddressInfo;
  const limitBytes = 100_000;
  const transport = openSocket({ host: '127.0.0.1', port, writeBufferBytesMax: limitBytes }, handlers);
  try {
    await isOpen;
    const text = 'x'.repeat(10_000);
    // Within one turn nothing is written out beyond what the kernel takes at once.
    let taken = 0;
    while (taken < 10_000 && transport.write(text)) taken += 1;
    expect(taken).toBeLessThan(10_000);
    expect(transport.write(text)).toBe(false);
    expect(transport.write('')).toBe(true);
  } finally {
    transport.close();
    for (const socket of accepted) socket.destroy();
    server.close();
  }
});
