import { progressBar } from '../../progress.ts';
import type { Gate } from './gate.ts';
import { type GateSize, runGates } from './run.ts';

/** Plays all gates and prints them; exit code 0 when all are kept. */
export function gatesCommand(options: {
  readonly size: GateSize;
  readonly seed?: number;
  readonly json: boolean;
}): number {
  const { json, ...wanted } = options;
  const nowMs = () => performance.now();
  const startedAtMs = nowMs();
  const bar = progressBar('holding against theory', nowMs);
  const gates = runGates({ ...wanted, progress: bar.show });
  bar.clear();
  const ok = gates.every((gate) => gate.ok);
  const log = json ? console.error : console.log;
  for (const line of gateLines(gates)) log(line);
  log(`${ok ? 'kept' : 'NOT KEPT'}; ${((nowMs() - startedAtMs) / 1000).toFixed(1)} s`);
  if (json) console.log(JSON.stringify({ ok, gates }));
  return ok ? 0 : 1;
}

function gateLines(gates: readonly Gate[]): string[] {
  const width = Math.max(...gates.map(({ measure }) => measure.length));
  return gates.flatMap(({ model, measure, expected, got, ci95: [low, high], ok }, index) => [
    ...(gates[index - 1]?.model === model ? [] : [model]),
    `  ${measure.padEnd(width)}  expected ${figure(expected)}  got ${figure(got)}  in ${figure(low)} … ${figure(high)}  ${ok ? 'ok' : 'FAILED'}`,
  ]);
}

const figure = (value: number): string => String(Number(value.toPrecision(4))).padStart(8);
