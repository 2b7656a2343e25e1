import { constants, accessSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { labError } from './errors.ts';
import { type AsteriskHome, describeAsterisk } from './asterisk/tree.ts';

/** Where the lab keeps what is costly to make; outside the checkout. */
export function cacheDir(): string {
  const own = process.env['RINGMASTER_CACHE'];
  if (own) return own;
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'ringmaster');
}

/** The path of a program, from PATH and the directories that a service's user may lack there. */
export function findTool(name: string): string | undefined {
  const dirs = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return dirs.map((dir) => join(dir, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export async function provideAsterisk(): Promise<AsteriskHome> {
  const binary = findTool('asterisk');
  const system = binary && describeAsterisk('/', binary);
  if (system) return system;
  const tree = describeAsterisk(join(cacheDir(), 'asterisk-forky'), '/usr/sbin/asterisk');
  if (tree) return tree;
  throw labError('tool_missing', 'asterisk');
}
