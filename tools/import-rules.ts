/**
 * Holds the import table of ARCHITECTURE.md (`.dependency-cruiser.mjs`) against the tree.
 * First the canary: a scratch tree with one violation of each rule, all of which must be caught.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cruise, type ICruiseResult, type IForbiddenRuleType } from 'dependency-cruiser';
import extractConfig from 'dependency-cruiser/config-utl/extract-depcruise-config';
import { errorText } from '../src/kernel/index.ts';
import { innocent, planted } from './lib/planted-imports.ts';
import { root } from './lib/process.ts';
import { withScratchTree } from './lib/scratch.ts';
import { teachUsingDeclarations } from './lib/swc-using.ts';

const folders = ['src', 'config', 'sim', 'lab', 'bench', 'tools', 'test'];
teachUsingDeclarations();
const config = await extractConfig(join(root, '.dependency-cruiser.mjs'));

async function examine(dir: string): Promise<ICruiseResult> {
  const present = folders.filter((folder) => existsSync(join(dir, folder)));
  const { options, ...ruleSet } = config;
  const { output } = await cruise(
    present,
    { ...options, baseDir: dir, ruleSet, validate: true },
    options?.enhancedResolveOptions,
  );
  if (typeof output === 'string') throw new Error(`dependency-cruiser answered with text: ${output}`);
  return output;
}

/** What the rules failed to do on the scratch tree, in sentences; empty when every planted violation was caught. */
async function canary(): Promise<string[]> {
  const names = (config.forbidden ?? []).map((rule: IForbiddenRuleType) => rule.name ?? 'nameless');
  const unplanted = names.filter((name) => !planted[name]).map((name) => `no violation is planted for ${name}`);
  const crimes = Object.fromEntries(Object.values(planted).map(({ file, text }) => [file, text]));
  const found = await withScratchTree({ ...innocent, ...crimes }, examine);
  const caught = new Set(found.summary.violations.map(({ rule, from }) => `${rule.name} in ${from}`));
  const missed = Object.entries(planted)
    .map(([name, { file }]) => `${name} in ${file}`)
    .filter((crime) => !caught.has(crime))
    .map((crime) => `not caught: ${crime}`);
  const accused = found.summary.violations
    .filter(({ from, rule }) => from in innocent && rule.name !== 'no-cycles')
    .map(({ from, to, rule }) => `wrongly accused: ${from} → ${to} of ${rule.name}`);
  return [...unplanted, ...missed, ...accused];
}

const failures = await canary();
if (failures.length > 0) {
  console.error(`The import rules do not work:\n  ${failures.join('\n  ')}`);
  process.exit(1);
}

const { modules, summary } = await examine(root).catch((error: unknown) => {
  const [readable] = errorText(error).split('Stack backtrace');
  console.error(readable);
  process.exit(1);
});
const ours = modules.filter(({ source }) => folders.some((folder) => source.startsWith(`${folder}/`)));
const dependencies = ours.reduce((sum, module) => sum + module.dependencies.length, 0);
if (ours.length === 0 || dependencies === 0) {
  console.error('No modules or no imports were read: the parser does not understand the tree.');
  process.exit(1);
}
for (const { rule, from, to, cycle } of summary.violations) {
  const way = cycle ? cycle.map((module) => module.name).join(' → ') : to;
  const reason = config.forbidden?.find(({ name }) => name === rule.name)?.comment ?? '';
  console.error(`${rule.name}: ${from} → ${way}\n    ${reason}`);
}
console.log(
  `${ours.length} modules, ${dependencies} imports, ${Object.keys(planted).length} planted violations caught`,
);
if (summary.violations.length > 0) process.exitCode = 1;
