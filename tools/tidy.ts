/** Small rules that no other tool holds. Reads the files that git tracks or would track. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root, run } from './lib/process.ts';
import { tidy } from './lib/tidy-rules.ts';

const { code, output } = await run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  timeoutMs: 20_000,
});
if (code !== 0) throw new Error(`git cannot list the files: ${output}`);

const paths = output.split('\0').filter((path) => path !== '');
const files = new Map<string, string>();
for (const path of paths) {
  const bytes = await readFile(join(root, path)).catch(() => undefined);
  if (bytes && !bytes.includes(0)) files.set(path, bytes.toString('utf8'));
}
const faults = tidy(files);
for (const fault of faults) console.error(fault);
console.log(`${files.size} files read`);
if (faults.length > 0 || files.size === 0) process.exitCode = 1;
