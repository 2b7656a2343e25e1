import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { buildApi, createHttpServer, openWaitingRoom } from '../../src/http/index.ts';
import { depsFor } from './support.ts';

/** Sends bytes as they are and gives all that comes back until the server closes. */
async function exchange(url: string, bytes: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port) });
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  socket.on('error', () => socket.destroy());
  socket.write(bytes);
  await once(socket, 'close');
  return text;
}

describe('the server', () => {
  it('listens on loopback, answers, and is gone after close', async () => {
    const upgraded: unknown[] = [];
    const server = await createHttpServer({ ...depsFor({}).deps, attachUpgrade: (http) => upgraded.push(http) });
    expect(server.address()).toBeUndefined();
    await server.listen();
    const url = server.address() ?? '';
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(upgraded).toHaveLength(1);
    expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ ok: true });
    await server.close();
    await expect(fetch(`${url}/healthz`)).rejects.toThrow('fetch failed');
  });

  it('says what to do when it cannot have the address', async () => {
    const first = await createHttpServer(depsFor({}).deps);
    await first.listen();
    const port = Number(new URL(first.address() ?? '').port);
    const { deps } = depsFor({ settings: { port } });
    const second = await createHttpServer(deps);
    const refused = { code: 'http.cannot_listen', mend: expect.stringContaining('server.port') as string };
    await expect(second.listen()).rejects.toMatchObject(refused);
    await expect(openWaitingRoom(deps.settings, deps.readiness)).rejects.toMatchObject(refused);
    await first.close();
  });

  it.each([
    ['no HTTP at all', '\u0000\u0001garbage\r\n\r\n', /^HTTP\/1\.1 400 .*http\.bad_body/s],
    [
      'headers without end',
      `GET /healthz HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`,
      /^HTTP\/1\.1 431 .*http\.headers_too_large/s,
    ],
    [
      'two lengths',
      'POST /v1/calls/c/hold HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
      /^HTTP\/1\.1 400 /,
    ],
  ])('refuses %s', async (_what, bytes, answer) => {
    const server = await createHttpServer(depsFor({}).deps);
    await server.listen();
    expect(await exchange(server.address() ?? '', bytes)).toMatch(answer);
    await server.close();
  });

  it.each(['h2c', 'TLS/1.0', 'h2c, TLS/1.2'])('answers a request that offers %s as if it did not', async (offer) => {
    const server = await createHttpServer({
      ...depsFor({}).deps,
      attachUpgrade: (http) => http.on('upgrade', () => {}),
    });
    await server.listen();
    const offering = `GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: ${offer}\r\n\r\n`;
    expect(await exchange(server.address() ?? '', offering)).toMatch(/^HTTP\/1\.1 200 .*"ok":true/s);
    await server.close();
  });

  it('does nothing for anybody while another instance takes over, and says that it is alive', async () => {
    const api = await buildApi({ ...depsFor({}).deps, isLeaving: () => true });
    const statusOf = async (url: string) => (await api.inject(url)).statusCode;
    expect(await statusOf('/healthz')).toBe(200);
    for (const url of ['/readyz', '/v1/openapi.json', '/v1/calls', '/nothing']) expect(await statusOf(url)).toBe(503);
    expect((await api.inject('/readyz')).json()).toMatchObject({ error: { code: 'http.leaving' } });
    await api.close();
  });

  it('does not wait for a request that never ends', async () => {
    const server = await createHttpServer(depsFor({ settings: { requestTimeoutMs: 100 } }).deps);
    await server.listen();
    expect(await exchange(server.address() ?? '', 'POST /v1/calls/c/hold HTTP/1.1\r\nHost: x\r\n')).toMatch(
      /^HTTP\/1\.1 408 .*http\.timeout/s,
    );
    await server.close();
  });
});
