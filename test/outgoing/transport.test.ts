import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { lookup } from 'node:dns';
import { crmErrors } from '../../src/crm/errors.ts';
import { httpTransport, type TransportOptions } from '../../src/outgoing/index.ts';

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
  const transport = httpTransport({ errors: crmErrors, allow: ['127.0.0.0/8'], ...limits });
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

describe('the fence', () => {
  const limits = { responseBytesMax: 1_000, requestTimeoutMs: 2_000, connectionsMax: 2 };

  /** A request to `url`; counts how many connections a server on loopback saw. */
  async function attempt(urlOf: (port: number) => string, options: Partial<TransportOptions>) {
    let connections = 0;
    const server = createServer((_request, response) => response.end('inside')).on('connection', () => {
      connections += 1;
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const own = options.own?.map(({ host }) => ({ host, port }));
    const transport = httpTransport({ errors: crmErrors, allow: [], ...limits, ...options, ...(own ? { own } : {}) });
    closers.push(async () => {
      await transport.close();
      server.closeAllConnections();
      server.close();
    });
    const request = { method: 'GET' as const, url: urlOf(port), headers: {} };
    const outcome = await transport.send(request, new AbortController().signal).then(
      ({ body }) => body,
      (error: { code?: string }) => error.code,
    );
    return { outcome, connections, transport, request };
  }
  const refused = { outcome: 'crm.address_refused', connections: 0 };

  it.each([
    ['decimal', '2130706433'],
    ['octal', '0177.0.0.1'],
    ['hexadecimal', '0x7f.1'],
    ['short', '127.1'],
    ['by name', 'localhost'],
    ['IPv6', '[::1]'],
    ['IPv4 in IPv6', '[::ffff:127.0.0.1]'],
    ['IPv4 in IPv6, in hex', '[::ffff:7f00:1]'],
    ['metadata', '169.254.169.254'],
    ['metadata as one number', '2852039166'],
    ['full-width digits', '１２７.0.0.1'],
  ])('refuses a host that is %s', async (_how, host) => {
    expect(await attempt((port) => `http://${host}:${port}/`, {})).toMatchObject(refused);
  });

  /** A name server that gives one answer after another, as in DNS rebinding. */
  const answering = (...answers: readonly (readonly string[])[]): typeof lookup => {
    let asked = 0;
    const ask = (_host: string, _options: object, callback: (error: null, found: object[]) => void): void => {
      const addresses = answers[Math.min(asked, answers.length - 1)] ?? [];
      asked += 1;
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
    };
    return ask as unknown as typeof lookup;
  };

  it.each([
    ['leads inside', ['127.0.0.1']],
    ['leads inside in disguise', ['::ffff:127.0.0.1']],
    ['has a good and a bad address', ['127.0.0.1', '93.184.216.34']],
    ['leads to metadata', ['fd00:ec2::254']],
    ['leads nowhere', []],
  ])('refuses a name that %s', async (_how, addresses) => {
    const found = await attempt((port) => `http://crm.example:${port}/`, { resolve: answering(addresses) });
    expect(found).toMatchObject(refused);
  });

  it('checks again when a name has changed its mind', async () => {
    const resolve = answering(['127.0.0.1'], ['169.254.169.254']);
    const first = await attempt((port) => `http://crm.example:${port}/`, { resolve, allow: ['127.0.0.1'] });
    expect(first.outcome).toBe('inside');
    const second = httpTransport({ errors: crmErrors, allow: ['127.0.0.1'], ...limits, resolve });
    closers.push(() => second.close());
    await expect(second.send(first.request, new AbortController().signal)).rejects.toMatchObject({
      code: 'crm.address_refused',
    });
  });

  it.each(['127.0.0.1', 'localhost', '0x7f.1'])(
    'never reaches our own parts, not even where %s is allowed',
    async (host) => {
      const allow = ['127.0.0.0/8', '::1'];
      const own = [{ host: 'localhost', port: 0 }];
      expect(await attempt((port) => `http://${host}:${port}/`, { allow, own })).toMatchObject(refused);
      expect((await attempt((port) => `http://127.0.0.1:${port}/`, { allow })).outcome).toBe('inside');
    },
  );

  it.each(['ftp:', 'file:', 'gopher:', 'unix:'])('knows no %s', async (protocol) => {
    expect((await attempt(() => `${protocol}//127.0.0.1/x`, {})).outcome).toBe('crm.request_invalid');
  });
});
