import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTicks } from './process.ts';

const PREFIX = 'ringmaster-lab-';
const OWNER_FILE = '.owner';

/** A fresh directory for one run of one service, owned by this process until `setOwner` names another. */
export function makeRunDir(service: string): string {
  const dir = mkdtempSync(join(tmpdir(), `${PREFIX}${service}-`));
  chmodSync(dir, 0o755);
  setOwner(dir, process.pid);
  return dir;
}

/** The directory lives as long as this process: a detached service owns its own. */
export function setOwner(dir: string, pid: number): void {
  writeFileSync(join(dir, OWNER_FILE), `${pid} ${startTicks(pid) ?? ''}`);
}

/** Removes the directories whose owner died without tidying up. Returns what was removed. */
export function sweepStaleRunDirs(): string[] {
  const dirs = readdirSync(tmpdir()).filter((name) => name.startsWith(PREFIX));
  const stale = dirs.map((name) => join(tmpdir(), name)).filter((dir) => !isOwned(dir));
  for (const dir of stale) rmSync(dir, { recursive: true, force: true });
  return stale;
}

function isOwned(dir: string): boolean {
  try {
    const [pid, ticks] = readFileSync(join(dir, OWNER_FILE), 'utf8').split(' ');
    return startTicks(Number(pid)) === ticks;
  } catch {
    // No owner file: either being made at this moment or not ours to judge.
    return true;
  }
}
