import { mkdtempSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kysely, sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NodeSqliteDialect } from '../../src/storage/sqlite/dialect.ts';

interface Tables {
  readonly things: { readonly id: number; readonly name: string };
}

let dir: string;
let db: Kysely<Tables>;
const file = () => join(dir, 'test.db');

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'ringmaster-sqlite-'));
  db = new Kysely<Tables>({ dialect: new NodeSqliteDialect(file(), 'process') });
  await sql`create table things (id integer primary key, name text not null)`.execute(db);
});

afterEach(async () => {
  await db.destroy();
  rmSync(dir, { recursive: true, force: true });
});

const insert = (on: Kysely<Tables>, id: number) =>
  on
    .insertInto('things')
    .values({ id, name: `n${id}` })
    .execute();
const count = async () =>
  Number(
    (
      await db
        .selectFrom('things')
        .select((e) => e.fn.countAll().as('n'))
        .executeTakeFirst()
    )?.n,
  );

describe('the SQLite dialect', () => {
  it.each([
    ['process', 1],
    ['power', 2],
  ] as const)('writes ahead, and presses as hard as durability %s asks', async (durability, synchronous) => {
    const other = new Kysely<Tables>({ dialect: new NodeSqliteDialect(join(dir, 'other.db'), durability) });
    expect((await sql`pragma journal_mode`.execute(other)).rows).toEqual([{ journal_mode: 'wal' }]);
    expect((await sql`pragma synchronous`.execute(other)).rows).toEqual([{ synchronous }]);
    await other.destroy();
  });

  it("keeps others out of a transaction's connection until it ends", async () => {
    let seen = -1;
    const reading: Promise<void>[] = [];
    await db.transaction().execute(async (trx) => {
      await insert(trx, 1);
      reading.push(count().then((n) => void (seen = n)));
      await new Promise(setImmediate);
      expect(seen).toBe(-1);
      await insert(trx, 2);
    });
    await Promise.all(reading);
    expect(seen).toBe(2);
  });

  it('rolls back what failed and goes on', async () => {
    const failing = db.transaction().execute(async (trx) => {
      await insert(trx, 1);
      await insert(trx, 1);
    });
    await expect(failing).rejects.toThrow('UNIQUE');
    await insert(db, 2);
    expect(await count()).toBe(1);
  });

  it('takes text as it is, not as SQL', async () => {
    const name = "'); drop table things; -- \u0000 来电";
    await db.insertInto('things').values({ id: 1, name }).execute();
    expect(await db.selectFrom('things').selectAll().execute()).toEqual([{ id: 1, name }]);
  });

  it('waits for another process on the file without holding the thread', async () => {
    const other = new DatabaseSync(file());
    other.exec('begin immediate');
    let turns = 0;
    const inserting = insert(db, 1);
    while (turns < 20) {
      await new Promise(setImmediate);
      turns += 1;
    }
    other.exec('commit');
    other.close();
    await inserting;
    expect(await count()).toBe(1);
  });

  it('keeps working beyond the number of statements that it remembers', async () => {
    for (let n = 0; n < 200; n += 1) await sql`select ${sql.lit(n)}`.execute(db);
    await insert(db, 1);
    expect(await count()).toBe(1);
  });
});
