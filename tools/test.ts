/** `npm test`: the check, then the unit tests, then all tests that need the lab, and one line that sums them up. */
import { globSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { check, stepNames } from './check.ts';
import type { Remarks } from './lib/not-run-reporter.ts';
import { root, run } from './lib/process.ts';
import { fault, lastLine, nothing, sum, type Tally, tallyRun, type VitestReport } from './lib/tally.ts';
import { labProjects, type Project, projectOf, projects } from './lib/test-projects.ts';

/** The promise is ten minutes for all; a run that hangs is ended after twenty. */
const runTimeoutMs = 20 * 60_000;

const help = `npm test -- [--only PART,…] [FILTER…]

Runs the check and every test. Parts: check, ${projects.join(', ')}.
With FILTER (a part of a test file's path) only the matching tests run, without the check.

  unit needs nothing; ${labProjects.join(', ')} need the lab, which is started once: a real Asterisk, Redis
  and PostgreSQL.

Tests that could not be run are listed with the reason; with CI=true they count as failed.
The last line is "N passed, N failed". Exit code 0 when all passed, 1 when not, 2 on a wrong option.`;

interface Wish {
  readonly parts: readonly string[];
  readonly filters: readonly string[];
}

async function runCheck(): Promise<Tally> {
  console.log('\n── check');
  const results = await check(stepNames);
  const failed = results.filter(({ ok }) => !ok);
  const faults = failed.map(
    ({ name }) => `the check step ${name} failed: see above, or npm run check -- --only ${name}`,
  );
  return { ...nothing, passed: results.length - failed.length, failed: failed.length, faults };
}

function testFiles(wanted: readonly Project[], filters: readonly string[]): string[] {
  return globSync('test/**/*.test.ts', { cwd: root })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => wanted.includes(projectOf(file)))
    .filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)));
}

/** One run of vitest over the wanted projects of one config; nothing at all when they have no files. */
async function runVitest(config: string, wanted: readonly Project[], filters: readonly string[]): Promise<Tally> {
  const expectedFiles = testFiles(wanted, filters);
  if (expectedFiles.length === 0) return nothing;
  const running = [...new Set(expectedFiles.map(projectOf))];
  console.log(`\n── ${running.join(', ')}: ${expectedFiles.length} files`);
  const dir = await mkdtemp(join(tmpdir(), 'ringmaster-test-'));
  const [reportFile, remarksFile] = [join(dir, 'report.json'), join(dir, 'remarks.json')];
  const args = ['run', '--config', config, '--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
  args.push('--reporter=./tools/lib/not-run-reporter.ts', ...running.map((project) => `--project=${project}`));
  try {
    const { code } = await run('vitest', [...args, ...filters], {
      timeoutMs: runTimeoutMs,
      show: true,
      env: { RINGMASTER_REMARKS_FILE: remarksFile, ...(process.stdout.isTTY ? {} : { NO_COLOR: '1' }) },
    });
    const report = await readJson<VitestReport>(reportFile);
    const testResults = (report?.testResults ?? []).map((file) => ({ ...file, name: relative(root, file.name) }));
    const remarks = await readJson<Remarks>(remarksFile);
    return tallyRun({ exitCode: code, report: report && { testResults }, remarks, expectedFiles });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function readJson<Shape>(path: string): Promise<Shape | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Shape);
}

/**
 * Installs what the lab lacks while check and unit tests run: on a new machine that is minutes of downloading. What
 * cannot be installed is named by the tests that need it.
 */
async function prepareLab(): Promise<void> {
  const { code, output } = await run(process.execPath, ['lab/main.ts', 'prepare'], { timeoutMs: runTimeoutMs });
  if (code !== 0) console.log(`\n── the lab is not complete\n${output}`);
}

async function runAll({ parts, filters }: Wish): Promise<Tally> {
  const lab = labProjects.filter((project) => parts.includes(project));
  const prepared = lab.length > 0 ? prepareLab() : undefined;
  const tallies = parts.includes('check') ? [await runCheck()] : [];
  if (parts.includes('unit')) tallies.push(await runVitest('vitest.config.ts', ['unit'], filters));
  await prepared;
  if (lab.length > 0) tallies.push(await runVitest('vitest.lab.config.ts', lab, filters));
  const total = sum(tallies);
  return total.passed + total.failed + total.skipped > 0 ? total : fault('nothing was run');
}

/** Under CI=true nothing may be left out, so what was not run counts as failed. */
function strict(total: Tally): Tally {
  if (process.env['CI'] !== 'true' || total.skipped === 0) return total;
  const text = `tests that could not be run: ${total.skipped}; CI=true asks for all`;
  return { ...total, failed: total.failed + total.skipped, skipped: 0, faults: [...total.faults, text] };
}

function conclude(total: Tally): void {
  console.log('');
  if (total.notRun.length > 0) console.log('Could not be run:');
  for (const { test, reason } of total.notRun) console.log(`  ${test}\n      ${reason}`);
  for (const text of total.faults) console.log(`FAILED ${text}`);
  console.log(lastLine(total));
}

function readWish(): Wish | 'help' {
  const { values, positionals } = parseArgs({
    options: { only: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
  });
  if (values.help) return 'help';
  const known: readonly string[] = ['check', ...projects];
  const parts = values.only?.split(',') ?? (positionals.length > 0 ? projects : known);
  const unknown = parts.filter((part) => !known.includes(part));
  if (unknown.length > 0) throw new Error(`unknown part: ${unknown.join(', ')}; there are ${known.join(', ')}`);
  return { parts, filters: positionals };
}

async function main(): Promise<number> {
  let wish: Wish | 'help';
  try {
    wish = readWish();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 2;
  }
  if (wish === 'help') {
    console.log(help);
    return 0;
  }
  const total = strict(await runAll(wish));
  conclude(total);
  return total.failed > 0 ? 1 : 0;
}

process.exitCode = await main();
