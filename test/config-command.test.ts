import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ConfigWish, runConfigCommand } from '../src/config-command.ts';
import { buildApi } from '../src/http/index.ts';
import { bearer, depsFor, keyOf } from './http/support.ts';

const dir = mkdtempSync(join(tmpdir(), 'ringmaster-config-command-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const key = (bearer('ops')['authorization'] ?? '').replace('Bearer ', '');
const env = { RINGMASTER_KEY: key };
let parts: ReturnType<typeof depsFor>;
let api: Awaited<ReturnType<typeof buildApi>>;
let url: string;

beforeEach(async () => {
  parts = depsFor({ keys: [keyOf('ops', ['rules:read', 'rules:write']), keyOf('eyes', ['rules:read'])] });
  api = await buildApi(parts.deps);
  url = await api.listen({ host: '127.0.0.1', port: 0 });
});
afterEach(() => api.close());

async function run(verb: string, part: Partial<ConfigWish> & { env?: Record<string, string>; file?: string } = {}) {
  const { env: own = env, file = join(dir, 'nowhere.yaml'), ...more } = part;
  const wish = { verb, rollout: undefined, keyFile: undefined, url, json: false, ...more };
  let text = '';
  const code = await runConfigCommand(wish, file, { env: own, print: (part) => (text += part) });
  return { code, text };
}

const site = (port: number): string => `tenant: t
insecurePlainSecrets: true
server: { host: 0.0.0.0, port: ${port} }
pbx: { nodes: [{ id: a, ari: { url: 'http://h:8088', user: u, password: p } }] }
numbers: [{ id: hotline, number: '*', queue: support, fallback: hangup }]
queues: [{ id: support, overflow: hangup }]
`;

describe('config reload', () => {
  it('says what is in force, and what needs a restart', async () => {
    const warning = {
      code: 'config.restart_needed',
      message: 'read at the start',
      mend: 'restart',
      keys: ['pbx.nodes', 'store.url'],
    };
    const changed = ['queues', 'agents'];
    parts.rules.reloaded = {
      outcome: 'live',
      version: 'v2',
      changed,
      restartNeeded: ['pbx', 'store'],
      warnings: [warning],
    };
    const { code, text } = await run('reload');
    expect(text).toBe(
      'rules v2 are in force for all that comes; changed: queues, agents\npbx.nodes, store.url: read at the start; restart\n',
    );
    expect(code).toBe(0);
    expect(parts.rules.asked).toEqual([['reload', 'ops', undefined]]);
  });

  it('hands the share on, and says who tries the rules', async () => {
    const rollout = { share: 10, of: 'calls' } as const;
    parts.rules.reloaded = {
      outcome: 'trial',
      version: 'v2',
      rollout,
      changed: ['queues'],
      restartNeeded: [],
      warnings: [],
    };
    expect((await run('reload', { rollout: '10% of calls' })).text).toBe(
      'rules v2 are tried by 10% of calls; changed: queues\n',
    );
    expect(parts.rules.asked).toEqual([['reload', 'ops', '10% of calls']]);
  });

  it('tells every error with line, key and mend: exit code 2', async () => {
    const problem = {
      line: 7,
      key: 'queues[0].requires',
      message: 'there is no skill "zhh"',
      mend: 'Did you mean "zh"?',
    };
    parts.rules.reloaded = { outcome: 'refused', problems: [problem, { ...problem, line: 9 }] };
    const { code, text } = await run('reload');
    expect(text).toContain('line 7 queues[0].requires: there is no skill "zhh". Did you mean "zh"?\nline 9 ');
    expect(text).toContain('http.config_refused');
    expect(code).toBe(2);
  });

  it('refuses a share that is none: exit code 2', async () => {
    expect(await run('reload', { rollout: 'half' })).toMatchObject({ code: 2, text: expect.stringContaining('http.') });
  });

  it('prints the answer as it is with --json', async () => {
    const answer = { outcome: 'unchanged', version: 'v1', changed: [], restartNeeded: [], warnings: [] } as const;
    parts.rules.reloaded = answer;
    expect(JSON.parse((await run('reload', { json: true })).text)).toEqual(answer);
    expect((await run('reload')).text).toBe('rules v1 were in force already\n');
  });
});

describe('config promote and rollback', () => {
  it.each(['promote', 'rollback'])('%s: says which rules are in force', async (verb) => {
    const { code, text } = await run(verb);
    expect(text).toMatch(/^rules \S+ are in force for all that comes\n$/);
    expect(code).toBe(0);
  });

  it.each(['promote', 'rollback'])('%s: exit code 1 when there is nothing to do it with', async (verb) => {
    parts.rules.other = false;
    expect(await run(verb)).toMatchObject({ code: 1, text: expect.stringContaining('http.no_other_rules') });
  });
});

describe('config versions', () => {
  it('lists them with their figures, in columns', async () => {
    const { code, text } = await run('versions');
    const [head = '', ...rows] = text.trimEnd().split('\n');
    expect(head).toMatch(/^version +state +loaded +live +calls +answered +in 20 s +abandoned +mean wait +longest$/);
    expect(rows.length).toBeGreaterThan(0);
    expect(code).toBe(0);
  });
});

describe('who may, and where', () => {
  it('finds the server by its file, and the key in a file', async () => {
    const file = join(dir, 'right.yaml');
    writeFileSync(file, site(Number(new URL(url).port)));
    const keyFile = join(dir, 'key');
    writeFileSync(keyFile, `${key}\n`);
    expect(await run('versions', { url: undefined, file, keyFile, env: {} })).toMatchObject({ code: 0 });
  });

  it('a key without the scope is refused: exit code 1', async () => {
    const eyes = { RINGMASTER_KEY: (bearer('eyes')['authorization'] ?? '').replace('Bearer ', '') };
    expect(await run('reload', { env: eyes })).toMatchObject({ code: 1, text: expect.stringContaining('http.') });
    expect(await run('versions', { env: eyes })).toMatchObject({ code: 0 });
  });

  it.each([
    ['config_command.usage', 'dance', {}],
    ['config_command.usage', 'promote', { rollout: '10%' }],
    ['config_command.key_missing', 'reload', { env: {} }],
    ['config_command.key_unreadable', 'reload', { keyFile: join(dir, 'no-key') }],
    ['config_command.key_unreadable', 'reload', { env: { RINGMASTER_KEY: 'two words' } }],
    ['config_command.request_invalid', 'reload', { url: 'not an address' }],
    ['config_command.request_invalid', 'reload', { url: 'ftp://127.0.0.1' }],
    ['config_command.unreachable', 'reload', { url: 'http://127.0.0.1:1' }],
    ['config.unreadable', 'reload', { url: undefined }],
  ])('%s', async (code, verb, part) => {
    await expect(run(verb, part)).rejects.toMatchObject({ code });
  });

  it('an answer that is not of Ringmaster is said to be so', async () => {
    await expect(run('versions', { url: `${url}/elsewhere?` })).resolves.toMatchObject({ code: 1 });
  });
});
