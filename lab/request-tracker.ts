import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { labError } from './errors.ts';
import { withLock } from './lock.ts';
import { freeTcpPort } from './ports.ts';
import { run } from './process.ts';
import { cacheDir, needTool } from './provision.ts';
import { makeRunDir } from './run-dir.ts';
import { type LabService, startService } from './service.ts';

/** A ticket of Request Tracker, as REST2 shows it. */
export interface RtTicket {
  readonly id: string;
  readonly Subject: string;
  readonly Status: string;
}

/** A Request Tracker 5 with a database of its own: what a company has as its ticket desk. */
export interface LabRequestTracker extends LabService {
  readonly user: string;
  readonly password: string;
  /** All tickets whose subject contains the text, oldest first. */
  ticketsLike(subjectPart: string): Promise<readonly RtTicket[]>;
  makeQueue(name: string): Promise<void>;
  /** Changes a ticket as one of the desk's own people would. */
  setStatus(id: string, status: 'open' | 'stalled' | 'resolved' | 'rejected'): Promise<void>;
}

const user = 'root';
const password = 'password';

/** Starts in about four seconds; the first time on a machine the database is made, three seconds more. */
export async function startRequestTracker(): Promise<LabRequestTracker> {
  const command = await needTool('rt-server');
  const database = await emptyDatabase();
  const port = await freeTcpPort();
  const dir = makeRunDir('rt');
  const url = `http://127.0.0.1:${port}`;
  try {
    copyFileSync(database, join(dir, 'rt.sqlite'));
    writeConfig(dir, port);
  } catch (error) {
    rmSync(dir, { recursive: true, force: true });
    throw error;
  }
  const service = await startService(
    {
      name: 'Request Tracker',
      dir,
      logPath: join(dir, 'rt.log'),
      command,
      // One process: a killed one leaves no workers behind.
      args: ['--server', 'Standalone', '--host', '127.0.0.1', '--port', String(port)],
      env: environment(dir),
      stopSignal: 'SIGTERM',
      detached: false,
      isReady: async () => (await ask(url, 'GET', '/queues/all')).ok,
    },
    url,
    port,
  );
  return Object.assign(service, {
    user,
    password,
    ticketsLike: (part: string) => ticketsLike(url, part),
    makeQueue: (name: string) => tell(url, 'POST', '/queue', { Name: name }),
    setStatus: (id: string, status: string) => tell(url, 'PUT', `/ticket/${id}`, { Status: status }),
  });
}

async function tell(url: string, method: string, path: string, body: object): Promise<void> {
  const answer = await ask(url, method, path, body);
  if (!answer.ok) throw labError('command_failed', `Request Tracker: ${answer.status} ${await answer.text()}`);
}

async function ticketsLike(url: string, part: string): Promise<readonly RtTicket[]> {
  const query = new URLSearchParams({
    query: `Subject LIKE '${part}'`,
    fields: 'Subject,Status',
    orderby: 'id',
    per_page: '100',
  });
  const answer = await ask(url, 'GET', `/tickets?${query.toString()}`);
  return ((await answer.json()) as { items: RtTicket[] }).items;
}

function ask(url: string, method: string, path: string, body?: object): Promise<Response> {
  return fetch(`${url}/REST/2.0${path}`, {
    method,
    headers: { authorization: `Basic ${btoa(`${user}:${password}`)}`, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
}

const environment = (dir: string) => ({
  RT_SITE_CONFIG: join(dir, 'RT_SiteConfig.pm'),
  RT_SITE_CONFIG_DIR: join(dir, 'none'),
});

function writeConfig(dir: string, port: number): void {
  mkdirSync(join(dir, 'var'), { recursive: true });
  const settings = [
    `Set($rtname, 'lab');`,
    `Set($WebDomain, '127.0.0.1');`,
    `Set($WebPort, ${port});`,
    `Set($DatabaseType, 'SQLite');`,
    `Set($DatabaseName, '${join(dir, 'rt.sqlite')}');`,
    `Set($LogToSTDERR, 'error');`,
    `Set($LogToSyslog, undef);`,
    // Nobody in the lab gets mail.
    `Set($MailCommand, 'testfile');`,
    `Set($VarPath, '${join(dir, 'var')}');`,
    '1;',
  ];
  writeFileSync(join(dir, 'RT_SiteConfig.pm'), `${settings.join('\n')}\n`);
}

/** A database as it comes from the package, made once on this machine and copied for each run. */
async function emptyDatabase(): Promise<string> {
  const setup = await needTool('rt-setup-database-5');
  const made = join(cacheDir(), 'request-tracker-5.sqlite');
  if (existsSync(made)) return made;
  return withLock(join(cacheDir(), 'request-tracker.lock'), async () => {
    if (existsSync(made)) return made;
    const dir = makeRunDir('rt-new');
    try {
      writeConfig(dir, 80);
      await run(setup, ['--action', 'init', '--skip-create', '--dba', '', '--dba-password', ''], {
        env: environment(dir),
      });
      const built = join(cacheDir(), `request-tracker-5.building-${process.pid}`);
      copyFileSync(join(dir, 'rt.sqlite'), built);
      renameSync(built, made);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
    return made;
  });
}
