import { CompiledQuery, type Kysely, type Transaction } from 'kysely';
import type {
  CommitBatch,
  EventStore,
  FollowedStore,
  KeptConsumer,
  LogPosition,
  StoredEvent,
  VersionedState,
} from '../events/ports.ts';
import { AppError } from '../kernel/index.ts';
import { guarded, storageErrors } from './errors.ts';
import { chunked, type InsertShape } from './inserts.ts';
import { keepTickets } from './ticket-rows.ts';
import { migrate } from './migrations/index.ts';
import { keepJobs } from './outbound-rows.ts';
import { keepRecordings } from './recording-store.ts';
import { assertOwner, type Fence } from './shard-store.ts';
import type { Database, EventRow, StateRow } from './schema.ts';

/** Kinds of state that have no table of their own. */
const inStates: ReadonlySet<VersionedState['kind']> = new Set([
  'call',
  'agent',
  'lastAgent',
  'redial',
  'rules',
  'mirrored',
]);

/** The event store over Kysely; the dialect decides between SQLite and PostgreSQL. */
export class SqlEventStore implements EventStore, FollowedStore {
  private readonly db: Kysely<Database>;
  private readonly newEpoch: () => string;
  private readonly eventInsert: InsertShape<EventRow>;
  private readonly stateUpsert: InsertShape<StateRow>;
  private readonly fence: Fence | undefined;
  private epoch = '';

  /** `newEpoch` names a log that is begun afresh; never the same twice. With a fence only the owner of the shard writes. */
  constructor(db: Kysely<Database>, newEpoch: () => string, fence?: Fence) {
    this.db = db;
    this.fence = fence;
    this.newEpoch = newEpoch;
    this.eventInsert = chunked((rows) =>
      db
        .insertInto('events')
        .values(rows)
        .onConflict((conflict) => conflict.column('sequence').doNothing())
        .compile(),
    );
    this.stateUpsert = chunked((rows) =>
      db
        .insertInto('states')
        .values(rows)
        .onConflict((conflict) =>
          conflict.columns(['kind', 'id']).doUpdateSet((row) => ({
            version: row.ref('excluded.version'),
            body: row.ref('excluded.body'),
          })),
        )
        .compile(),
    );
  }

  open(): Promise<LogPosition> {
    return guarded(async () => {
      // One of several instances has done so before it stood by; a take-over does not wait for it again.
      if (!this.fence) await migrate(this.db);
      return this.db.transaction().execute(async (trx) => {
        await assertOwner(trx, this.fence);
        await this.insertMeta(trx, 'epoch', this.newEpoch());
        this.epoch = (await meta(trx, 'epoch')) ?? '';
        const unclean = !(await this.insertMeta(trx, 'open', '1'));
        return { epoch: this.epoch, ...(await endOf(trx)), unclean };
      });
    });
  }

  position(): Promise<LogPosition | undefined> {
    return guarded(async () => {
      const epoch = await meta(this.db, 'epoch');
      if (epoch === undefined) return undefined;
      const unclean = (await meta(this.db, 'open')) !== undefined;
      return { epoch, ...(await endOf(this.db)), unclean };
    });
  }

  commit(batch: CommitBatch): Promise<void> {
    return guarded(() =>
      this.db.transaction().execute(async (trx) => {
        if (this.fence) await assertOwner(trx, this.fence);
        const inserted = await this.eventInsert(
          trx,
          batch.events.map((event) => this.eventRow(event)),
        );
        if (inserted !== batch.events.length) await assertOurs(trx, batch.events);
        const states = batch.states.filter(({ kind }) => inStates.has(kind));
        if (states.length < batch.states.length) {
          await keepTickets(trx, batch.states);
          await keepJobs(trx, batch.states);
          await keepRecordings(trx, batch.states);
        }
        const kept = states.filter((state) => state.state !== null);
        await this.stateUpsert(trx, kept.map(stateRow));
        for (const { kind, id } of states.filter((state) => state.state === null)) {
          await trx.executeQuery(CompiledQuery.raw(this.deleteStateSql, [kind, id]));
        }
      }),
    );
  }

  read(afterSequence: number, limit: number): Promise<readonly StoredEvent[]> {
    return guarded(async () => {
      const rows = await this.db
        .selectFrom('events')
        .selectAll()
        .where('sequence', '>', afterSequence)
        .orderBy('sequence')
        .limit(limit)
        .execute();
      return rows.map(storedEvent);
    });
  }

  subjects(type: string, afterSequence: number): Promise<readonly string[]> {
    return guarded(async () => {
      const rows = await this.db
        .selectFrom('events')
        .select('subject')
        .where('sequence', '>', afterSequence)
        .where('type', '=', type)
        .orderBy('sequence')
        .execute();
      return rows.map(({ subject }) => subject);
    });
  }

  states(): Promise<readonly VersionedState[]> {
    return guarded(async () => {
      const rows = await this.db.selectFrom('states').selectAll().orderBy('kind').orderBy('id').execute();
      return rows.map((row) => ({
        kind: row.kind as VersionedState['kind'],
        id: row.id,
        version: row.version,
        state: JSON.parse(row.body) as object,
      }));
    });
  }

  loadCursor(consumerId: string): Promise<number | undefined> {
    return guarded(async () => {
      const row = await this.db
        .selectFrom('consumers')
        .select('sequence')
        .where('id', '=', consumerId)
        .executeTakeFirst();
      return row?.sequence;
    });
  }

