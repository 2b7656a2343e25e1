import { type NumberPlan, normaliseNumber } from '../numbers.ts';
import { columnNames, columnOf } from './columns.ts';
import { type CsvLimits, type CsvProblem, csvLines } from './csv.ts';

export type NumberListOutcome =
  | { readonly kind: 'numbers'; readonly numbers: ReadonlySet<string> }
  | { readonly kind: 'problems'; readonly problems: readonly CsvProblem[] };

const problemsMax = 50;

/** Reads a file of numbers, such as a do-not-call list: a header line, a column of numbers, others passed over; all or nothing. */
export function readNumberList(content: string, plan: NumberPlan, limits: CsvLimits): NumberListOutcome {
  const lines = csvLines(content, limits);
  if ('kind' in lines) return lines;
  const [header, ...body] = lines;
  const column = header?.record.findIndex((name) => columnOf(name) === 'phone') ?? -1;
  if (column < 0) {
    const message = `no such column: name it ${columnNames.phone.join(' or ')}`;
    return { kind: 'problems', problems: [{ line: 1, column: 'phone', message }] };
  }
  const numbers = new Set<string>();
  const problems: CsvProblem[] = [];
  for (const { record, info } of body) {
    const number = normaliseNumber(record[column] ?? '', plan);
    if (number.kind !== 'anonymous' && number.kind !== 'unknown') numbers.add(number.canonical);
    else problems.push({ line: info.lines, column: 'phone', message: 'is no phone number' });
    if (problems.length >= problemsMax) break;
  }
  return problems.length > 0 ? { kind: 'problems', problems } : { kind: 'numbers', numbers };
}
