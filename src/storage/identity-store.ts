import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import type {
  IdentityStore,
  Rotation,
  SessionRecord,
  Standing,
  TokenKeyRecord,
  UserChange,
  UserRecord,
} from '../security/ports.ts';
import { guarded } from './errors.ts';
import type { Database, SessionRow, UserRow } from './schema.ts';

/** Users and sessions over Kysely; the dialect decides between SQLite and PostgreSQL. */
export class SqlIdentityStore implements IdentityStore {
  private readonly db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.db = db;
  }

  user(id: string): Promise<UserRecord | undefined> {
    return guarded(async () => {
      const row = await this.db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst();
      return row && toUser(row);
    });
  }

  users(): Promise<readonly UserRecord[]> {
    return guarded(async () => (await this.db.selectFrom('users').selectAll().orderBy('id').execute()).map(toUser));
  }

  addUser(user: UserRecord): Promise<boolean> {
    return guarded(async () => {
      const { numInsertedOrUpdatedRows } = await this.db
        .insertInto('users')
        .values(toUserRow(user))
        .onConflict((conflict) => conflict.column('id').doNothing())
        .executeTakeFirstOrThrow();
      return Number(numInsertedOrUpdatedRows) === 1;
    });
  }

  changeUser(
    id: string,
    { name, roles, agentId, password, disabled }: UserChange,
    { atMs, endSessions }: { readonly atMs: number; readonly endSessions: boolean },
  ): Promise<boolean> {
    return guarded(async () => {
      const { numUpdatedRows } = await this.db
        .updateTable('users')
        .set({
          changed_at_ms: atMs,
          ...(name === undefined ? {} : { name }),
          ...(roles === undefined ? {} : { roles: JSON.stringify(roles) }),
          ...(agentId === undefined ? {} : { agent_id: agentId }),
          ...(password === undefined ? {} : { password }),
          ...(disabled === undefined ? {} : { disabled: Number(disabled) }),
          ...(endSessions ? { generation: sql<number>`generation + 1` } : {}),
        })
        .where('id', '=', id)
        .executeTakeFirstOrThrow();
      return Number(numUpdatedRows) === 1;
    });
  }

  removeUser(id: string): Promise<boolean> {
    return guarded(async () => {
      const { numDeletedRows } = await this.db.deleteFrom('users').where('id', '=', id).executeTakeFirstOrThrow();
      return Number(numDeletedRows) === 1;
    });
  }

  beginSession(session: SessionRecord, refreshHash: string, sessionsMax: number): Promise<void> {
    return guarded(() =>
      this.db.transaction().execute(async (trx) => {
        await trx.insertInto('sessions').values(toSessionRow(session)).execute();
        await trx
          .insertInto('refresh_tokens')
          .values({ hash: refreshHash, session_id: session.id, used_at_ms: null })
          .execute();
        const open = await trx
          .selectFrom('sessions')
          .select('id')
          .where('user_id', '=', session.userId)
          .where('id', '!=', session.id)
          .where('ended_at_ms', 'is', null)
          .orderBy('created_at_ms', 'desc')
          .orderBy('id')
          .execute();
        for (const { id } of open.slice(sessionsMax - 1)) await endSession(trx, id, session.createdAtMs);
      }),
    );
  }

  rotate(usedHash: string, nextHash: string, atMs: number): Promise<Rotation> {
    return guarded(() =>
      this.db.transaction().execute(async (trx): Promise<Rotation> => {
        const token = await trx
          .selectFrom('refresh_tokens')
          .selectAll()
          .where('hash', '=', usedHash)
          .executeTakeFirst();
        if (!token) return { kind: 'unknown' };
        const { numUpdatedRows } = await trx
          .updateTable('refresh_tokens')
          .set({ used_at_ms: atMs })
          .where('hash', '=', usedHash)
          .where('used_at_ms', 'is', null)
          .executeTakeFirstOrThrow();
        const sessionId = token.session_id;
        const [standing] = await standingOf(trx, [sessionId], atMs);
        if (!standing) return { kind: 'ended', sessionId };
        if (Number(numUpdatedRows) === 0) {
          await endSession(trx, sessionId, atMs);
          return { kind: 'reused', sessionId, userId: standing.user.id };
        }
        await trx
          .insertInto('refresh_tokens')
          .values({ hash: nextHash, session_id: sessionId, used_at_ms: null })
          .execute();
        return { kind: 'rotated', ...standing };
      }),
    );
  }

  endSession(id: string, atMs: number): Promise<void> {
    return guarded(() => endSession(this.db, id, atMs));
  }

  standing(ids: readonly string[], atMs: number): Promise<readonly Standing[]> {
    return guarded(() => standingOf(this.db, ids, atMs));
  }

  pruneSessions(beforeMs: number): Promise<number> {
    return guarded(() =>
      this.db.transaction().execute(async (trx) => {
        const over = trx
          .selectFrom('sessions')
          .select('id')
          .where((where) => where.or([where('expires_at_ms', '<', beforeMs), where('ended_at_ms', '<', beforeMs)]));
        await trx.deleteFrom('refresh_tokens').where('session_id', 'in', over).execute();
        const { numDeletedRows } = await trx
          .deleteFrom('sessions')
          .where((where) => where.or([where('expires_at_ms', '<', beforeMs), where('ended_at_ms', '<', beforeMs)]))
          .executeTakeFirstOrThrow();
        return Number(numDeletedRows);
      }),
    );
  }

  tokenKeys(): Promise<readonly TokenKeyRecord[]> {
    return guarded(async () => {
      const rows = await this.db.selectFrom('token_keys').selectAll().orderBy('created_at_ms', 'desc').execute();
      return rows.map(({ id, secret, created_at_ms: createdAtMs }) => ({ id, secret, createdAtMs }));
    });
  }

  addTokenKey({ id, secret, createdAtMs }: TokenKeyRecord, forgetBeforeMs: number): Promise<void> {
    return guarded(() =>
      this.db.transaction().execute(async (trx) => {
        await trx.insertInto('token_keys').values({ id, secret, created_at_ms: createdAtMs }).execute();
        await trx.deleteFrom('token_keys').where('created_at_ms', '<', forgetBeforeMs).execute();
      }),
    );
  }
}

