import { CompiledQuery, type Transaction } from 'kysely';
import type { Database } from './schema.ts';

/** Inserts any number of rows and tells how many were written. */
export type InsertShape<Row> = (trx: Transaction<Database>, rows: readonly Row[]) => Promise<number>;

/** Few shapes, so that each is compiled once and its prepared statement is found again; 64 rows stay under every parameter limit. */
const chunkSizes = [64, 16, 4, 1] as const;

/**
 * Inserts by chunks of fixed sizes. Kysely builds the text of each size once, from a row of the real columns;
 * after that a batch costs no query building at all.
 */
export function chunked<Row extends object>(compile: (rows: Row[]) => CompiledQuery): InsertShape<Row> {
  const texts = new Map<number, string>();
  const textOf = (size: number, row: Row): string => {
    const known = texts.get(size);
    if (known !== undefined) return known;
    const { sql } = compile(Array.from({ length: size }, () => row));
    texts.set(size, sql);
    return sql;
  };
  return async (trx, rows) => {
    let written = 0;
    let from = 0;
    for (const size of chunkSizes) {
      for (; rows.length - from >= size; from += size) {
        const part = rows.slice(from, from + size);
        const query = CompiledQuery.raw(textOf(size, part[0] as Row), part.flatMap(Object.values));
        written += Number((await trx.executeQuery(query)).numAffectedRows ?? 0n);
      }
    }
    return written;
  };
}
