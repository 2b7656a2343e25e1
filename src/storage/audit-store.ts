import { type Kysely, type Selectable, sql } from 'kysely';
import type { AuditHead, AuditLink, AuditPersonal, AuditRow, AuditStore } from '../security/audit/ports.ts';
import { guarded } from './errors.ts';
import type { AuditPersonalRow, AuditRowRow, Database } from './schema.ts';

const noHead: AuditHead = { sequence: 0, hmac: '' };

/** Audit chains over Kysely; the dialect decides between SQLite and PostgreSQL. */
export class SqlAuditStore implements AuditStore {
  private readonly db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.db = db;
  }

  append(tenant: string, link: (head: AuditHead) => readonly AuditLink[]): Promise<AuditHead> {
    return guarded(() =>
      this.db.transaction().execute(async (trx) => {
        await trx
          .insertInto('audit_heads')
          .values({ tenant, ...noHead })
          .onConflict((conflict) => conflict.column('tenant').doNothing())
          .execute();
        // Writing the row makes other writers wait on PostgreSQL; on SQLite the transaction itself does.
        await trx
          .updateTable('audit_heads')
          .set({ sequence: sql<number>`sequence` })
          .where('tenant', '=', tenant)
          .execute();
        const { sequence, hmac } = await trx
          .selectFrom('audit_heads')
          .select(['sequence', 'hmac'])
          .where('tenant', '=', tenant)
          .executeTakeFirstOrThrow();
        const links = link({ sequence, hmac });
        const last = links.at(-1);
        if (!last) return { sequence, hmac };
        // One insert a row keeps the number of prepared statements small; batches are short.
        for (const { row, personal } of links) {
          await trx.insertInto('audit').values(toRow(tenant, row)).execute();
          if (personal) await trx.insertInto('audit_personal').values(toPersonalRow(tenant, personal)).execute();
        }
        const head = { sequence: last.row.sequence, hmac: last.row.hmac };
        await trx.updateTable('audit_heads').set(head).where('tenant', '=', tenant).execute();
        return head;
      }),
    );
  }

  head(tenant: string): Promise<AuditHead> {
    return guarded(async () => {
      const row = await this.db
        .selectFrom('audit_heads')
        .select(['sequence', 'hmac'])
        .where('tenant', '=', tenant)
        .executeTakeFirst();
      return row ?? noHead;
    });
  }

  read(tenant: string, afterSequence: number, limit: number): Promise<readonly AuditLink[]> {
    return guarded(async () => {
      const rows = await this.db
        .selectFrom('audit')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('sequence', '>', afterSequence)
        .orderBy('sequence')
        .limit(limit)
        .execute();
      const last = rows.at(-1);
      if (!last) return [];
      const personal = await this.db
        .selectFrom('audit_personal')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('sequence', '>', afterSequence)
        .where('sequence', '<=', last.sequence)
        .execute();
      const beside = new Map(personal.map((row) => [row.sequence, fromPersonalRow(row)]));
      return rows.map((row) => {
        const its = beside.get(row.sequence);
        return its ? { row: fromRow(row), personal: its } : { row: fromRow(row) };
      });
    });
  }

  erasePersonal(tenant: string, beforeMs: number): Promise<number> {
    return guarded(async () => {
      const { numDeletedRows } = await this.db
        .deleteFrom('audit_personal')
        .where('tenant', '=', tenant)
        .where('at_ms', '<', beforeMs)
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    });
  }

  ownKey(made: string): Promise<string> {
    return guarded(async () => {
      await this.db
        .insertInto('meta')
        .values({ key: 'auditKey', value: made })
        .onConflict((conflict) => conflict.column('key').doNothing())
        .execute();
      const row = await this.db
        .selectFrom('meta')
        .select('value')
        .where('key', '=', 'auditKey')
        .executeTakeFirstOrThrow();
      return row.value;
    });
  }
}

function toRow(tenant: string, row: AuditRow): AuditRowRow {
  const { sequence, atMs, actor, action, target, detail, personalTag, previous, hmac } = row;
  return { tenant, sequence, at_ms: atMs, actor, action, target, detail, personal_tag: personalTag, previous, hmac };
}

function fromRow(row: Selectable<AuditRowRow>): AuditRow {
  const { tenant: _, at_ms: atMs, personal_tag: personalTag, ...same } = row;
  return { ...same, atMs, personalTag };
}

function toPersonalRow(tenant: string, { sequence, atMs, salt, body }: AuditPersonal): AuditPersonalRow {
  return { tenant, sequence, at_ms: atMs, salt, body };
}

function fromPersonalRow(row: Selectable<AuditPersonalRow>): AuditPersonal {
  const { tenant: _, at_ms: atMs, ...same } = row;
  return { ...same, atMs };
}
