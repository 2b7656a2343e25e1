import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CommandWorld, runDialplanCommand } from '../../src/install/index.ts';
import { pieces } from '../../src/install/snippets.ts';

const presetsDir = join(import.meta.dirname, '../../config/presets/asterisk');
const env = {
  RINGMASTER_ARI_PASSWORD: 'ari-password-1',
  RINGMASTER_AMI_SECRET: 'ami-secret-1',
  RINGMASTER_PBX_KEY: 'rmk_pbx_0123456789abcdef0123456789abcdef',
  RINGMASTER_AGI_SECRET: 'agi-secret-1',
};

let dir = '';
let printed = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'ringmaster-install-'));
  printed = '';
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const write = (name: string, text: string): void => writeFileSync(join(dir, name), text);
const read = (name: string): string => readFileSync(join(dir, name), 'utf8');
/** All files with their bytes, without the backups. */
const tree = (): Record<string, string> =>
  Object.fromEntries(
    readdirSync(dir)
      .filter((name) => !name.endsWith('-backup'))
      .map((name) => [name, readFileSync(join(dir, name), 'latin1')]),
  );

function plainAsterisk(): void {
  write('extensions.conf', '[general]\nstatic=yes\n\n[from-trunk]\nexten => 1,1,Hangup()');
  write('manager.conf', '[general]\r\nenabled = yes\r\n');
  write('ari.conf', '[general]\nenabled = yes\n');
}