type Executor = Kysely<Database> | Transaction<Database>;

async function endSession(db: Executor, id: string, atMs: number): Promise<void> {
  await db
    .updateTable('sessions')
    .set({ ended_at_ms: atMs })
    .where('id', '=', id)
    .where('ended_at_ms', 'is', null)
    .execute();
}

/** A session stands while nobody ended it, its time is not over, and its user is there, enabled, and has not changed the password. */
async function standingOf(db: Executor, ids: readonly string[], atMs: number): Promise<readonly Standing[]> {
  if (ids.length === 0) return [];
  const sessions = await db
    .selectFrom('sessions')
    .selectAll()
    .where('id', 'in', ids)
    .where('ended_at_ms', 'is', null)
    .where('expires_at_ms', '>', atMs)
    .execute();
  if (sessions.length === 0) return [];
  const users = await db
    .selectFrom('users')
    .selectAll()
    .where('id', 'in', [...new Set(sessions.map((row) => row.user_id))])
    .where('disabled', '=', 0)
    .execute();
  return sessions.flatMap((session) => {
    const user = users.find(({ id, generation }) => id === session.user_id && generation === session.generation);
    return user ? [{ session: toSession(session), user: toUser(user) }] : [];
  });
}

function toUser(row: Selectable<UserRow>): UserRecord {
  return {
    id: row.id,
    name: row.name,
    roles: JSON.parse(row.roles) as UserRecord['roles'],
    ...(row.agent_id === null ? {} : { agentId: row.agent_id }),
    password: row.password,
    disabled: row.disabled !== 0,
    generation: row.generation,
    createdAtMs: row.created_at_ms,
    changedAtMs: row.changed_at_ms,
  };
}

function toUserRow(user: UserRecord): UserRow {
  return {
    id: user.id,
    name: user.name,
    roles: JSON.stringify(user.roles),
    agent_id: user.agentId ?? null,
    password: user.password,
    disabled: Number(user.disabled),
    generation: user.generation,
    created_at_ms: user.createdAtMs,
    changed_at_ms: user.changedAtMs,
  };
}

function toSession(row: Selectable<SessionRow>): SessionRecord {
  return {
    id: row.id,
    userId: row.user_id,
    generation: row.generation,
    createdAtMs: row.created_at_ms,
    expiresAtMs: row.expires_at_ms,
  };
}

function toSessionRow(session: SessionRecord): SessionRow {
  return {
    id: session.id,
    user_id: session.userId,
    generation: session.generation,
    created_at_ms: session.createdAtMs,
    expires_at_ms: session.expiresAtMs,
    ended_at_ms: null,
  };
}
