import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { freeTcpPort } from '../../lab/index.ts';
import { Command } from './support/command.ts';

const dir = mkdtempSync(join(tmpdir(), 'ringmaster-e2e-'));

afterAll(() => rmSync(dir, { recursive: true, force: true }));

function writeConfig(name: string, text: string): string {
  const file = join(dir, name);
  writeFileSync(file, text);
  return file;
}

const config = (ports: {
  readonly pbx: number;
  readonly store?: string;
  readonly api?: number;
  readonly queueKey?: string;
}): string => `tenant: acme
insecurePlainSecrets: true
server: { port: ${ports.api ?? 0}, drainMs: 2s }
pbx:
  nodes:
    - { id: pbx1, ari: { url: 'http://127.0.0.1:${ports.pbx}', user: u, password: p } }
store: { url: '${ports.store ?? 'sqlite::memory:'}', deadlineMs: 1s }
numbers:
  - { id: hotline, number: '4001', queue: support, fallback: hangup }
queues:
  - id: support
    overflow: hangup
    ${ports.queueKey ?? 'ringTimeoutMs'}: 20s
`;

describe('a configuration that is wrong', () => {
  it('keeps the server from starting, and the message names file, line, key and the mend', async () => {
    const file = writeConfig('wrong.yaml', config({ pbx: await freeTcpPort(), queueKey: 'ringTimoutMs' }));
    await using server = new Command('--config', file);
    expect(await server.ended()).toBe(2);
    expect(server.stderr).toContain('config.invalid');
    expect(server.stderr).toMatch(/wrong\.yaml:13 {2}queues\[0\]\.ringTimoutMs: .*ringTimeoutMs/);
    expect(server.stdout).toBe('');
  });

  it('that does not exist is exit code 2 too', async () => {
    await using server = new Command('--config', join(dir, 'nowhere.yaml'));
    expect(await server.ended()).toBe(2);
    expect(server.stderr).toContain('config.unreadable');
  });

  it('is found by the check, which says nothing against one that is right', async () => {
    const right = writeConfig('right.yaml', config({ pbx: await freeTcpPort() }));
    await using check = new Command('check', '--config', right);
    expect(await check.ended()).toBe(0);
    expect(check.stdout).toContain('no problems found');
  });
});

describe('an address that somebody else has', () => {
  it('ends the server with the mend, not with a stack', async () => {
    await using holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port: api } = holder.address() as AddressInfo;
    await using server = new Command('--config', writeConfig('taken.yaml', config({ pbx: await freeTcpPort(), api })));
    expect(await server.ended()).toBe(1);
    expect(server.stderr).toMatch(/^ringmaster: http\.cannot_listen: .*EADDRINUSE.*\n.*server\.port/);
    expect(server.stderr).not.toContain('    at ');
  });
});

describe('the command line', () => {
  it.each([['--nonsense'], ['dance'], ['key', 'create'], ['config', 'dance']])('%s is wrong usage', async (...args) => {
    await using command = new Command(...args);
    expect(await command.ended()).toBe(2);
    expect(command.stderr).toContain('--help');
  });

  it('makes a key and its hash, and tells its version', async () => {
    await using key = new Command('key', 'create', '--id', 'crm');
    await using version = new Command('--version');
    expect(await key.ended()).toBe(0);
    expect(key.stdout).toMatch(/key: {2}rmk_crm_\S{20,}\nhash: sha256:[0-9a-f]{64}\n/);
    expect(await version.ended()).toBe(0);
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('told to stop', () => {
  it('while the PBX is away: it ends well', async () => {
    const file = writeConfig('away.yaml', config({ pbx: await freeTcpPort() }));
    await using server = new Command('--config', file);
    await server.says('listening');
    server.signal('SIGTERM');
    expect(await server.ended()).toBe(0);
  });

  it('while it waits for a store that is away, which the API tells: it ends well', async () => {
    const store = `postgres://u@127.0.0.1:${await freeTcpPort()}/none`;
    const api = await freeTcpPort();
    const file = writeConfig('storeless.yaml', config({ pbx: await freeTcpPort(), store, api }));
    await using server = new Command('--config', file);
    await server.says('the API says so meanwhile');
    const [health, ready, agents] = await Promise.all(
      ['/healthz', '/readyz', '/v1/agents'].map((path) => fetch(`http://127.0.0.1:${api}${path}`)),
    );
    expect([health?.status, ready?.status, agents?.status]).toEqual([200, 503, 503]);
    expect(await ready?.json()).toMatchObject({
      ok: false,
      checks: [{ name: 'store', ok: false, code: 'storage.unavailable' }],
    });
    expect(await agents?.json()).toMatchObject({ error: { code: 'http.starting' } });
    server.signal('SIGTERM');
    expect(await server.ended()).toBe(0);
  });
});
