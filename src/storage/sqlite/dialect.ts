import { DatabaseSync } from 'node:sqlite';
import {
  type DatabaseIntrospector,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type Kysely,
  type QueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { Checkpointer } from './checkpointer.ts';
import { NodeSqliteDriver } from './driver.ts';

/**
 * How hard a commit presses. `process`: written to the operating system, so a killed server loses nothing and only a
 * power cut may lose the last commits (never damage the file); costs tens of microseconds. `power`: on the disk before
 * the commit returns; each commit then stops the main thread for one fsync, milliseconds on ordinary disks. The
 * default is `process`: a power cut takes the phones down as well, and after it the PBX is asked what is true.
 */
export type Durability = 'process' | 'power';

/** Kysely over Node's own SQLite, one connection, synchronous underneath. */
export class NodeSqliteDialect implements Dialect {
  private readonly file: string;
  private readonly durability: Durability;

  constructor(file: string, durability: Durability) {
    this.file = file;
    this.durability = durability;
  }

  createDriver(): Driver {
    const checkpointer = isFile(this.file) ? new Checkpointer(this.file) : undefined;
    return new NodeSqliteDriver(() => openDatabase(this.file, this.durability), checkpointer);
  }

  createQueryCompiler(): QueryCompiler {
    return new SqliteQueryCompiler();
  }

  createAdapter(): DialectAdapter {
    return new NodeSqliteAdapter();
  }

  createIntrospector(db: Kysely<unknown>): DatabaseIntrospector {
    return new SqliteIntrospector(db);
  }
}

/** Migrations run inside one `begin immediate`, which is also what keeps a second server from running them too. */
class NodeSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/** 128 MiB of WAL: reached only when the checkpointer has failed for a while. */
const pagesMax = 32_768;

const isFile = (file: string): boolean => file !== '' && !file.startsWith(':');

function openDatabase(file: string, durability: Durability): DatabaseSync {
  // The timeout holds the main thread, so it is short; the driver goes on trying without holding it.
  const database = new DatabaseSync(file, { timeout: 10 });
  try {
    // WAL lets readers such as a backup go on while we write, and makes a commit one sequential append.
    database.exec('pragma journal_mode = wal');
    database.exec(`pragma synchronous = ${durability === 'power' ? 'full' : 'normal'}`);
    database.exec(`pragma wal_autocheckpoint = ${pagesMax}`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}
