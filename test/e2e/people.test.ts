import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { becomesTrue, freeTcpPort } from '../../lab/index.ts';
import { Command } from './support/command.ts';

const dir = mkdtempSync(join(tmpdir(), 'ringmaster-people-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const file = join(dir, 'ringmaster.yaml');
const store = join(dir, 'r.db');
const password = 'correct horse battery';

async function writeConfig(): Promise<string> {
  const port = await freeTcpPort();
  writeFileSync(
    file,
    `tenant: acme
insecurePlainSecrets: true
server: { port: ${port}, drainMs: 1s }
pbx: { nodes: [{ id: pbx1, ari: { url: 'http://127.0.0.1:${await freeTcpPort()}', user: u, password: p } }] }
store: { url: 'sqlite:${store}' }
auth: { revocationMs: 1s }
audit: { key: ${'k'.repeat(40)}, anchorFile: heads, anchorEveryMs: 1s }
numbers: [{ id: hotline, number: '4001', queue: support, fallback: hangup }]
queues: [{ id: support, overflow: hangup }]
agents: [{ id: li, name: Li, endpoint: PJSIP/1001, queues: [support] }]
`,
  );
  return `http://127.0.0.1:${port}`;
}

async function run(
  stdin: string,
  ...args: readonly string[]
): Promise<{ code: number | null; out: string; err: string }> {
  await using command = new Command(...args, '--config', file).hears(stdin);
  const code = await command.ended();
  return { code, out: command.stdout, err: command.stderr };
}

describe('people', () => {
  it('are added on the command line, sign in, are thrown out beside the running server, and all of it is written down', async () => {
    const url = await writeConfig();
    expect(await run('short\n', 'user', 'add', '--id', 'li', '--roles', 'agent', '--agent', 'li')).toMatchObject({
      code: 1,
      err: expect.stringContaining('auth.password_weak'),
    });
    expect((await run(`${password}\n`, 'user', 'add', '--id', 'li', '--roles', 'agent', '--agent', 'li')).code).toBe(0);
    expect((await run('', 'user', 'list')).out).toMatch(/^li\tagent\tli\tenabled\tli\n/);

    await using server = new Command('--config', file);
    await server.says('listening');
    const ask = (path: string, body?: object, token?: string) =>
      fetch(`${url}${path}`, {
        method: body ? 'POST' : 'GET',
        headers: {
          ...(body ? { 'content-type': 'application/json' } : {}),
          ...(token ? { authorization: `Bearer ${token}` } : {}),
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
    expect((await ask('/v1/auth/login', { user: 'li', password: 'wrong password' })).status).toBe(401);
    const login = await ask('/v1/auth/login', { user: 'li', password });
    expect(login.status).toBe(200);
    const { accessToken } = (await login.json()) as { accessToken: string };
    const me = async () => (await ask('/v1/auth/me', undefined, accessToken)).status;
    expect(await me()).toBe(200);
    expect((await run('', 'user', 'disable', '--id', 'li')).code).toBe(0);
    expect(await becomesTrue(async () => (await me()) === 401, 5_000)).toBe(true);
    server.signal('SIGTERM');
    expect(await server.ended()).toBe(0);

    const log = readFileSync(store, 'latin1') + server.stdout;
    expect(log).not.toContain(password);
    const verified = await run('', 'audit', 'verify');
    expect(verified).toMatchObject({ code: 0, out: expect.stringMatching(/^5 entries .*\nwhole/s) });
    const database = new DatabaseSync(store);
    const actions = database
      .prepare('select action from audit order by sequence')
      .all()
      .map(({ action }) => action);
    expect(actions).toEqual(['user.add', 'server.start', 'auth.login.failed', 'auth.login', 'user.disable']);
    database.exec("update audit set action = 'nothing' where sequence = 2");
    database.close();
    expect(await run('', 'audit', 'verify')).toMatchObject({
      code: 1,
      out: expect.stringContaining('2: changed'),
      err: expect.stringContaining('audit_check.broken'),
    });
  }, 90_000);
});
