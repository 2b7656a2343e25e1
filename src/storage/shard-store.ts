import type { Kysely, Transaction } from 'kysely';
import type { ShardOwner, ShardStore } from '../cluster/ports.ts';
import { AppError } from '../kernel/index.ts';
import { guarded, storageErrors } from './errors.ts';
import type { Database } from './schema.ts';

/** What a writer holds against the row of its shard. */
export interface Fence {
  readonly shard: string;
  readonly token: number;
  /** A transaction in which its writer says nothing for so long is broken off, and the row is free for the next owner. */
  readonly silenceMs: number;
}

/**
 * Refuses with `storage.fenced` unless the token is the newest. The row stays locked against a new owner until the
 * transaction ends, so what is written under a token lies before everything that is written under the next.
 */
export async function assertOwner(trx: Transaction<Database>, fence: Fence | undefined): Promise<void> {
  if (!fence) return;
  const row = await trx
    .selectFrom('shards')
    .select('token')
    .where('shard', '=', fence.shard)
    .forShare()
    .executeTakeFirst();
  if (row?.token !== fence.token) throw new AppError(storageErrors.fenced);
}

/** The owners of the shards, in PostgreSQL: their tokens survive a Redis that has lost everything. */
export class SqlShardStore implements ShardStore {
  private readonly db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.db = db;
  }

  owner(shard: string): Promise<ShardOwner | undefined> {
    return guarded(async () => {
      const row = await this.db.selectFrom('shards').selectAll().where('shard', '=', shard).executeTakeFirst();
      return row && { token: row.token, term: row.term, instanceId: row.instance_id, url: row.url };
    });
  }

  take(shard: string, expected: number, owner: Omit<ShardOwner, 'token'>, atMs: number): Promise<number | undefined> {
    return guarded(async () => {
      const token = expected + 1;
      const row = {
        shard,
        token,
        term: owner.term,
        instance_id: owner.instanceId,
        url: owner.url,
        taken_at_ms: atMs,
      };
      const { numInsertedOrUpdatedRows } = await this.db
        .insertInto('shards')
        .values(row)
        .onConflict((conflict) => conflict.column('shard').doUpdateSet(row).where('shards.token', '=', expected))
        .executeTakeFirstOrThrow();
      return Number(numInsertedOrUpdatedRows) === 1 ? token : undefined;
    });
  }
}
