import type { Kysely, Transaction } from 'kysely';
import type { VersionedState } from '../events/ports.ts';
import type { RecordingFilter, RecordingRecord, RecordingStore } from '../recordings/ports.ts';
import { guarded } from './errors.ts';
import type { Database, RecordingRow } from './schema.ts';

/** Writes the recordings of a batch, in the transaction of the events that they came with. Late news change nothing. */
export async function keepRecordings(trx: Transaction<Database>, states: readonly VersionedState[]): Promise<void> {
  for (const { kind, id, state, version } of states) {
    if (kind !== 'recording') continue;
    if (state === null) {
      await trx.deleteFrom('recordings').where('id', '=', id).execute();
      continue;
    }
    // Only the bridge and `src/recordings` write states of this kind.
    const row = toRow(state as RecordingRecord, version);
    await trx
      .insertInto('recordings')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doUpdateSet(row).where('recordings.version', '<=', row.version))
      .execute();
  }
}

/** Recordings as the event store's transactions left them. */
export class SqlRecordingStore implements RecordingStore {
  private readonly db: Kysely<Database>;

  constructor(db: Kysely<Database>) {
    this.db = db;
  }

  async get(id: string): Promise<RecordingRecord | undefined> {
    const [found] = await this.read((rows) => rows.where('id', '=', id));
    return found;
  }

  list({ callId, beforeMs, limit }: RecordingFilter): Promise<readonly RecordingRecord[]> {
    return this.read((rows) => {
      let query = rows.orderBy('started_at_ms', 'desc').orderBy('id', 'desc').limit(limit);
      if (callId !== undefined) query = query.where('call_id', '=', callId);
      if (beforeMs !== undefined) query = query.where('started_at_ms', '<', beforeMs);
      return query;
    });
  }

  unread(limit: number): Promise<readonly RecordingRecord[]> {
    return this.read((rows) => rows.where('phase', '=', 'stopped').orderBy('started_at_ms').limit(limit));
  }

  begunBefore(beforeMs: number, limit: number): Promise<readonly RecordingRecord[]> {
    return this.read((rows) =>
      rows
        .where('started_at_ms', '<', beforeMs)
        .where('phase', 'in', ['ready', 'failed'])
        .orderBy('started_at_ms')
        .limit(limit),
    );
  }

  private read(narrow: (rows: ReturnType<SqlRecordingStore['bodies']>) => ReturnType<SqlRecordingStore['bodies']>) {
    return guarded(async () => {
      const rows = await narrow(this.bodies()).execute();
      return rows.map(({ body }) => JSON.parse(body) as RecordingRecord);
    });
  }

  private bodies() {
    return this.db.selectFrom('recordings').select('body');
  }
}

function toRow(record: RecordingRecord, version: number): RecordingRow {
  return {
    id: record.id,
    version,
    call_id: record.callId,
    phase: record.phase,
    started_at_ms: record.startedAtMs,
    body: JSON.stringify(record),
  };
}
