/** `npm run bench`: one promise of the README, ours and its baseline in turn in one run. */
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { errorText } from '../src/kernel/index.ts';

interface BenchResult {
  readonly name: string;
  /** What was measured; units last in the names. */
  readonly figures: Record<string, number>;
  /** Ours against the baseline, as the README promises them. */
  readonly ratios: Record<string, number>;
  /** Whether every promise was kept. */
  readonly ok: boolean;
  /** What was promised of figures, by their names, as words for readers: `≤ 3000`. */
  readonly limits?: Record<string, string>;
}

type OptionValues = Readonly<Record<string, string | boolean | undefined>>;

interface Bench {
  readonly description: string;
  /** Options of its own, beside `--json`. */
  readonly options?: NonNullable<ParseArgsConfig['options']>;
  run(options: { json: boolean; log(line: string): void; values: OptionValues }): Promise<BenchResult>;
}

const help = `npm run bench -- NAME [--json]

Measures one promise of the README. Exit code 0 when it is kept, 1 when not, 2 on a wrong option.

  --list   all names with what they measure
  --json   the last line, alone on standard output, is the result as JSON; the rest goes to standard error

takeover, soak and others have options of their own; their files in bench/ say which.`;

const folder = import.meta.dirname;

/** Names of all benches. Their text is looked at before they are loaded: worker files beside them must not be run. */
const names = (): string[] =>
  globSync('*.ts', { cwd: folder })
    .filter((file) => /^export const description\b/m.test(readFileSync(join(folder, file), 'utf8')))
    .map((file) => basename(file, '.ts'))
    .sort();

async function load(name: string): Promise<Bench> {
  return (await import(`./${name}.ts`)) as Bench;
}

async function list(): Promise<void> {
  for (const name of names()) {
    const { description } = await load(name);
    console.log(`${name.padEnd(12)} ${description}`);
  }
}

function table(title: string, values: Record<string, number>, limits: Record<string, string> = {}): string[] {
  const rows = Object.entries(values);
  if (rows.length === 0) return [];
  const width = Math.max(...rows.map(([name]) => name.length));
  const line = ([name, value]: [string, number]): string =>
    `  ${name.padEnd(width)}  ${readable(value).padStart(14)}  ${limits[name] ?? ''}`.trimEnd();
  return [title, ...rows.map(line)];
}

/** Four significant digits for small numbers, grouped digits for large ones. */
function readable(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  return Math.abs(value) >= 1_000 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(4)));
}

async function measure(name: string, words: string[]): Promise<number> {
  if (!names().includes(name)) {
    console.error(`there is no bench "${name}"; see --list`);
    return 2;
  }
  const bench = await load(name);
  const { values } = parseArgs({ args: words, options: { json: { type: 'boolean' }, ...bench.options } });
  const json = values['json'] === true;
  const log = json ? (line: string) => console.error(line) : (line: string) => console.log(line);
  log(`${name}: ${bench.description}`);
  const result = await bench.run({ json, log, values: values });
  const lines = [
    ...table('figures', result.figures, result.limits),
    ...table('ratios', result.ratios),
    result.ok ? 'kept' : 'NOT KEPT',
  ];
  for (const line of lines) log(line);
  if (json) console.log(JSON.stringify(result));
  return result.ok ? 0 : 1;
}

/** The name comes first, or after `--json`; what else is said belongs to the bench. */
async function main(): Promise<number> {
  const words = process.argv.slice(2);
  if (words.includes('--list')) {
    await list();
    return 0;
  }
  const at = words.findIndex((word) => !word.startsWith('-'));
  const [name] = words.splice(Math.max(at, 0), 1);
  if (name === undefined || at === -1 || words.includes('--help') || words.includes('-h')) {
    console.log(help);
    return words.includes('--help') || words.includes('-h') || name === '--help' || name === '-h' ? 0 : 2;
  }
  return measure(name, words);
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(errorText(error));
  const wrongOption = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  process.exitCode = wrongOption ? 2 : 1;
}
