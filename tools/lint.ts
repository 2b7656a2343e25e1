/**
 * Runs oxlint with type information over the tree. First the canary: a scratch tree whose planted faults must all be
 * found, so that a lint that lost its types or its pure-core rules does not pass for a clean tree.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root, run } from './lib/process.ts';
import { withScratchTree } from './lib/scratch.ts';

/** Of each of the two runs; both together within a step of the check. */
const timeoutMs = 140_000;

/** What must be found in `src/call/planted.ts`: the rule and a text of its message. */
const faults: readonly (readonly [line: string, rule: string, says: string])[] = [
  ['export const atMs = new Date();', 'no-restricted-globals', 'Date'],
  ['export const wait = setTimeout;', 'no-restricted-globals', 'setTimeout'],
  ['export const tick = performance;', 'no-restricted-globals', 'performance'],
  ['export const env = process.env;', 'no-restricted-globals', 'process'],
  ['export const luck = Math.random();', 'no-restricted-properties', 'Math.random'],
  ['export async function late() {} late();', 'no-floating-promises', 'Promises must be awaited'],
  ['[1].forEach(late);', 'no-misused-promises', 'Promise'],
  ['export const loose: any = 1;', 'no-explicit-any', 'any'],
  ['export const same = luck == 1;', 'eqeqeq', '=='],
  ['import { join } from "node:path";', 'no-unused-vars', 'join'],
];

interface Diagnostic {
  readonly code?: string;
  readonly message: string;
}

async function canary(): Promise<string[]> {
  const files = {
    '.oxlintrc.json': await readFile(join(root, '.oxlintrc.json'), 'utf8'),
    'tsconfig.json': await readFile(join(root, 'tsconfig.json'), 'utf8'),
    'src/call/planted.ts': faults.map(([line]) => line).join('\n'),
  };
  const { output } = await withScratchTree(files, (cwd) => run('oxlint', ['--format=json', 'src'], { cwd, timeoutMs }));
  let diagnostics: readonly Diagnostic[];
  try {
    ({ diagnostics } = JSON.parse(output) as { diagnostics: readonly Diagnostic[] });
  } catch {
    return [`oxlint gave no report: ${output}`];
  }
  return faults
    .filter(([, rule, says]) => !diagnostics.some((d) => d.code?.includes(`(${rule})`) && d.message.includes(says)))
    .map(([line, rule]) => `not caught: ${rule} in \`${line}\``);
}

const missed = await canary();
if (missed.length > 0) {
  console.error(`The lint rules do not work:\n  ${missed.join('\n  ')}`);
  process.exit(1);
}
const { code, output } = await run('oxlint', ['--deny-warnings', '--report-unused-disable-directives'], { timeoutMs });
console.log(output);
process.exitCode = code;
