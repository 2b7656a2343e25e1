/** `npm run check`: everything that can be said about the tree without running it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root, run, seconds } from './lib/process.ts';

type Command = readonly [command: string, ...args: string[]];

interface Step {
  readonly name: string;
  readonly says: string;
  readonly commands: readonly Command[];
}

export interface StepResult {
  readonly name: string;
  readonly ok: boolean;
}

const desktopConfig = 'src/desktop/tsconfig.json';

/** The slowest first, so that they share the processors best. */
const steps: readonly Step[] = [
  {
    name: 'dead',
    says: 'no unused file, export or package (knip)',
    commands: [['knip', '--no-progress', '--no-config-hints']],
  },
  {
    name: 'types',
    says: 'the types fit (tsc)',
    commands: [['tsc'], ...(existsSync(join(root, desktopConfig)) ? [['tsc', '-p', desktopConfig] as const] : [])],
  },
  { name: 'lint', says: 'lint with types, after its canary (oxlint)', commands: [['node', 'tools/lint.ts']] },
  { name: 'imports', says: 'the import table, after its canary', commands: [['node', 'tools/import-rules.ts']] },
  { name: 'format', says: 'formatted (biome; mend with npm run format)', commands: [['biome', 'format', '.']] },
  {
    name: 'loads',
    says: 'plain Node takes every file; a plain start loads no more than it needs',
    commands: [['node', '--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'tools/loads.ts']],
  },
  { name: 'tidy', says: 'file sizes, leftovers, machine paths', commands: [['node', 'tools/tidy.ts']] },
];

export const stepNames: readonly string[] = steps.map(({ name }) => name);

/** A step that hangs is ended; on a machine that has much else to do a healthy one may take minutes. */
const stepTimeoutMs = 5 * 60_000;
const atOnce = 2;

async function runStep(step: Step): Promise<StepResult> {
  const startedAtMs = performance.now();
  for (const [command, ...args] of step.commands) {
    const { code, output } = await run(command, args, { timeoutMs: stepTimeoutMs });
    if (code === 0) continue;
    report('FAILED', step, performance.now() - startedAtMs);
    console.log(`${output.trimEnd().replaceAll(/^/gm, '    ')}\n`);
    return { name: step.name, ok: false };
  }
  report('ok', step, performance.now() - startedAtMs);
  return { name: step.name, ok: true };
}

function report(outcome: string, step: Step, tookMs: number): void {
  console.log(`${outcome.padEnd(6)} ${step.name.padEnd(8)} ${seconds(tookMs).padStart(7)}  ${step.says}`);
}

/** Runs the named steps, two at a time; prints a line for each and the tool's own words where it failed. */
export async function check(names: readonly string[]): Promise<readonly StepResult[]> {
  const waiting = steps.filter(({ name }) => names.includes(name));
  const results: StepResult[] = [];
  const worker = async (): Promise<void> => {
    for (let step = waiting.shift(); step; step = waiting.shift()) results.push(await runStep(step));
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}

const help = `npm run check -- [--only STEP,…]

Examines the tree without running it. Steps:
${steps.map(({ name, says }) => `  ${name.padEnd(8)} ${says}`).join('\n')}

Exit code 0 when all steps pass, 1 when one fails, 2 on a wrong option.`;

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { only: { type: 'string' }, help: { type: 'boolean', short: 'h' } } });
  if (values.help) {
    console.log(help);
    return 0;
  }
  const names = values.only?.split(',') ?? stepNames;
  const unknown = names.filter((name) => !stepNames.includes(name));
  if (unknown.length > 0) {
    console.error(`unknown step: ${unknown.join(', ')}; there are ${stepNames.join(', ')}`);
    return 2;
  }
  const startedAtMs = performance.now();
  const results = await check(names);
  const failed = results.filter(({ ok }) => !ok).map(({ name }) => name);
  console.log(
    failed.length > 0 ? `failed: ${failed.join(', ')}` : `all well in ${seconds(performance.now() - startedAtMs)}`,
  );
  return failed.length > 0 ? 1 : 0;
}

if (import.meta.main) {
  process.exitCode = await main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    return 2;
  });
}
