import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { httpTransport } from '../../../../src/crm/adapters/http/transport.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

/** A server that answers as told, and a transport with a tight size limit towards it. */
async function serve(listener: RequestListener, requestTimeoutMs = 10_000) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const limits = { responseBytesMax: 1_000, requestTimeoutMs, connectionsMax: 2 };
  const transport = httpTransport({ allow: ['127.0.0.0/8'], ...limits });
  closers.push(async () => {
    await transport.close();
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return (signal = new AbortController().signal) => transport.send({ method: 'GET', url, headers: {} }, signal);
}

describe('the HTTP transport', () => {
  it('gives a redirect back as it is and does not follow it', async () => {
    let requests = 0;
    const send = await serve((_request, response) => {
      requests += 1;
      response.writeHead(302, { location: 'http://169.254.169.254/' }).end('moved');
    });
    expect(await send()).toEqual({ status: 302, body: 'moved' });
    expect(requests).toBe(1);
  });

  it.each([
    ['with its length', (body: Buffer) => ({ 'content-length': body.length })],
    ['in chunks', () => ({})],
  ])('stops reading an answer that is too big %s', async (_way, headers) => {
    const body = Buffer.alloc(100_000, 'x');
    const send = await serve((_request, response) => response.writeHead(200, headers(body)).end(body));
    await expect(send()).rejects.toMatchObject({ code: 'crm.answer_too_big' });
  });

  it('does not wait for an answer that drips', async () => {
    const send = await serve((_request, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(drip));
    }, 150);
    await expect(send()).rejects.toMatchObject({ code: 'crm.timeout' });
  });

  it('lets go when the caller does', async () => {
    const send = await serve(() => undefined);
    const caller = new AbortController();
    const answer = send(caller.signal);
    caller.abort();
    await expect(answer).rejects.toMatchObject({ code: 'crm.timeout' });
  });

  it.each(['HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n', '\u0000\u0001garbage\r\n\r\n', ''])(
    'gives a code when %j comes instead of HTTP',
    async (bytes) => {
      const send = await serve((request) => request.socket.end(bytes));
      await expect(send()).rejects.toMatchObject({ code: 'crm.unreachable' });
    },
  );
});
