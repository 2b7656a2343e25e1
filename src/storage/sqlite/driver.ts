import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import type { Checkpointer } from './checkpointer.ts';
import { CompiledQuery, type DatabaseConnection, type Driver, type QueryResult } from 'kysely';

const statementsMax = 64;
/**
 * Another process on the same file (a second server at its start, a backup) is waited for without holding the main
 * thread: SQLite's own busy timeout would.
 */
const busyTriesMax = 100;
const busyPauseMs = 20;
const sqliteBusy = 5;
const begin = CompiledQuery.raw('begin immediate');
const commit = CompiledQuery.raw('commit');
const rollback = CompiledQuery.raw('rollback');

/** One connection, handed to one user at a time, so that a read never lands inside another's transaction. */
export class NodeSqliteDriver implements Driver {
  private readonly open: () => DatabaseSync;
  private readonly checkpointer: Checkpointer | undefined;
  private connection: NodeSqliteConnection | undefined;
  private busy = false;
  private readonly waiting: (() => void)[] = [];

  constructor(open: () => DatabaseSync, checkpointer?: Checkpointer) {
    this.open = open;
    this.checkpointer = checkpointer;
  }

  async init(): Promise<void> {
    this.connection = new NodeSqliteConnection(this.open());
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    if (!this.connection) throw new Error('the database is closed');
    if (this.busy) await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.busy = true;
    return this.connection;
  }

  async releaseConnection(): Promise<void> {
    // The next in line takes over at once: `busy` stays true so that nobody slips in between.
    const next = this.waiting.shift();
    if (next) next();
    else this.busy = false;
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    // Immediate: takes the write lock now, so a transaction never fails half-way for want of it.
    await connection.executeQuery(begin);
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(commit);
    this.checkpointer?.committed();
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    // Some failures (disk full) have already rolled back.
    if (this.connection?.inTransaction) await connection.executeQuery(rollback);
  }

  async destroy(): Promise<void> {
    await this.checkpointer?.stop();
    this.connection?.close();
    this.connection = undefined;
  }
}

/** Keeps prepared statements by their text; the shapes of our queries are few. */
class NodeSqliteConnection implements DatabaseConnection {
  private readonly database: DatabaseSync;
  private readonly statements = new Map<string, { run: StatementSync; reads: boolean }>();

  constructor(database: DatabaseSync) {
    this.database = database;
  }

  get inTransaction(): boolean {
    return this.database.isTransaction;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    for (let tries = 1; ; tries += 1) {
      try {
        return this.execute(query);
      } catch (error) {
        if (!isBusy(error) || this.inTransaction || tries === busyTriesMax) throw error;
        await pause(busyPauseMs);
      }
    }
  }

  // biome-ignore lint/correctness/useYield: Kysely asks for the method; our logs are read by pages instead.
  async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error('streaming is not offered by this driver');
  }

  close(): void {
    this.statements.clear();
    this.database.close();
  }

  private execute<Row>(query: CompiledQuery): QueryResult<Row> {
    const statement = this.prepared(query.sql);
    const parameters = query.parameters as readonly SQLInputValue[];
    if (statement.reads) return { rows: statement.run.all(...parameters) as Row[] };
    const { changes } = statement.run.run(...parameters);
    return { rows: [], numAffectedRows: BigInt(changes) };
  }

  private prepared(sql: string): { run: StatementSync; reads: boolean } {
    const known = this.statements.get(sql);
    if (known) return known;
    const run = this.database.prepare(sql);
    const fresh = { run, reads: run.columns().length > 0 };
    // Oldest out: schema statements of the start make room for the few that repeat.
    if (this.statements.size >= statementsMax) this.statements.delete(this.statements.keys().next().value as string);
    this.statements.set(sql, fresh);
    return fresh;
  }
}

function isBusy(error: unknown): boolean {
  return (error as { errcode?: unknown }).errcode === sqliteBusy;
}
