import { readdirSync, readFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { backgroundNice } from './kernel/index.ts';

const tasks = '/proc/self/task';

/**
 * Lets V8's helper threads, which mark the heap and optimise code, give way to the main thread and to a PBX on the same
 * machine: what they do can wait, a caller cannot. Only Linux shows threads; elsewhere nothing changes.
 */
export function letHelpersGiveWay(): void {
  for (const thread of threads()) {
    try {
      if (readFileSync(`${tasks}/${thread}/comm`, 'utf8').startsWith('V8Worker')) setPriority(thread, backgroundNice);
    } catch {
      // It has ended meanwhile, or a sandbox forbids it: a matter of speed alone.
    }
  }
}

function threads(): readonly number[] {
  try {
    return readdirSync(tasks).map(Number);
  } catch {
    return [];
  }
}
