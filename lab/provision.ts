import { accessSync, constants, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type AsteriskHome, describeAsterisk } from './asterisk/tree.ts';
import { labError } from './errors.ts';
import { withLock } from './lock.ts';
import { run } from './process.ts';

/** Debian's package for each tool that the lab runs. */
const packages = {
  mmdebstrap: 'mmdebstrap',
  openssl: 'openssl',
  sipp: 'sip-tester',
  // Speaks the prompts of the demo, Mandarin and English.
  'espeak-ng': 'espeak-ng',
  'redis-server': 'redis-server',
  initdb: 'postgresql',
  postgres: 'postgresql',
  // The font is for Chinese: without one the page is measured and pictured in boxes.
  chromium: 'chromium fonts-wqy-microhei',
  // The ticket desk: some hundred small packages of Perl.
  'rt-server': 'request-tracker5 rt5-db-sqlite rt5-standalone',
  'rt-setup-database-5': 'request-tracker5 rt5-db-sqlite rt5-standalone',
} as const;

export type Tool = keyof typeof packages;

/** The Debian release that has a packaged Asterisk LTS; bookworm has none. */
const SUITE = 'forky';
const INSTALL_TIMEOUT_MS = 10 * 60_000;

/** Where the lab keeps what is costly to make; outside the checkout. */
export function cacheDir(): string {
  const own = process.env['RINGMASTER_CACHE'];
  if (own) return own;
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'ringmaster');
}

/** The path of a program, or undefined. PATH counts first; then where Debian keeps what it leaves out of PATH. */
export function findTool(name: string): string | undefined {
  const dirs = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin', RT_DIR, ...postgresDirs()];
  return dirs.map((dir) => join(dir, name)).find(isExecutable);
}

const RT_DIR = '/usr/share/request-tracker5/libexec';
const POSTGRES_ROOT = '/usr/lib/postgresql';

