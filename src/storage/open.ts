import { fileURLToPath } from 'node:url';
import { Kysely } from 'kysely';
import type { DoNotCallStore, JobStore } from '../campaigns/ports.ts';
import type { EventStore, FollowedStore } from '../events/ports.ts';
import type { AuditStore } from '../security/audit/ports.ts';
import type { RecordingStore } from '../recordings/ports.ts';
import type { IdentityStore } from '../security/ports.ts';
import type { ShardStore } from '../cluster/ports.ts';
import type { BuiltInTable, TicketStore } from '../tickets/ports.ts';
import { AppError, type Clock, errorText, type Logger, type Rng, uuidv7 } from '../kernel/index.ts';
import { SqlAuditStore } from './audit-store.ts';
import { guarded, storageErrors } from './errors.ts';
import { SqlEventStore } from './event-store.ts';
import { SqlIdentityStore } from './identity-store.ts';
import { migrate } from './migrations/index.ts';
import { SqlDoNotCallStore, SqlJobStore } from './outbound-store.ts';
import { postgresDialect } from './postgres/dialect.ts';
import { SqlRecordingStore } from './recording-store.ts';
import type { Database } from './schema.ts';
import { type Fence, SqlShardStore } from './shard-store.ts';
import { type Durability, NodeSqliteDialect } from './sqlite/dialect.ts';
import { SqlBuiltInTable } from './built-in-table.ts';
import { SqlTicketStore } from './ticket-store.ts';

export interface StoreOptions {
  /** `sqlite:FILE`, `sqlite::memory:`, `file:///…`, or `postgres://…`. */
  readonly url: string;
  /** SQLite only; PostgreSQL has its own setting. */
  readonly durability?: Durability;
  /** PostgreSQL only. */
  readonly connectionsMax?: number;
  readonly connectTimeoutMs?: number;
  readonly statementTimeoutMs?: number;
  readonly lockWaitMs?: number;
  /** One of several instances: writes of the log are refused (`storage.fenced`) when the token is not the newest. */
  readonly fence?: Fence;
}

export interface StoreParts {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
}

/** Everything that is kept in one database. */
export interface Stores {
  /** Its `open` brings the schema up to date and its `close` lets go of the database, for all of them. */
  readonly events: EventStore;
  /** The same log for whoever only reads it, beside its writer. */
  readonly followed: FollowedStore;
  readonly identity: IdentityStore;
  readonly audit: AuditStore;
  readonly tickets: TicketStore;
  readonly builtInDesk: BuiltInTable;
  readonly jobs: JobStore;
  readonly doNotCall: DoNotCallStore;
  readonly recordings: RecordingStore;
  readonly shards: ShardStore;
  /** For a command beside the server: brings the schema up to date and leaves the event log alone. */
  prepare(): Promise<void>;
  /** The end of what `prepare` began. */
  release(): Promise<void>;
}

/** Makes the stores of the database that the URL names. Connects only when asked. Throws `storage.url_invalid`. */
export function createStores(options: StoreOptions, parts: StoreParts): Stores {
  const db = new Kysely<Database>({ dialect: dialectFor(options, parts) });
  const events = new SqlEventStore(db, () => uuidv7(parts.clock.nowMs(), parts.rng), options.fence);
  return {
    events,
    followed: events,
    identity: new SqlIdentityStore(db),
    audit: new SqlAuditStore(db),
    tickets: new SqlTicketStore(db),
    builtInDesk: new SqlBuiltInTable(db),
    jobs: new SqlJobStore(db),
    doNotCall: new SqlDoNotCallStore(db),
    recordings: new SqlRecordingStore(db),
    shards: new SqlShardStore(db),
    prepare: () => guarded(() => migrate(db)),
    release: () => db.destroy(),
  };
}

/** The event store alone. */
export function createEventStore(options: StoreOptions, parts: StoreParts): EventStore {
  return createStores(options, parts).events;
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
    transactionSilenceMs: options.fence?.silenceMs,
    lockWaitMs: options.lockWaitMs,
    onBroken: (error) => logger.warn({ code: errorText(error) }, 'a store connection broke'),
  });
}
