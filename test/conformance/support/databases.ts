import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, inject } from 'vitest';

/** What a test has opened, ended after it in the opposite order. */
export const cleanUps: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

function sqliteUrl(): string {
  const dir = mkdtempSync(join(tmpdir(), 'ringmaster-store-'));
  cleanUps.push(() => rmSync(dir, { recursive: true, force: true }));
  return `sqlite:${join(dir, 'store.db')}`;
}

/** A database of its own per test, so that nothing is left over. */
async function postgresUrl(): Promise<string> {
  const lab = inject('postgresUrl') ?? '';
  const name = `store_${process.pid}_${Math.random().toString(36).slice(2)}`;
  await runSql(lab, `create database ${name}`);
  cleanUps.push(() => runSql(lab, `drop database ${name} with (force)`));
  return Object.assign(new URL(lab), { pathname: `/${name}` }).href;
}

/** One statement on a connection of its own. */
export async function runSql(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(statement);
  await client.end();
}

/** Every kind of database that this machine has; each `url()` names an empty one. */
export const databases = [
  { name: 'SQLite', url: async () => sqliteUrl() },
  ...(inject('postgresUrl') ? [{ name: 'PostgreSQL', url: postgresUrl }] : []),
];