async function run(line: string, world: Partial<CommandWorld> = {}): Promise<boolean | string> {
  try {
    return await runDialplanCommand([...line.split(' '), '--dir', dir], {
      env,
      presetsDir,
      print: (text) => {
        printed += text;
      },
      confirm: undefined,
      ...world,
    });
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe('dialplan install and remove', () => {
  it('plain Asterisk: files of our own and one #include each; removed, every byte is as it was', async () => {
    plainAsterisk();
    const before = tree();
    expect(await run('install --flavour asterisk --yes')).toBe(true);
    expect(read('extensions.conf')).toMatch(
      /Hangup\(\)\n; >>> .*\n#include "ringmaster_extensions.conf"\n; <<< ringmaster\n$/,
    );
    expect(read('manager.conf')).toContain('#include "ringmaster_manager.conf"\r\n');
    expect(read('ringmaster_ari.conf')).toContain('password = ari-password-1');
    expect(read('ringmaster_extensions.conf')).toContain('Bearer rmk_pbx_');
    const installed = tree();
    expect(await run('install --flavour asterisk --yes')).toBe(true);
    expect(printed).toContain('Nothing to change.');
    expect(tree()).toEqual(installed);
    expect(await run('remove --flavour asterisk --yes')).toBe(true);
    expect(tree()).toEqual(before);
  });

  it('FreePBX: a block in each custom file, also in one that is not there yet', async () => {
    write('extensions_custom.conf', '[from-internal-custom]\nexten => 1,1,Hangup()\n');
    const before = tree();
    expect(await run('install --flavour freepbx --yes --fallback ext-queues,600,1')).toBe(true);
    expect(Object.keys(tree()).sort()).toEqual([
      'ari_additional_custom.conf',
      'extensions_custom.conf',
      'manager_custom.conf',
    ]);
    expect(read('extensions_custom.conf')).toMatch(/TIMEOUT\(absolute\)=0\)\n same => n,Goto\(ext-queues,600,1\)\n/);
    expect(await run('remove --flavour freepbx --yes')).toBe(true);
    expect(tree()).toEqual(before);
  });

  it('brings in new settings, and keeps what others wrote meanwhile', async () => {
    plainAsterisk();
    await run('install --flavour asterisk --yes');
    write('extensions.conf', `${read('extensions.conf')}[mine]\n`);
    expect(
      await run('install --flavour asterisk --yes --url http://10.0.0.9:8090 --agi 10.0.0.9:4573 --bound 1500'),
    ).toBe(true);
    const text = read('ringmaster_extensions.conf');
    expect(text).toContain('CURL(http://10.0.0.9:8090/v1/');
    expect(text).toContain('AGI(agi://10.0.0.9:4573/route');
    expect(text).toContain('StasisBroadcast(1500,');
    expect(text.match(/=1\.5\)/g)).toHaveLength(4);
    await run('remove --flavour asterisk --yes');
    expect(read('extensions.conf')).toMatch(/Hangup\(\)\n\[mine\]\n$/);
  });

  it('shows what it would do without secrets, asks, and does nothing at a no', async () => {
    plainAsterisk();
    const before = tree();
    const asked: string[] = [];
    const answer = (yes: boolean) => ({
      confirm: async (question: string) => {
        asked.push(question);
        return yes;
      },
    });
    expect(await run('install --flavour asterisk', answer(false))).toBe(false);
    expect(tree()).toEqual(before);
    expect(await run('show --flavour asterisk')).toBe(true);
    expect(tree()).toEqual(before);
    expect(await run('install --flavour asterisk', answer(true))).toBe(true);
    expect(asked).toEqual(['Change 6 files? [y/N] ', 'Change 6 files? [y/N] ']);
    expect(printed).toContain('+#include "ringmaster_extensions.conf"');
    await run('install --flavour asterisk --yes', { env: { ...env, RINGMASTER_AGI_SECRET: 'another-secret' } });
    for (const secret of [...Object.values(env), 'another-secret']) expect(printed).not.toContain(secret);
  });

  it('does nothing when nobody is there to say yes', async () => {
    plainAsterisk();
    expect(await run('install --flavour asterisk')).toBe('install.usage');
    expect(existsSync(join(dir, 'ringmaster_ari.conf'))).toBe(false);
  });

  it('refuses where somebody changed our lines, unless told to lose the change', async () => {
    plainAsterisk();
    await run('install --flavour asterisk --yes');
    write('ringmaster_extensions.conf', read('ringmaster_extensions.conf').replace('vm-nobodyavail', 'my-sound'));
    const edited = tree();
    expect(await run('install --flavour asterisk --yes')).toBe('install.block_edited');
    expect(await run('remove --flavour asterisk --yes')).toBe('install.block_edited');
    expect(tree()).toEqual(edited);
    expect(await run('install --flavour asterisk --yes --overwrite')).toBe(true);
    expect(read('ringmaster_extensions.conf')).toContain('vm-nobodyavail');
    expect(read('ringmaster_extensions.conf.ringmaster-backup')).toContain('my-sound');
  });

  it('refuses damaged markers and changes no other file either', async () => {
    plainAsterisk();
    await run('install --flavour asterisk --yes');
    write('extensions.conf', read('extensions.conf').replace('; <<< ringmaster\n', ''));
    const damaged = tree();
    for (const action of ['install', 'remove'])
      expect(await run(`${action} --flavour asterisk --yes --overwrite`)).toBe('install.markers_damaged');
    expect(tree()).toEqual(damaged);
  });

  it('refuses a read-only file, before it has written any', async () => {
    plainAsterisk();
    chmodSync(join(dir, 'extensions.conf'), 0o444);
    const before = tree();
    expect(await run('install --flavour asterisk --yes')).toBe('install.read_only');
    expect(tree()).toEqual(before);
  });

  it('puts everything back when one file cannot be written', async () => {
    write('extensions_custom.conf', '[a]\n');
    // A backup cannot take the place of a directory.
    mkdirSync(join(dir, 'extensions_custom.conf.ringmaster-backup'));
    expect(await run('install --flavour freepbx --yes')).toBe('install.cannot_write');
    expect(readdirSync(dir).sort()).toEqual(['extensions_custom.conf', 'extensions_custom.conf.ringmaster-backup']);
    expect(read('extensions_custom.conf')).toBe('[a]\n');
  });

  it('keeps mode and symbolic link, and gives our files the mode of their neighbour', async () => {
    plainAsterisk();
    mkdirSync(join(dir, 'real'));
    writeFileSync(join(dir, 'real', 'extensions.conf'), '[general]\n');
    rmSync(join(dir, 'extensions.conf'));
    symlinkSync(join(dir, 'real', 'extensions.conf'), join(dir, 'extensions.conf'));
    chmodSync(join(dir, 'real', 'extensions.conf'), 0o660);
    chmodSync(join(dir, 'ari.conf'), 0o600);
    expect(await run('install --flavour asterisk --yes')).toBe(true);
    const mode = (name: string): number => statSync(join(dir, name)).mode & 0o777;
    expect([
      mode('extensions.conf'),
      mode('ringmaster_extensions.conf'),
      mode('ari.conf'),
      mode('ringmaster_ari.conf'),
    ]).toEqual([0o660, 0o660, 0o600, 0o600]);
    expect(lstatSync(join(dir, 'extensions.conf')).isSymbolicLink()).toBe(true);
  });

  it.each([
    ['no flavour', 'install --yes', 'install.usage'],
    ['an unknown flavour', 'install --flavour issabel --yes', 'install.usage'],
    ['an unknown action', 'upgrade --flavour asterisk', 'install.usage'],
    ['an unknown option', 'install --flavour asterisk --colour red', 'install.usage'],
    ['a URL that injects', 'install --flavour asterisk --yes --url http://h:1/)${X', 'install.bad_value'],
    ['a fallback that injects', 'install --flavour asterisk --yes --fallback a,b,1)', 'install.bad_value'],
    ['a bound of nothing', 'install --flavour asterisk --yes --bound 0', 'install.bad_value'],
    ['a directory that is not Asterisk’s', 'install --flavour asterisk --yes', 'install.not_there'],
  ])('refuses %s', async (_name, line, code) => {
    expect(await run(line)).toBe(code);
    expect(readdirSync(dir)).toEqual([]);
  });

  it('needs every secret, and none that could end a line', async () => {
    plainAsterisk();
    expect(await run('install --flavour asterisk --yes', { env: {} })).toBe('install.secret_missing');
    for (const bad of [
      'short',
      'with space in it',
      'quote"quote"',
      'line\nbreak-long',
      'a;comment-long',
      'paren)paren)',
      '${EXTEN}${EXTEN}',
    ])
      expect(await run('install --flavour asterisk --yes', { env: { ...env, RINGMASTER_AMI_SECRET: bad } })).toBe(
        'install.bad_value',
      );
  });

  it('tells its help', async () => {
    expect(await run('--help')).toBe(true);
    expect(printed).toContain('--flavour');
  });
});

it('leaves no example in what is written', () => {
  const settings = { url: 'http://h:1', agi: 'h:2', application: 'app', fallback: 'a,b,1', boundMs: 500 };
  const all = pieces('freepbx', presetsDir, settings, env)
    .map(({ body }) => body)
    .join('');
  expect(all).not.toMatch(
    /CHANGE-ME-(KEY|AGI)|= CHANGE-ME|127\.0\.0\.1:(8090|4573)|Stasis\(ringmaster,|\^ringmaster\$/,
  );
});
