import { existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { failed, type Finding, ok, said, together, warning } from '../finding.ts';

const scarceBytes = 1024 ** 3;
const nothingLeftBytes = 50 * 1024 ** 2;
const gib = (bytes: number): string => `${(bytes / 1024 ** 3).toFixed(1)} GiB`;

export function judgeDisk(freeBytes: number): Finding {
  const says = said(`${gib(freeBytes)} of disk are free`, `磁盘剩余 ${gib(freeBytes)}`);
  const mend = said('Make room, or lower store.retentionMs.', '请清理磁盘，或减小 store.retentionMs。');
  if (freeBytes < nothingLeftBytes) return failed(says, mend);
  return freeBytes < scarceBytes ? warning(says, mend) : ok(says.en, says.zh);
}

const unwritable = (where: string): Finding =>
  failed(
    said(`the store cannot be written (${where})`, `存储不可写（${where}）`),
    said(
      'Give the server’s user the right to write the file and its folder, or mend store.url.',
      '请让运行服务的用户对该文件及其目录可写，或修正 store.url。',
    ),
  );

/** The SQLite file: tried with a transaction that is taken back, so that nothing is changed. */
export async function checkSqlite(file: string): Promise<Finding> {
  if (file === ':memory:') {
    return warning(
      said('the store is in memory', '存储在内存中'),
      said('Nothing survives a restart: give store.url a file.', '重启后全部丢失：请将 store.url 设为文件。'),
    );
  }
  const folder = nearestFolder(dirname(file));
  try {
    tryToWrite(folder);
    if (!existsSync(file)) {
      return together([
        judgeDisk(freeBytesAt(folder)),
        ok(`${file} will be made at the first start`, `首次启动时创建 ${file}`),
      ]);
    }
    const { DatabaseSync } = await import('node:sqlite');
    const db = new DatabaseSync(file, { timeout: 1_000 });
    try {
      db.exec('begin immediate; create table ringmaster_doctor (a); rollback');
      const { version } = db.prepare('select sqlite_version() as version').get() as { version: string };
      return together([judgeDisk(freeBytesAt(folder)), ok(`SQLite ${version}, writable`, `SQLite ${version}，可写`)]);
    } finally {
      db.close();
    }
  } catch (error) {
    if (error instanceof Error && /database is locked/.test(error.message)) {
      return warning(
        said('the store was locked for a second', '存储被锁住了一秒'),
        said('See whether another process holds it, a backup for instance.', '请查看是否有其他进程占用，例如备份。'),
      );
    }
    return unwritable(error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : '?');
  }
}

/** Rights alone do not tell: root has them all, and a file system may still be read-only. */
function tryToWrite(folder: string): void {
  rmSync(mkdtempSync(join(folder, '.ringmaster-doctor-')), { recursive: true });
}

/** The folder, or the nearest above it that is there: the server makes the rest. */
function nearestFolder(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearestFolder(dirname(folder));
}

function freeBytesAt(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

const oldestPostgres = 13;

export function judgePostgres(version: string, readOnly: boolean): Finding {
  if (readOnly) return unwritable('read only');
  if (Number.parseInt(version, 10) < oldestPostgres) {
    return warning(
      said(`PostgreSQL ${version} is old`, `PostgreSQL ${version} 较旧`),
      said('Upgrade to 13 or newer.', '请升级到 13 或更高。'),
    );
  }
  return ok(`PostgreSQL ${version}, writable`, `PostgreSQL ${version}，可写`);
}

export async function checkPostgres(url: string): Promise<Finding> {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000, statement_timeout: 2_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ version: string; readonly: boolean }>(
      `select current_setting('server_version') as version, pg_is_in_recovery() or
       current_setting('default_transaction_read_only') = 'on' or
       not has_schema_privilege(current_schema(), 'create') as readonly`,
    );
    const [row] = rows;
    return judgePostgres(row?.version ?? '', row?.readonly ?? true);
  } catch (error) {
    const { code = '?' } = error as { code?: string };
    const refused = code.startsWith('28');
    return failed(
      refused
        ? said('PostgreSQL refused the user', 'PostgreSQL 拒绝了该用户')
        : said(`PostgreSQL cannot be used (${code})`, `PostgreSQL 无法使用（${code}）`),
      said('Compare store.url with the database and pg_hba.conf.', '请核对 store.url、数据库与 pg_hba.conf。'),
    );
  } finally {
    await client.end().catch(() => undefined);
  }
}
