import { parseArgs } from 'node:util';
import { progressBar } from '../progress.ts';
import { liveDays } from './crew.ts';
import { type DayResult, liveDay } from './day.ts';
import { type Plant, plants } from './plants.ts';

const usage = `npm run sim -- --seeds N [--from S] [--hours H] [--plant NAME] [--instances] [--json]
npm run sim -- --seed S --trace [--hours H] [--plant NAME] [--instances]

Lives N days of H hours (2), each by its seed from S (1) on: the real server on a simulated PBX, store and CRM, with
people and faults. Ends early on the first day that breaks a rule, and says how to see it again. docs/simulated-days.md

  --plant ${plants.join(' | ')}   puts a bug into the server, to see it found
  --instances   two processes share the calls by lease and token, as src/cluster has it
  --trace   everything that happens, line by line
  --json    the last line is {"seeds":…,"calls":…,"violations":…}

Exit code 0 when no rule was broken, 1 when one was.`;

function readWish(words: readonly string[]) {
  const { values } = parseArgs({
    args: [...words],
    options: {
      seeds: { type: 'string', default: '20' },
      from: { type: 'string', default: '1' },
      hours: { type: 'string', default: '2' },
      seed: { type: 'string' },
      plant: { type: 'string' },
      instances: { type: 'boolean', default: false },
      trace: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const plant = plants.find((name) => name === values.plant);
  const numbers = [values.seeds, values.from, values.hours, values.seed ?? '1'].map(Number);
  const isWrong = (values.plant !== undefined && !plant) || !numbers.every((number) => number > 0 && number < 2 ** 32);
  const [seeds = 0, from = 0, hours = 0] = numbers;
  return { ...values, seeds, from, hours, plant, isWrong };
}

export async function run(words: readonly string[]): Promise<number> {
  const wish = readWish(words);
  if (wish.help || wish.isWrong) {
    console.log(usage);
    return wish.help ? 0 : 2;
  }
  const { hours, plant, json, instances } = wish;
  if (wish.seed !== undefined) {
    const trace = wish.trace ? (line: string) => console.log(line) : undefined;
    const result = await liveDay({ seed: Number(wish.seed), hours, plant, instances, trace });
    conclude([result], json, plant);
    return result.violations.length > 0 ? 1 : 0;
  }
  const orders = Array.from({ length: wish.seeds }, (_, index) => ({
    seed: wish.from + index,
    hours,
    plant,
    instances,
  }));
  const results: DayResult[] = [];
  const bar = progressBar('days', () => performance.now());
  await liveDays(orders, (result) => {
    results.push(result);
    bar.show(results.length / orders.length);
    return result.violations.length === 0;
  });
  bar.clear();
  conclude(results, json, plant);
  return results.some(({ violations }) => violations.length > 0) ? 1 : 0;
}

const sum = (results: readonly DayResult[], of: (result: DayResult) => number): number =>
  results.reduce((total, result) => total + of(result), 0);

function conclude(results: readonly DayResult[], json: boolean, plant: Plant | undefined): void {
  const print = json ? console.error : console.log;
  for (const { seed, violations } of results) {
    const [first] = violations;
    if (!first) continue;
    print(`seed ${seed}, ${(first.tickMs / 1000).toFixed(3)} s: ${first.rule} broken: ${first.what}`);
    for (const fact of first.lastFacts) print(`    ${fact}`);
    print(`again: npm run sim -- --seed ${seed} --trace${plant === undefined ? '' : ` --plant ${plant}`}\n`);
  }
  const figures = {
    seeds: results.length,
    calls: sum(results, ({ calls }) => calls),
    violations: sum(results, ({ violations }) => violations.length),
    conversations: sum(results, ({ conversations }) => conversations),
    events: sum(results, ({ events }) => events),
    lives: sum(results, ({ lives }) => lives),
    faults: sum(results, ({ faults }) => Object.values(faults).reduce((total, count) => total + count, 0)),
    calmHours: Math.round(sum(results, ({ calmMs }) => calmMs) / 3_600_000),
  };
  if (json) console.log(JSON.stringify(figures));
  else
    for (const [name, figure] of Object.entries(figures))
      console.log(`${name.padEnd(14)} ${figure.toLocaleString('en-US')}`);
}
