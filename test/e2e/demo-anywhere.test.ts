import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const home = mkdtempSync(join(tmpdir(), 'ringmaster-anywhere-'));

interface Result {
  readonly pbx: string;
  readonly why: string;
  readonly calls: readonly { readonly scenario: string; readonly expected: string; readonly got: string }[];
  readonly ok: boolean;
}

/** The demo as it is on a machine that has Node and nothing else: no programs on PATH, and nothing unpacked before. */
async function demo(
  args: readonly string[],
): Promise<{ readonly code: unknown; readonly out: string; readonly err: string }> {
  const child = spawn(process.execPath, ['lab/demo/main.ts', '--once', '--json', ...args], {
    cwd: root,
    env: { PATH: home, HOME: home, RINGMASTER_CACHE: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code, out, err };
}

/** What each plays; together a call of every kind that the model knows, in as little time as it takes. */
const halves: readonly (readonly string[])[] = [
  [
    'unknown caller',
    'ring-all',
    'English caller through a two-level menu',
    'after hours',
    'do-not-call refused',
    'ticket',
  ],
  ['dialplan asks by CURL', 'dialplan asks by FastAGI', 'recording with a pause', 'click-to-dial', 'StasisBroadcast'],
];

describe('npm run demo where no Asterisk can be had', () => {
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  it.concurrent.for(halves)('plays %s on the virtual PBX, and says so', { timeout: 120_000 }, async (scenes) => {
    const { code, out, err } = await demo(scenes.flatMap((scene) => ['--only', scene]));
    const { pbx, why, calls, ok } = JSON.parse(out) as Result;
    expect(calls.map(({ scenario, got }) => [scenario, got])).toEqual(
      calls.map(({ scenario, expected }) => [scenario, expected]),
    );
    expect(calls.map(({ scenario }) => scenario)).toEqual(expect.arrayContaining([...scenes]));
    expect({ pbx, ok, code }).toEqual({ pbx: 'virtual', ok: true, code: 0 });
    expect(why).toContain('no Asterisk can be had here');
    expect(err).toContain('PBX: the virtual one, no Asterisk');
  });

  it.concurrent('says what is missing when only the real one will do', { timeout: 60_000 }, async () => {
    const { code, out, err } = await demo(['--pbx', 'asterisk']);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain('lab.tool_missing');
  });
});
