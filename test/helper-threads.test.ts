import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { getPriority } from 'node:os';
import { expect, it } from 'vitest';
import { backgroundNice } from '../src/kernel/index.ts';

/** In a process of its own: its threads by name, and the priority (`nice`) of each. */
const program = `
import { readdirSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { letHelpersGiveWay } from './src/helper-threads.ts';
letHelpersGiveWay();
const threads = existing().map((id) => [readFileSync('/proc/self/task/' + id + '/comm', 'utf8').trim(), getPriority(id)]);
console.log(JSON.stringify(threads));
function existing() {
  try {
    return readdirSync('/proc/self/task').map(Number);
  } catch {
    return [];
  }
}
`;

it('lets the helper threads give way, and the main thread not', () => {
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' });
  const threads = JSON.parse(output) as [name: string, nice: number][];
  const niceOf = (wanted: string) => [...new Set(threads.filter(([name]) => name === wanted).map(([, nice]) => nice))];
  const showsThreads = existsSync('/proc/self/task');
  expect({ main: niceOf('MainThread'), helpers: niceOf('V8Worker') }).toEqual({
    main: showsThreads ? [getPriority()] : [],
    helpers: showsThreads ? [backgroundNice] : [],
  });
});
