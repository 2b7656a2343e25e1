import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { AppError, errorText } from '../../src/kernel/index.ts';
import { simErrors } from '../errors.ts';
import { progressBar } from '../progress.ts';
import { runExperiment } from './experiment.ts';
import { gatesCommand } from './gates/command.ts';
import { htmlReport } from './html-report.ts';
import { loadScenario } from './load.ts';
import { textReport } from './text-report.ts';

const usage = `Usage: npm run sim -- routing FILE [--out FILE] [--html FILE] [--json] [--seed N] [--replications N]
       npm run sim -- routing --gates [--short] [--seed N] [--json]

Plays the contact centre of a scenario file (YAML, docs/simulator.md) with the real routing engine in virtual time, and
prints service level, waits, abandonment, occupancy and fairness with 95 % intervals, policy beside policy.

  --out FILE          writes the result as JSON
  --html FILE         writes a report with charts, one file that needs no network
  --json              the last line, alone on standard output, is the result as JSON; the rest goes to standard error
  --seed N            other callers than the file's seed gives
  --replications N    more or fewer days than the file says
  --gates             holds the engine against exact values of queueing theory instead; exit code 1 when it fails
  --short             a tenth of the calls, for a first look

Examples lie in sim/routing/examples.`;

const options = {
  out: { type: 'string' },
  html: { type: 'string' },
  json: { type: 'boolean' },
  seed: { type: 'string' },
  replications: { type: 'string' },
  gates: { type: 'boolean' },
  short: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** `npm run sim -- routing`: gives the exit code. */
export async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...words], allowPositionals: true, options });
  if (values.help) return print(usage, 0);
  const seed = wholeNumber(values.seed, 0, 2 ** 32 - 1);
  const replications = wholeNumber(values.replications, 1, 10_000);
  const [file, ...more] = positionals;
  const wrong =
    seed === 'wrong' ||
    replications === 'wrong' ||
    more.length > 0 ||
    (values.gates ? file !== undefined : file === undefined);
  if (wrong) {
    console.error(usage);
    return 2;
  }
  const json = values.json ?? false;
  if (values.gates)
    return gatesCommand({ json, size: values.short ? 'short' : 'full', ...(seed === undefined ? {} : { seed }) });
  return play(file ?? '', { seed, replications, json, out: values.out, html: values.html });
}

function wholeNumber(text: string | undefined, minimum: number, maximum: number): number | undefined | 'wrong' {
  if (text === undefined) return undefined;
  const value = Number(text);
  return /^\d{1,10}$/.test(text) && value >= minimum && value <= maximum ? value : 'wrong';
}

interface PlayOptions {
  readonly seed: number | undefined;
  readonly replications: number | undefined;
  readonly json: boolean;
  readonly out: string | undefined;
  readonly html: string | undefined;
}

async function play(file: string, { seed, replications, json, out, html }: PlayOptions): Promise<number> {
  const loaded = loadScenario(file);
  const scenario = { ...loaded, seed: seed ?? loaded.seed, replications: replications ?? loaded.replications };
  const tickMs = () => performance.now();
  const startedAtMs = tickMs();
  const bar = progressBar('playing', tickMs);
  const result = runExperiment(scenario, { tickMs, progress: bar.show });
  bar.clear();
  const seconds = (tickMs() - startedAtMs) / 1000;
  const log = json ? console.error : console.log;
  log(textReport(result));
  log(`\n${result.callsPlayed.toLocaleString('en-US')} calls in ${seconds.toFixed(1)} s`);
  const text = JSON.stringify({ ...result, seconds });
  if (out !== undefined) await write(out, `${text}\n`);
  if (html !== undefined) await write(html, htmlReport(result));
  for (const path of [out, html]) if (path !== undefined) log(`written: ${path}`);
  return json ? print(text, 0) : 0;
}

async function write(path: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  } catch (cause) {
    throw new AppError(simErrors.unwritable, errorText(cause), { cause });
  }
}

function print(text: string, code: number): number {
  console.log(text);
  return code;
}
