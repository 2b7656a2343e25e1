import pg from 'pg';
import { catalogue, isEventType } from '../../src/events/catalogue/index.ts';
import type { Reader } from './reader.ts';

interface Row {
  readonly sequence: number;
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly callseq: number | null;
  readonly body: string;
}

/** What the log is held against. */
interface Held {
  readonly readers: readonly Reader[];
  /** Numbers of callers who spoke to an agent. */
  readonly served: ReadonlySet<string>;
  /** Events after this are still on their way to the readers. */
  readonly upTo: number;
  readonly log: (line: string) => void;
}

/** What is wrong in the log, or between the log and its readers. */
export interface LogFigures {
  readonly eventsLost: number;
  readonly eventsDuplicated: number;
  readonly events: number;
}

export async function lastSequence(storeUrl: string): Promise<number> {
  const [row] = await ask<{ last: string | null }>(storeUrl, 'select max(sequence) as last from events');
  return Number(row?.last ?? 0);
}

/**
 * Reads the whole log from PostgreSQL and holds it against itself, against the readers, and against the callers who
 * spoke to an agent: each has exactly one call that ended.
 */
export async function checkLog(storeUrl: string, { readers, served, upTo, log }: Held): Promise<LogFigures> {
  const rows = (await ask<Row>(storeUrl, 'select * from events order by sequence')).map((row) => ({
    ...row,
    sequence: Number(row.sequence),
    callseq: row.callseq === null ? null : Number(row.callseq),
  }));
  const faults = { lost: new Map<string, number>(), twice: new Map<string, number>() };
  const lost = (what: string, count = 1): void => add(faults.lost, what, count);
  const twice = (what: string, count = 1): void => add(faults.twice, what, count);
  rows.forEach((row, index) => {
    const before = rows[index - 1]?.sequence ?? 0;
    if (row.sequence !== before + 1) lost('holes in the sequence', row.sequence - before - 1);
  });
  twice('the same id in the log', rows.length - new Set(rows.map(({ id }) => id)).size);
  for (const story of stories(rows).values()) checkStory(story, lost, twice);
  for (const row of rows) if (row.type === 'stream.gap.v1') lost('announced as lost', lostIn(row));
  const ended = new Set(rows.filter(({ type }) => type === 'call.ended.v1').map(callerNumber));
  for (const number of served) if (!ended.has(number)) lost('served callers without an end');
  for (const reader of readers) {
    // A reader who is pushed to and slow for a moment gets of these only the newest, as docs/events.md says.
    const mayCoalesce = ({ type }: Row): boolean =>
      reader.kind === 'resuming' && isEventType(type) && catalogue[type].coalesce;
    const expected = rows.filter((row) => reader.expects(row.sequence) && row.sequence <= upTo && !mayCoalesce(row));
    const missing = expected.filter(({ sequence }) => !reader.sequences.has(sequence));
    lost(`not delivered to the ${reader.kind} reader, from ${missing[0]?.sequence}`, missing.length);
  }
  twice('delivered twice to who resumed', readers.find(({ kind }) => kind === 'resuming')?.twice ?? 0);
  for (const [what, count] of [...faults.lost, ...faults.twice]) if (count > 0) log(`  log: ${count} ${what}`);
  return { eventsLost: sum(faults.lost), eventsDuplicated: sum(faults.twice), events: rows.length };
}

async function ask<Answer extends object>(storeUrl: string, text: string): Promise<Answer[]> {
  const client = new pg.Client({ connectionString: storeUrl });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Answer>(text)).rows;
  } finally {
    await client.end();
  }
}

function stories(rows: readonly Row[]): Map<string, Row[]> {
  const found = new Map<string, Row[]>();
  for (const row of rows) {
    if (!row.subject.startsWith('call/')) continue;
    const story = found.get(row.subject) ?? [];
    found.set(row.subject, story);
    story.push(row);
  }
  return found;
}

type Count = (what: string, count?: number) => void;

function checkStory(story: readonly Row[], lost: Count, twice: Count): void {
  const ends = story.filter(({ type }) => type === 'call.ended.v1').length;
  if (ends === 0) lost('calls without an end');
  if (ends > 1) twice('ends of one call', ends - 1);
  let expected = 1;
  for (const { callseq } of story) {
    if (callseq === null) continue;
    if (callseq > expected) lost('holes in a call', callseq - expected);
    if (callseq < expected) twice('steps of a call');
    expected = callseq + 1;
  }
}

const dataOf = ({ body }: Row): Record<string, unknown> => (JSON.parse(body) as { data: Record<string, unknown> }).data;

function callerNumber(row: Row): string {
  return (dataOf(row)['call'] as { callerNumber: string }).callerNumber;
}

function lostIn(row: Row): number {
  const { lost } = dataOf(row);
  return typeof lost === 'number' ? lost : 0;
}

function add(counts: Map<string, number>, what: string, count: number): void {
  if (count > 0) counts.set(what, (counts.get(what) ?? 0) + count);
}

const sum = (counts: ReadonlyMap<string, number>): number => [...counts.values()].reduce((all, one) => all + one, 0);
