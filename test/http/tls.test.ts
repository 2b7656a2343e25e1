import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type ConnectionOptions } from 'node:tls';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { createHttpServer, type HttpServer, type HttpSettings } from '../../src/http/index.ts';
import { certificate } from './certificate.ts';
import { depsFor } from './support.ts';

const dir = mkdtempSync(join(tmpdir(), 'ringmaster-tls-'));
const files = { cert: join(dir, 'cert.pem'), key: join(dir, 'key.pem') };
let server: HttpServer;
let made: ReturnType<typeof certificate>;

function renew(): void {
  made = certificate();
  writeFileSync(files.cert, made.cert);
  writeFileSync(files.key, made.key);
}

async function start(settings: Partial<HttpSettings> = {}, prepare = renew): Promise<number> {
  prepare();
  server = await createHttpServer(
    depsFor({ settings: { tls: { ...files, minVersion: 'TLSv1.2' }, ...settings } }).deps,
  );
  await server.listen();
  const url = new URL(server.address() ?? '');
  expect(url.protocol).toBe('https:');
  return Number(url.port);
}

/** The certificate and protocol that a handshake comes to; rejects when it fails. */
async function handshake(port: number, options: ConnectionOptions = {}) {
  const socket = connect({ host: '127.0.0.1', port, ca: made.cert, ...options });
  await once(socket, 'secureConnect');
  const found = { fingerprint: socket.getPeerCertificate().fingerprint256, protocol: socket.getProtocol() };
  socket.destroy();
  return found;
}

afterEach(async () => {
  await server.close();
});
afterAll(() => rmSync(dir, { recursive: true }));

describe('the API over TLS', () => {
  it('answers with the certificate of the config, and tells browsers to stay with it', async () => {
    const port = await start();
    const [response] = await once(
      get({ host: '127.0.0.1', port, path: '/healthz', ca: made.cert, agent: false }),
      'response',
    );
    response.resume();
    expect(response.statusCode).toBe(200);
    expect(response.headers['strict-transport-security']).toBe('max-age=31536000');
  });

  it('speaks no older protocol than the config says', async () => {
    const port = await start({ tls: { ...files, minVersion: 'TLSv1.3' } });
    expect((await handshake(port)).protocol).toBe('TLSv1.3');
    await expect(handshake(port, { maxVersion: 'TLSv1.2' })).rejects.toThrow(/protocol/);
  });

  it('takes a new certificate without a restart, and keeps the old one when the new is unusable', async () => {
    const port = await start();
    const first = await handshake(port);
    renew();
    server.reloadCertificate();
    const second = await handshake(port);
    expect(second.fingerprint).not.toBe(first.fingerprint);
    writeFileSync(files.cert, 'not a certificate');
    expect(() => server.reloadCertificate()).toThrow(/cannot be used: .*PEM/);
    expect((await handshake(port)).fingerprint).toBe(second.fingerprint);
  });

  it.each([
    ['is not there', (): void => rmSync(files.cert)],
    ['is none', (): void => writeFileSync(files.cert, 'not a certificate')],
  ])('does not start with a certificate that %s, and says what to do', async (_what, spoil) => {
    const port = await start();
    spoil();
    await expect(start({}, () => {})).rejects.toMatchObject({
      code: 'http.certificate_unusable',
      mend: expect.stringContaining('server.tls') as string,
    });
    expect((await handshake(port)).protocol).toBe('TLSv1.3');
  });

  it('does not answer in the clear', async () => {
    const port = await start();
    await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow('fetch failed');
  });
});
