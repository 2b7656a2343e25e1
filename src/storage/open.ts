import { fileURLToPath } from 'node:url';
import { Kysely } from 'kysely';
import type { EventStore } from '../events/ports.ts';
import { AppError, type Clock, errorText, type Logger, type Rng, uuidv7 } from '../kernel/index.ts';
import { storageErrors } from './errors.ts';
import { SqlEventStore } from './event-store.ts';
import { postgresDialect } from './postgres/dialect.ts';
import type { Database } from './schema.ts';
import { type Durability, NodeSqliteDialect } from './sqlite/dialect.ts';

export interface StoreOptions {
  /** `sqlite:FILE`, `sqlite::memory:`, `file:///…`, or `postgres://…`. */
  readonly url: string;
  /** SQLite only; PostgreSQL has its own setting. */
  readonly durability?: Durability;
  /** PostgreSQL only. */
  readonly connectionsMax?: number;
  readonly connectTimeoutMs?: number;
  readonly statementTimeoutMs?: number;
}

export interface StoreParts {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
}

/** Makes the event store that the URL names. Connects only at `open()`. Throws `storage.url_invalid`. */
export function createEventStore(options: StoreOptions, parts: StoreParts): EventStore {
  const db = new Kysely<Database>({ dialect: dialectFor(options, parts) });
  return new SqlEventStore(db, () => uuidv7(parts.clock.nowMs(), parts.rng));
}

function dialectFor(options: StoreOptions, { logger }: StoreParts) {
  const { url } = options;
  if (url.startsWith('sqlite:')) {
    return new NodeSqliteDialect(url.slice('sqlite:'.length), options.durability ?? 'process');
  }
  if (url.startsWith('file:')) return new NodeSqliteDialect(fileURLToPath(url), options.durability ?? 'process');
  if (!/^postgres(ql)?:\/\//.test(url)) throw new AppError(storageErrors.url_invalid);
  return postgresDialect({
    url,
    connectionsMax: options.connectionsMax ?? 4,
    connectTimeoutMs: options.connectTimeoutMs ?? 2000,
    statementTimeoutMs: options.statementTimeoutMs ?? 5000,
    onBroken: (error) => logger.warn({ code: errorText(error) }, 'a store connection broke'),
  });
}