  saveCursor(consumerId: string, sequence: number, atMs: number): Promise<void> {
    return guarded(async () => {
      await this.db
        .insertInto('consumers')
        .values({ id: consumerId, sequence, at_ms: atMs })
        .onConflict((conflict) =>
          conflict.column('id').doUpdateSet({ sequence, at_ms: atMs }).where('consumers.sequence', '<', sequence),
        )
        .execute();
    });
  }

  consumers(limit: number): Promise<readonly KeptConsumer[]> {
    return guarded(async () => {
      const rows = await this.db
        .selectFrom('consumers')
        .selectAll()
        .orderBy('at_ms')
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map(({ id, sequence, at_ms: atMs }) => ({ id, sequence, atMs }));
    });
  }

  removeConsumer(consumerId: string): Promise<boolean> {
    return guarded(async () => {
      const removed = await this.db.deleteFrom('consumers').where('id', '=', consumerId).executeTakeFirstOrThrow();
      return Number(removed.numDeletedRows) > 0;
    });
  }

  prune(beforeMs: number, limit: number): Promise<number> {
    return guarded(() =>
      this.db.transaction().execute(async (trx) => {
        const oldest = await trx
          .selectFrom('events')
          .select(['sequence', 'at_ms'])
          .orderBy('sequence')
          .limit(limit)
          .execute();
        // Only an unbroken run from the start: a hole would look like a loss to whoever replays.
        const end = oldest.findIndex((row) => row.at_ms >= beforeMs);
        const upTo = oldest[(end === -1 ? oldest.length : end) - 1]?.sequence;
        if (upTo === undefined) return 0;
        const { numDeletedRows } = await trx
          .deleteFrom('events')
          .where('sequence', '<=', upTo)
          .executeTakeFirstOrThrow();
        await trx
          .insertInto('meta')
          .values({ key: 'prunedTo', value: String(upTo) })
          .onConflict((conflict) => conflict.column('key').doUpdateSet({ value: String(upTo) }))
          .execute();
        return Number(numDeletedRows);
      }),
    );
  }

  async close({ clean }: { readonly clean: boolean }): Promise<void> {
    try {
      if (clean) await guarded(() => this.markClosed());
    } finally {
      await this.db.destroy();
    }
  }

  private markClosed(): Promise<void> {
    return this.db.transaction().execute(async (trx) => {
      await assertOwner(trx, this.fence);
      await trx.deleteFrom('meta').where('key', '=', 'open').execute();
    });
  }

  private get deleteStateSql(): string {
    this.deleteState ??= this.db.deleteFrom('states').where('kind', '=', '').where('id', '=', '').compile().sql;
    return this.deleteState;
  }
  private deleteState: string | undefined;

  /** True when the key was not there before. */
  private async insertMeta(trx: Transaction<Database>, key: string, value: string): Promise<boolean> {
    const { numInsertedOrUpdatedRows } = await trx
      .insertInto('meta')
      .values({ key, value })
      .onConflict((conflict) => conflict.column('key').doNothing())
      .executeTakeFirstOrThrow();
    return Number(numInsertedOrUpdatedRows) === 1;
  }

  private eventRow(event: StoredEvent): EventRow {
    return {
      sequence: event.sequence,
      epoch: this.epoch,
      id: event.id,
      type: event.type,
      subject: event.subject,
      at_ms: event.atMs,
      callseq: event.callSequence ?? null,
      body: event.body,
    };
  }
}

async function meta(db: Kysely<Database>, key: string): Promise<string | undefined> {
  return (await db.selectFrom('meta').select('value').where('key', '=', key).executeTakeFirst())?.value;
}

async function endOf(db: Kysely<Database>): Promise<Pick<LogPosition, 'lastSequence' | 'lastGap'>> {
  const events = db.selectFrom('events').select((e) => e.fn.max('sequence').as('last'));
  const last = await events.executeTakeFirst();
  // After a crash only what nobody was told is missing. Gaps are few, and have an index of their own.
  const gaps = events.where('type', '=', 'stream.gap.v1').where('body', 'not like', '%"reason":"uncleanStop"%');
  const gap = await gaps.executeTakeFirst();
  // Retention may have emptied the table; sequences must still never be used twice.
  const floor = Number((await meta(db, 'prunedTo')) ?? 0);
  return { lastSequence: Math.max(Number(last?.last ?? 0), floor), lastGap: Number(gap?.last ?? 0) };
}

/** Rows that were there already must be ours, from a commit whose answer got lost; else somebody else writes here. */
async function assertOurs(trx: Transaction<Database>, events: readonly StoredEvent[]): Promise<void> {
  const first = events[0];
  const last = events.at(-1);
  if (!first || !last) return;
  const rows = await trx
    .selectFrom('events')
    .select(['sequence', 'id'])
    .where('sequence', '>=', first.sequence)
    .where('sequence', '<=', last.sequence)
    .execute();
  const idOf = new Map(rows.map((row) => [row.sequence, row.id]));
  if (events.some((event) => idOf.get(event.sequence) !== event.id)) throw new AppError(storageErrors.conflict);
}

function storedEvent(row: EventRow): StoredEvent {
  return {
    sequence: row.sequence,
    id: row.id,
    type: row.type,
    subject: row.subject,
    atMs: row.at_ms,
    ...(row.callseq === null ? {} : { callSequence: row.callseq }),
    body: row.body,
  };
}

function stateRow(state: VersionedState): StateRow {
  return { kind: state.kind, id: state.id, version: state.version, body: JSON.stringify(state.state) };
}
