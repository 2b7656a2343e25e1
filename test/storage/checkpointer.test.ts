import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Checkpointer } from '../../src/storage/sqlite/checkpointer.ts';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'ringmaster-checkpoint-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

it('copies the log of recent writes into the file while the writer goes on', async () => {
  const file = join(dir, 'log.sqlite');
  using database = new DatabaseSync(file);
  database.exec('pragma journal_mode = wal; pragma wal_autocheckpoint = 0; create table t (body text)');
  const before = statSync(file).size;
  const insert = database.prepare('insert into t values (?)');
  const checkpointer = new Checkpointer(file);
  for (let commit = 0; commit < 1_000; commit += 1) {
    insert.run('x'.repeat(200));
    checkpointer.committed();
  }
  insert.run('written while the checkpoint runs');
  await checkpointer.stop();
  expect(statSync(file).size).toBeGreaterThan(before + 100_000);
  expect(database.prepare('select count(*) as rows from t').get()).toEqual({ rows: 1_001 });
});

it('lets the log begin anew although the writer goes on meanwhile', async () => {
  const file = join(dir, 'log.sqlite');
  using database = new DatabaseSync(file);
  database.exec('pragma journal_mode = wal; pragma wal_autocheckpoint = 0; create table t (body text)');
  const insert = database.prepare('insert into t values (?)');
  const checkpointer = new Checkpointer(file);
  // So much that the first pass takes longer than the writer pauses.
  for (let commit = 0; commit < 1_000; commit += 1) {
    insert.run('x'.repeat(80_000));
    checkpointer.committed();
  }
  const writer = setInterval(() => insert.run('written while the checkpoint runs'), 20);
  await checkpointer.stop();
  await sleep(50);
  clearInterval(writer);
  expect(beginningsOf(`${file}-wal`)).toBeGreaterThan(0);
});

it('survives a checkpoint that fails, and ends when there is none', async () => {
  const checkpointer = new Checkpointer(join(dir, 'no-such-folder', 'log.sqlite'));
  for (let commit = 0; commit < 1_000; commit += 1) checkpointer.committed();
  await expect(checkpointer.stop()).resolves.toBeUndefined();
  await expect(checkpointer.stop()).resolves.toBeUndefined();
});

/** How often the log has begun anew: a number in its header that counts up. */
const beginningsOf = (walFile: string): number => readFileSync(walFile).readUInt32BE(12);
