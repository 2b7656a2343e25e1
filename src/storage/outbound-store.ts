import { type Kysely, type SelectQueryBuilder, sql } from 'kysely';
import {
  callbackTarget,
  type DoNotCallEntry,
  type DoNotCallStore,
  type Job,
  type JobFilter,
  type JobStore,
} from '../campaigns/ports.ts';
import { guarded } from './errors.ts';
import type { Database } from './schema.ts';

type Bodies = SelectQueryBuilder<Database, 'outbound_jobs', { body: string }>;

/** Jobs of calling out, as the event store's transactions left them. */
export class SqlJobStore implements JobStore {
  private readonly db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.db = db;
  }

  async get(id: string): Promise<Job | undefined> {
    return (await read(this.bodies().where('id', '=', id)))[0];
  }

  async byKey(idempotencyKey: string): Promise<Job | undefined> {
    return (await read(this.bodies().where('idempotency_key', '=', idempotencyKey).limit(1)))[0];
  }

  list({ status, queueId, callbacks, before, limit }: JobFilter): Promise<readonly Job[]> {
    let query = this.bodies().orderBy('created_at_ms', 'desc').orderBy('id', 'desc').limit(limit);
    if (status !== undefined) query = query.where('status', '=', status);
    if (queueId !== undefined) query = query.where('queue_id', '=', queueId);
    if (callbacks) query = query.where('target', 'like', `${callbackTarget}%`);
    if (before) {
      const { createdAtMs, id } = before;
      query = query.where((eb) =>
        eb.or([
          eb('created_at_ms', '<', createdAtMs),
          eb.and([eb('created_at_ms', '=', createdAtMs), eb('id', '<', id)]),
        ]),
      );
    }
    return read(query);
  }

  active(): Promise<readonly Job[]> {
    return read(this.bodies().where('status', '=', 'active'));
  }

  dueTargets(nowMs: number): Promise<readonly string[]> {
    return guarded(async () => {
      const rows = await this.db
        .selectFrom('outbound_jobs')
        .select('target')
        .distinct()
        .where('status', '=', 'pending')
        .where('due_at_ms', '<=', nowMs)
        .execute();
      return rows.map(({ target }) => target);
    });
  }

  dueOf(target: string, nowMs: number, limit: number): Promise<readonly Job[]> {
    return read(
      this.bodies()
        .where('status', '=', 'pending')
        .where('target', '=', target)
        .where('due_at_ms', '<=', nowMs)
        .orderBy('priority', 'desc')
        .orderBy('due_at_ms')
        .limit(limit),
    );
  }

  nextDueMs(): Promise<number | undefined> {
    return guarded(async () => {
      const row = await this.db
        .selectFrom('outbound_jobs')
        .select(({ fn }) => fn.min('due_at_ms').as('due'))
        .where('status', '=', 'pending')
        .executeTakeFirst();
      return row?.due === null || row?.due === undefined ? undefined : Number(row.due);
    });
  }

  prune(beforeMs: number, limit: number): Promise<number> {
    return guarded(async () => {
      const { numDeletedRows } = await this.db
        .deleteFrom('outbound_jobs')
        .where('id', 'in', (rows) =>
          rows.selectFrom('outbound_jobs').select('id').where('finished_at_ms', '<', beforeMs).limit(limit),
        )
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    });
  }

  private bodies(): Bodies {
    return this.db.selectFrom('outbound_jobs').select('body');
  }
}

function read(query: Bodies): Promise<readonly Job[]> {
  return guarded(async () => (await query.execute()).map(({ body }) => JSON.parse(body) as Job));
}

/** The do-not-call list. */
export class SqlDoNotCallStore implements DoNotCallStore {
  private readonly db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.db = db;
  }

  has(number: string): Promise<boolean> {
    return guarded(async () => {
      const row = await this.db
        .selectFrom('do_not_call')
        .select(sql<number>`1`.as('one'))
        .where('number', '=', number)
        .executeTakeFirst();
      return row !== undefined;
    });
  }

  add({ number, reason, addedAtMs }: DoNotCallEntry): Promise<void> {
    return guarded(async () => {
      await this.db
        .insertInto('do_not_call')
        .values({ number, reason, added_at_ms: addedAtMs })
        .onConflict((conflict) => conflict.column('number').doUpdateSet({ reason }))
        .execute();
    });
  }

  remove(number: string): Promise<boolean> {
    return guarded(async () => {
      const { numDeletedRows } = await this.db
        .deleteFrom('do_not_call')
        .where('number', '=', number)
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows) > 0;
    });
  }

  list(after: string, limit: number): Promise<readonly DoNotCallEntry[]> {
    return guarded(async () => {
      const rows = await this.db
        .selectFrom('do_not_call')
        .selectAll()
        .where('number', '>', after)
        .orderBy('number')
        .limit(limit)
        .execute();
      return rows.map(({ number, reason, added_at_ms: addedAtMs }) => ({ number, reason, addedAtMs }));
    });
  }
}
