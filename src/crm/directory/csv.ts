import { CsvError, parse } from 'csv-parse/sync';
import type { Customer } from '../../call/index.ts';
import { type NumberPlan, normaliseNumber } from '../numbers.ts';
import { type Column, columnNames, columnOf, yesOrNo } from './columns.ts';
import type { DirectoryRow } from './directory.ts';

export interface CsvLimits {
  readonly bytesMax: number;
  readonly rowsMax: number;
}

/** `line` counts from 1, the header included. `message` never repeats the cell, which is personal data. */
export interface CsvProblem {
  readonly line: number;
  readonly column?: string;
  readonly message: string;
}

export type CsvOutcome =
  | { readonly kind: 'rows'; readonly rows: readonly DirectoryRow[] }
  | { readonly kind: 'problems'; readonly problems: readonly CsvProblem[] };

const PROBLEMS_MAX = 50;
const CELL_CHARS_MAX = 500;
const COLUMNS_MAX = 64;
const NUMBERS_PER_ROW_MAX = 10;

interface Line {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/** Reads a directory file: UTF-8, with or without BOM, one header line; all of it or nothing. */
export function parseDirectoryCsv(content: string | Uint8Array, plan: NumberPlan, limits: CsvLimits): CsvOutcome {
  const lines = csvLines(content, limits);
  if ('kind' in lines) return lines;
  const [header, ...body] = lines;
  const columns = header.record.map(columnOf);
  const headerProblems = checkHeader(columns);
  if (headerProblems.length > 0) return { kind: 'problems', problems: headerProblems };
  return rowsOf(body, columns, plan);
}

/** The lines of a file, the header first; there is one. */
export function csvLines(
  content: string | Uint8Array,
  limits: CsvLimits,
): [Line, ...Line[]] | Extract<CsvOutcome, { kind: 'problems' }> {
  const bytes = typeof content === 'string' ? Buffer.byteLength(content) : content.byteLength;
  if (bytes > limits.bytesMax) return problem(1, `the file has ${bytes} bytes, at most ${limits.bytesMax} are read`);
  const text = decode(content);
  if (text === undefined) return problem(1, 'the file is not UTF-8: save it as "CSV UTF-8"');
  const lines = split(text, limits.rowsMax);
  if ('kind' in lines) return lines;
  const [header, ...body] = lines;
  if (!header) return problem(1, 'the file is empty: the first line names the columns');
  if (body.length > limits.rowsMax) return problem(limits.rowsMax + 2, `at most ${limits.rowsMax} rows are read`);
  return [header, ...body];
}

function decode(content: string | Uint8Array): string | undefined {
  if (typeof content === 'string') return content;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    return undefined;
  }
}

function split(text: string, rowsMax: number): Line[] | Extract<CsvOutcome, { kind: 'problems' }> {
  try {
    return parse(text, {
      bom: true,
      info: true,
      trim: true,
      relax_column_count: false,
      skip_empty_lines: true,
      max_record_size: CELL_CHARS_MAX * COLUMNS_MAX,
      // One more than the header and the limit, so that too many are seen without reading them all.
      to: rowsMax + 2,
    }) as unknown as Line[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return problem(Number(error['lines'] ?? 1), `not readable as CSV (${error.code.toLowerCase()})`);
  }
}

function checkHeader(columns: readonly (Column | undefined)[]): CsvProblem[] {
  const missing = (['phone', 'name'] as const).filter((needed) => !columns.includes(needed));
  const twice = [...new Set(columns.filter((column, at) => column && columns.indexOf(column) !== at))];
  return [
    ...missing.map((column) => ({
      line: 1,
      column,
      message: `no such column: name it ${columnNames[column].join(' or ')}`,
    })),
    ...twice.map((column) => ({ line: 1, column: String(column), message: 'the column is there twice: remove one' })),
  ];
}

function rowsOf(body: readonly Line[], columns: readonly (Column | undefined)[], plan: NumberPlan): CsvOutcome {
  const problems: CsvProblem[] = [];
  const rows: DirectoryRow[] = [];
  for (const { record, info } of body) {
    const cells: Partial<Record<Column, string>> = {};
    columns.forEach((column, at) => {
      if (column) cells[column] = record[at] ?? '';
    });
    const note = (column: Column, message: string) => problems.push({ line: info.lines, column, message });
    const row = rowOf(cells, plan, note);
    if (row) rows.push(row);
    if (problems.length >= PROBLEMS_MAX) break;
  }
  return problems.length > 0 ? { kind: 'problems', problems } : { kind: 'rows', rows };
}

type Note = (column: Column, message: string) => void;

function rowOf(cells: Partial<Record<Column, string>>, plan: NumberPlan, note: Note): DirectoryRow | undefined {
  for (const [column, cell] of Object.entries(cells)) {
    if (cell.length > CELL_CHARS_MAX) note(column as Column, `longer than ${CELL_CHARS_MAX} characters: shorten it`);
  }
  const numbers = list(cells.phone);
  if (numbers.length === 0) note('phone', 'no number: give at least one');
  if (numbers.length > NUMBERS_PER_ROW_MAX) note('phone', `more than ${NUMBERS_PER_ROW_MAX} numbers: use several rows`);
  const canonical = numbers.map((raw) => normaliseNumber(raw, plan));
  canonical.forEach((number, at) => {
    if (number.kind === 'anonymous' || number.kind === 'unknown') note('phone', `number ${at + 1} is no phone number`);
  });
  const [first] = canonical;
  if (!cells.name) note('name', 'no name: give one');
  if (!cells.name || !first || first.kind === 'anonymous') return undefined;
  return { numbers, customer: customerOf(cells, cells.name, cells.id || `directory:${first.canonical}`, note) };
}

function customerOf(cells: Partial<Record<Column, string>>, name: string, id: string, note: Note): Customer {
  const value = cells.value ? Number(cells.value) : 0;
  if (!(value >= 0 && value <= 100)) note('value', 'no number from 0 to 100');
  const flag = (column: 'vip' | 'blacklisted'): boolean => {
    const answer = yesOrNo(cells[column] ?? '');
    if (answer === undefined) note(column, 'neither yes nor no: write 1 or 0, 是 or 否');
    return answer ?? false;
  };
  return {
    id,
    name,
    value,
    vip: flag('vip'),
    blacklisted: flag('blacklisted'),
    tags: list(cells.tags),
    purchases: [],
    openTickets: [],
    ...(cells.tier ? { tier: cells.tier } : {}),
    ...(cells.language ? { language: cells.language } : {}),
    ...(cells.region ? { region: cells.region } : {}),
    ...(cells.owner ? { ownerAgentId: cells.owner } : {}),
    ...(cells.strategy ? { strategy: cells.strategy } : {}),
  };
}

/** Several values of one cell, divided by any of `; | 、 ；`. */
const list = (cell = ''): string[] =>
  cell
    .split(/[;|、；]/)
    .map((part) => part.trim())
    .filter((part) => part !== '');

const problem = (line: number, message: string): Extract<CsvOutcome, { kind: 'problems' }> => ({
  kind: 'problems',
  problems: [{ line, message }],
});
