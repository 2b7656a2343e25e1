import { chownSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { labError } from './errors.ts';
import { freeTcpPort } from './ports.ts';
import { run } from './process.ts';
import { needTool } from './provision.ts';
import { makeRunDir } from './run-dir.ts';
import { type LabService, startService } from './service.ts';

export interface PostgresOptions {
  readonly detached?: boolean;
}

const DATABASE = 'ringmaster';
const USER = 'ringmaster';

/**
 * A PostgreSQL cluster of its own on a free loopback port, fsync on as in production;
 * `url` is `postgres://ringmaster@127.0.0.1:PORT/ringmaster`, no password.
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<LabService> {
  const initdb = await needTool('initdb');
  const postgres = await needTool('postgres');
  const port = await freeTcpPort();
  const dir = makeRunDir('postgres');
  const data = join(dir, 'data');
  const asUser = await unprivileged(dir, options.detached ?? false);
  try {
    const trust = ['--auth', 'trust', '--username', USER, '--encoding', 'UTF8', '--locale', 'C.UTF-8', '--no-sync'];
    const [file = '', ...args] = [...asUser, initdb, '--pgdata', data, ...trust];
    await run(file, args, { cwd: dir });
  } catch (error) {
    rmSync(dir, { recursive: true, force: true });
    throw error;
  }
  const settings = ['fsync=on', 'max_connections=200', `unix_socket_directories=${dir}`, 'listen_addresses=127.0.0.1'];
  const server = [postgres, '-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])];
  const [command = '', ...args] = [...asUser, ...server];
  const logPath = join(dir, 'postgres.log');
  const isReady = () => hasDatabase(port);
  const { detached = false } = options;
  // SIGINT is PostgreSQL's fast shutdown: it does not wait for clients.
  const spec = { name: 'postgres', dir, logPath, command, args, stopSignal: 'SIGINT', detached, isReady } as const;
  return startService(spec, `postgres://${USER}@127.0.0.1:${port}/${DATABASE}`, port);
}

/**
 * PostgreSQL refuses root, so root hands the directory to the package's user and becomes it. Changing the user clears
 * the wish to die with the parent, so it is stated again, except for a detached server. Returns words for the front.
 */
async function unprivileged(dir: string, detached: boolean): Promise<string[]> {
  if (process.getuid?.() !== 0) return [];
  const [uid, gid] = await userIds('postgres').catch(() => userIds('nobody'));
  if (uid === undefined || gid === undefined) throw labError('start_failed', 'no user to run PostgreSQL as');
  mkdirSync(join(dir, 'data'), { mode: 0o700 });
  for (const path of [dir, join(dir, 'data')]) chownSync(path, uid, gid);
  const bond = detached ? [] : ['--pdeathsig', 'KILL'];
  return ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', ...bond];
}

async function userIds(name: string): Promise<[number, number]> {
  const [uid, gid] = await Promise.all(['-u', '-g'].map((flag) => run('id', [flag, name])));
  return [Number(uid), Number(gid)];
}

/** True once it serves our database, which is made at the first look. */
async function hasDatabase(port: number): Promise<boolean> {
  const client = new pg.Client({ host: '127.0.0.1', port, user: USER, database: 'postgres' });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const known = await client.query('select 1 from pg_database where datname = $1', [DATABASE]);
    if (known.rowCount === 0) await client.query(`create database ${DATABASE}`);
    return true;
  } finally {
    await client.end().catch(() => undefined);
  }
}
