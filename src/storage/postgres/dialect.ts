import { type Dialect, PostgresDialect } from 'kysely';
import type pg from 'pg';

export interface PostgresOptions {
  /** `postgres://user@host:port/database`; the password comes from the environment or PGPASSFILE. */
  readonly url: string;
  readonly connectionsMax: number;
  readonly connectTimeoutMs: number;
  /** A statement that takes longer is broken off; the log retries. */
  readonly statementTimeoutMs: number;
  /** A transaction whose client says nothing for so long ends, with its locks. Without it only TCP would find out. */
  readonly transactionSilenceMs?: number | undefined;
  /** How long a statement waits for what another transaction has locked. */
  readonly lockWaitMs?: number | undefined;
  /** Told when a connection breaks outside a statement; without a listener the process would end. */
  readonly onBroken: (error: Error) => void;
}

const int8Oid = 20;

/** Kysely over node-postgres. 64-bit integers come as numbers: ours stay far below 2^53. */
export function postgresDialect(options: PostgresOptions): Dialect {
  return new PostgresDialect({ pool: () => openPool(options) });
}

/** The driver is loaded here, so that a server on SQLite does without it. */
async function openPool(options: PostgresOptions): Promise<pg.Pool> {
  const {
    default: { Pool, types },
  } = await import('pg');
  const parserFor = (oid: number, format?: 'text' | 'binary'): ((text: string) => unknown) =>
    oid === int8Oid ? Number : (types.getTypeParser(oid, format) as (text: string) => unknown);
  const pool = new Pool({
    connectionString: options.url,
    max: options.connectionsMax,
    connectionTimeoutMillis: options.connectTimeoutMs,
    // The server breaks off a long statement; the client's own limit, a little later, covers a server gone silent.
    statement_timeout: options.statementTimeoutMs,
    query_timeout: options.statementTimeoutMs + 1000,
    idle_in_transaction_session_timeout: options.transactionSilenceMs,
    lock_timeout: options.lockWaitMs,
    keepAlive: true,
    application_name: 'ringmaster',
    types: { getTypeParser: parserFor },
  });
  pool.on('error', options.onBroken);
  // The pool listens only while a connection is idle. One that breaks between two statements of a transaction would
  // otherwise end the process; the statement that comes next fails, and that is told where it belongs.
  pool.on('connect', (client) => client.on('error', options.onBroken));
  return pool;
}
