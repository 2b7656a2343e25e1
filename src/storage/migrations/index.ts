import { type Kysely, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { errorText } from '../../kernel/index.ts';
import type { Database } from '../schema.ts';
import { log } from './0001-log.ts';
import { signIn } from './0002-sign-in.ts';
import { audit } from './0003-audit.ts';
import { tickets } from './0004-tickets.ts';
import { outbound } from './0005-outbound.ts';
import { recordings } from './0006-recordings.ts';
import { shards } from './0007-shards.ts';

/** In order; forward only: what has been released is never changed, the next step is added below. */
const migrations = {
  '0001-log': log,
  '0002-sign-in': signIn,
  '0003-audit': audit,
  '0004-tickets': tickets,
  '0005-outbound': outbound,
  '0006-recordings': recordings,
  '0007-shards': shards,
};

const table = 'ringmaster_migrations';

/**
 * Brings the schema up to date. Two servers that start at once wait for each other; each step runs once. Steps that a
 * newer version has run are let be: while a deploy is under way the older instances must still be able to take over.
 */
export async function migrate(db: Kysely<Database>): Promise<void> {
  const newer = await stepsOfNewerVersions(db);
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => ({ ...migrations, ...newer }) },
    migrationTableName: table,
    migrationLockTableName: `${table}_lock`,
  });
  const { error } = await migrator.migrateToLatest();
  if (error) throw error instanceof Error ? error : new Error(errorText(error));
}

async function stepsOfNewerVersions(db: Kysely<Database>): Promise<Record<string, Migration>> {
  // Asked first: a failing statement is an error in the log of a PostgreSQL.
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some(({ name }) => name === table)) return {};
  const { rows } = await sql<{ readonly name: string }>`select name from ${sql.table(table)}`.execute(db);
  const unknown = rows.map(({ name }) => name).filter((name) => !Object.hasOwn(migrations, name));
  return Object.fromEntries(unknown.map((name) => [name, { up: () => Promise.resolve() }]));
}