/** Newest first. */
function postgresDirs(): string[] {
  if (!existsSync(POSTGRES_ROOT)) return [];
  const versions = readdirSync(POSTGRES_ROOT).sort((a, b) => Number(b) - Number(a));
  return versions.map((version) => join(POSTGRES_ROOT, version, 'bin'));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The path of a tool; installs every missing tool of its kind at once when it may. */
export async function needTool(tool: Tool): Promise<string> {
  const known = findTool(tool);
  if (known) return known;
  if (!mayInstall()) throw labError('tool_missing', howToInstall(tool));
  await withLock(join(cacheDir(), 'install.lock'), () => installMissing(toolsBeside(tool)));
  const installed = findTool(tool);
  if (!installed) throw labError('install_failed', `${packagesOf(tool).join(' ')} is installed but has no ${tool}`);
  return installed;
}

/** Everything that any test or the demo may ask for: all missing packages in one go, and Asterisk. */
export async function prepareLab(): Promise<void> {
  const all = Object.keys(packages) as Tool[];
  const missing = all.filter((tool) => !findTool(tool) && tool !== 'mmdebstrap');
  if (missing[0] !== undefined && !mayInstall()) throw labError('tool_missing', missing.map(howToInstall).join('; '));
  await withLock(join(cacheDir(), 'install.lock'), () => installMissing(all));
  await provideAsterisk();
}

/** A browser and a ticket desk are large, and only their own tests need them; all else is installed together. */
const large: readonly (readonly Tool[])[] = [['chromium'], ['rt-server', 'rt-setup-database-5']];
const toolsBeside = (tool: Tool): readonly Tool[] =>
  large.find((tools) => tools.includes(tool)) ??
  (Object.keys(packages) as Tool[]).filter((name) => !large.flat().includes(name));
const packagesOf = (tool: Tool): readonly string[] => packages[tool].split(' ');

async function installMissing(tools: readonly Tool[]): Promise<void> {
  const missing = tools.filter((tool) => !findTool(tool));
  if (missing.length === 0) return;
  const names = [...new Set(missing.flatMap(packagesOf))];
  tell(`installing ${names.join(', ')} (up to a minute)`);
  const env = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const options = { timeoutMs: INSTALL_TIMEOUT_MS, env };
  const wait = ['-o', 'DPkg::Lock::Timeout=300'];
  // One broken third-party source fails the update although Debian's own lists came: the install decides.
  await run('apt-get', [...wait, 'update'], options).catch(() => tell('apt-get update reported errors, going on'));
  await withoutServiceStarts(async () => {
    await run('apt-get', [...wait, 'install', '-y', '--no-install-recommends', ...names], options);
  }).catch((error: unknown) => {
    throw labError('install_failed', `apt-get install ${names.join(' ')}`, error);
  });
  tell('installed');
}

/** Only root on Debian or its kin may; anyone else gets the command to run. */
const mayInstall = (): boolean => process.getuid?.() === 0 && findTool('apt-get') !== undefined;

/** Names everything that is missing, so that one command mends it; without root mmdebstrap would be of no use. */
function howToInstall(tool: Tool): string {
  const missing = toolsBeside(tool).filter((name) => name !== 'mmdebstrap' && !findTool(name));
  const names = [...new Set(missing.flatMap(packagesOf))].join(' ');
  return `${tool}; on Debian or Ubuntu: sudo apt-get install --no-install-recommends ${names}`;
}

const POLICY = '/usr/sbin/policy-rc.d';

/** The lab starts its own servers; a package must not start one on the machine's standard ports. */
async function withoutServiceStarts(install: () => Promise<void>): Promise<void> {
  const { writeFile, rm } = await import('node:fs/promises');
  const isOurs = !existsSync(POLICY);
  if (isOurs) await writeFile(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    await install();
  } finally {
    if (isOurs) await rm(POLICY, { force: true });
  }
}

/** The system's Asterisk, or the unpacked Debian tree, which is made on first use (about 20 s, 340 MB). */
export async function provideAsterisk(): Promise<AsteriskHome> {
  const binary = findTool('asterisk');
  const system = binary ? describeAsterisk('/', binary) : undefined;
  const known = system ?? findTree();
  if (known) return known;
  if (!mayInstall()) throw labError('tool_missing', NO_ASTERISK);
  return withLock(join(cacheDir(), 'tree.lock'), async () => findTree() ?? (await makeTree()));
}

const NO_ASTERISK =
  'asterisk; install Asterisk 20 or newer so that `asterisk` is on PATH, or run as root on Debian or Ubuntu';

const treeDir = (): string => join(cacheDir(), `asterisk-${SUITE}`);

function findTree(): AsteriskHome | undefined {
  return process.getuid?.() === 0 ? describeAsterisk(treeDir(), '/usr/sbin/asterisk') : undefined;
}

async function makeTree(): Promise<AsteriskHome> {
  const mmdebstrap = await needTool('mmdebstrap');
  const building = `${treeDir()}.building-${process.pid}`;
  tell(`unpacking Asterisk from Debian ${SUITE} into ${treeDir()} (once, about half a minute)`);
  const apt = ['APT::Install-Recommends "false"', 'Acquire::Check-Valid-Until "false"'].map(
    (line) => `--aptopt=${line}`,
  );
  mkdirSync(cacheDir(), { recursive: true });
  try {
    const options = { timeoutMs: INSTALL_TIMEOUT_MS };
    await run(mmdebstrap, ['--variant=apt', '--include=asterisk,asterisk-modules', ...apt, SUITE, building], options);
    renameSync(building, treeDir());
  } catch (error) {
    throw labError('install_failed', 'mmdebstrap', error);
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
  const tree = findTree();
  if (!tree) throw labError('install_failed', `${treeDir()} has no complete Asterisk; delete it and try again`);
  tell('Asterisk is unpacked');
  return tree;
}

/** Progress for a person who waits; stdout stays for results. */
function tell(line: string): void {
  process.stderr.write(`lab: ${line}\n`);
}
