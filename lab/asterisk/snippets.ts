import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runDialplanCommand } from '../../src/install/index.ts';
import type { LabAsterisk } from './start.ts';

const presetsDir = fileURLToPath(new URL('../../config/presets/asterisk', import.meta.url));

/** The ways into Ringmaster that the snippets have, and the digit that a number dialled has for each. */
export const snippetWays = { entry: '1', broadcast: '2', curl: '3', agi: '4' } as const;
/** The same digit for the way of several instances. */
export const clusterDigit = '5';
export type SnippetWay = keyof typeof snippetWays;

/** The secret part of the API key `pbx`, and of FastAGI, that the snippets use. */
export const snippetSecrets = { key: 'k'.repeat(40), agi: 'agi-secret-of-the-lab' };

export interface SnippetOptions {
  /** Whose files they are written for. */
  readonly flavour: 'asterisk' | 'freepbx';
  /** Contexts begin with it instead of `ringmaster`, which are the lab's own. */
  readonly prefix: string;
  /** First digit of the numbers, 8 or 9: `8` and `3` and `4001` asks by CURL() for 4001. */
  readonly digit: '8' | '9';
  readonly url: string;
  readonly agiPort: number;
  readonly boundMs: number;
  /** What the fallback does, for example `Congestion(1)`. */
  readonly fallback: string;
}

/** Has the installer write the snippets as an operator would, and a running Asterisk read them. */
export async function installSnippets(asterisk: LabAsterisk, options: SnippetOptions): Promise<void> {
  const { flavour, prefix, digit, fallback } = options;
  const etc = join(asterisk.runDir, 'etc');
  const copy = mkdtempSync(join(tmpdir(), 'ringmaster-snippets-'));
  try {
    for (const name of ['ari.conf', 'manager.conf', 'extensions.conf']) copyFileSync(join(etc, name), join(copy, name));
    await install(copy, options);
    const written = flavour === 'asterisk' ? 'ringmaster_extensions.conf' : 'extensions_custom.conf';
    const text = readFileSync(join(copy, written), 'utf8').replaceAll('ringmaster-', `${prefix}-`);
    writeFileSync(join(etc, `${prefix}.conf`), [text, ...ownLines(prefix, digit, fallback), ''].join('\n'));
  } finally {
    rmSync(copy, { recursive: true });
  }
  const main = join(etc, 'extensions.conf');
  writeFileSync(main, `${readFileSync(main, 'utf8')}\n#include "${prefix}.conf"\n`);
  await asterisk.cli('dialplan reload');
}

async function install(dir: string, { flavour, url, agiPort, boundMs, prefix }: SnippetOptions): Promise<void> {
  const place = ['install', '--flavour', flavour, '--dir', dir, '--yes', '--bound', String(boundMs)];
  const server = ['--url', url, '--agi', `127.0.0.1:${agiPort}`, '--fallback', `${prefix}-fell,s,1`];
  await runDialplanCommand([...place, ...server], {
    env: {
      RINGMASTER_ARI_PASSWORD: 'not-used-here',
      RINGMASTER_AMI_SECRET: 'not-used-here',
      RINGMASTER_PBX_KEY: `rmk_pbx_${snippetSecrets.key}`,
      RINGMASTER_AGI_SECRET: snippetSecrets.agi,
    },
    presetsDir,
    print: () => undefined,
    confirm: undefined,
  });
}

const ownLines = (prefix: string, digit: string, fallback: string): string[] => [
  '[from-trunk](+)',
  ...Object.entries({ ...snippetWays, cluster: clusterDigit }).map(
    ([way, second]) => `exten => _${digit}${second}X.,1,Goto(${prefix}-${way},\${EXTEN:2},1)`,
  ),
  `[${prefix}-fell]`,
  `exten => s,1,${fallback}`,
];
