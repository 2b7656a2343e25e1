import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { AppError, errorText } from '../../src/kernel/index.ts';
import { simErrors } from '../errors.ts';
import type { Arrivals, RateStep } from './scenario.ts';
import { dayTimeMs } from './times.ts';

const dayMs = 86_400_000;
const quarterMs = 15 * 60_000;
const rowsMax = 5_000_000;

type Row = Readonly<Record<string, string>>;

function rowsOf(file: string): readonly Row[] {
  let rows: Row[];
  try {
    rows = parse(readFileSync(file, 'utf8'), { columns: true, bom: true, trim: true, skip_empty_lines: true });
  } catch (cause) {
    throw new AppError(simErrors.csv, `${file}: ${errorText(cause)}`, { cause });
  }
  if (rows.length === 0 || rows.length > rowsMax)
    fail(file, 1, `there are ${rows.length} rows; 1 to ${rowsMax} are needed`);
  return rows;
}

function fail(file: string, line: number, what: string): never {
  throw new AppError(simErrors.csv, `${file}:${line}: ${what}`);
}

/** Measured durations: the column `seconds`, or the only one there is. Milliseconds, ascending. */
export function readDurations(file: string): readonly number[] {
  const rows = rowsOf(file);
  const [first = ''] = Object.keys(rows[0] ?? {});
  const column = Object.hasOwn(rows[0] ?? {}, 'seconds') ? 'seconds' : first;
  const values = rows.map((row, index) => {
    const seconds = Number(row[column] || Number.NaN);
    return seconds >= 0 && seconds <= 86_400
      ? seconds * 1000
      : fail(file, index + 2, `"${row[column]}" is no number of seconds`);
  });
  return values.sort((a, b) => a - b);
}

/**
 * The calls of a real day. Column `time`: `08:30`, `08:30:15`, or a date with a time, of which the time counts. Column
 * `callers`, if there is one: whose call it was; only those of the class are taken. Column `calls`, if there is one: so
 * many came from this time until the next row's. `random`: as many on average in each quarter of an hour.
 */
export function readArrivals(file: string, callers: string, draw: 'exact' | 'random'): Arrivals {
  const rows = rowsOf(file);
  const mine = rows
    .map((row, index) => ({ row, line: index + 2 }))
    .filter(({ row }) => (row['callers'] ?? callers) === callers);
  const calls = mine.map(({ row, line }) => ({ atMs: timeOf(row, file, line), count: countOf(row, file, line) }));
  calls.sort((a, b) => a.atMs - b.atMs);
  if (calls.some(({ count }) => count !== undefined)) return { kind: 'poisson', steps: ratesOfCounts(calls) };
  if (draw === 'exact') return { kind: 'recorded', timesMs: calls.map(({ atMs }) => atMs) };
  return { kind: 'poisson', steps: ratesOfCalls(calls) };
}

interface Count {
  readonly atMs: number;
  readonly count: number | undefined;
}

function timeOf(row: Row, file: string, line: number): number {
  const [, text] = /(?:^|[T ])(\d{1,2}:\d{2}(?::\d{2})?)/.exec(row['time'] ?? '') ?? [];
  const atMs = text === undefined ? Number.NaN : dayTimeMs(text);
  return atMs < dayMs ? atMs : fail(file, line, `"${row['time'] ?? ''}" in the column time is no time of the day`);
}

function countOf(row: Row, file: string, line: number): number | undefined {
  if (row['calls'] === undefined) return undefined;
  const count = Number(row['calls'] || Number.NaN);
  return count >= 0 ? count : fail(file, line, `"${row['calls']}" in the column calls is no number of calls`);
}

/** The last row lasts as long as the one before. */
function ratesOfCounts(counts: readonly Count[]): RateStep[] {
  let lengthMs = 3_600_000;
  const steps = counts.map(({ atMs, count = 0 }, index) => {
    const next = counts[index + 1]?.atMs;
    if (next !== undefined) lengthMs = next - atMs;
    return { fromMs: atMs, callsPerHour: lengthMs > 0 ? (count * 3_600_000) / lengthMs : 0 };
  });
  const endMs = (counts.at(-1)?.atMs ?? 0) + lengthMs;
  return endMs < dayMs ? [...steps, { fromMs: endMs, callsPerHour: 0 }] : steps;
}

function ratesOfCalls(calls: readonly Count[]): RateStep[] {
  const counts = new Array<number>(dayMs / quarterMs).fill(0);
  for (const { atMs } of calls) {
    const quarter = Math.floor(atMs / quarterMs);
    counts[quarter] = (counts[quarter] ?? 0) + 1;
  }
  return counts.map((count, quarter) => ({ fromMs: quarter * quarterMs, callsPerHour: count * 4 }));
}
