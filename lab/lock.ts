import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { labError } from './errors.ts';
import { startTicks } from './process.ts';

const WAIT_MAX_MS = 15 * 60_000;

/** Runs `work` while holding the lock file; waits for a live holder, takes over from a dead one. */
export async function withLock<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  mkdirSync(dirname(path), { recursive: true });
  const deadline = performance.now() + WAIT_MAX_MS;
  while (!tryLock(path)) {
    if (performance.now() > deadline) throw labError('locked', path);
    if (!holderIsAlive(path)) rmSync(path, { force: true });
    else await sleep(200);
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

function tryLock(path: string): boolean {
  try {
    writeFileSync(path, `${process.pid} ${startTicks(process.pid) ?? ''}`, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

function holderIsAlive(path: string): boolean {
  try {
    const [pid, ticks] = readFileSync(path, 'utf8').split(' ');
    // An empty file is being written at this moment.
    return ticks === undefined || startTicks(Number(pid)) === ticks;
  } catch {
    return false;
  }
}
