import type { Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';
import { errorText } from '../../kernel/index.ts';
import type { Database } from '../schema.ts';
import { log } from './0001-log.ts';
import { signIn } from './0002-sign-in.ts';
import { audit } from './0003-audit.ts';
import { tickets } from './0004-tickets.ts';
import { outbound } from './0005-outbound.ts';
import { recordings } from './0006-recordings.ts';

/** In order; forward only: what has been released is never changed, the next step is added below. */
const migrations = {
  '0001-log': log,
  '0002-sign-in': signIn,
  '0003-audit': audit,
  '0004-tickets': tickets,
  '0005-outbound': outbound,
  '0006-recordings': recordings,
};

/** Brings the schema up to date. Two servers that start at once wait for each other; each step runs once. */
export async function migrate(db: Kysely<Database>): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => migrations },
    migrationTableName: 'ringmaster_migrations',
    migrationLockTableName: 'ringmaster_migrations_lock',
  });
  const { error } = await migrator.migrateToLatest();
  if (error) throw error instanceof Error ? error : new Error(errorText(error));
}
