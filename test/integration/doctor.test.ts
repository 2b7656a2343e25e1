import { execFile } from 'node:child_process';
import { appendFileSync, chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { freeTcpPort, type LabAsterisk, type SampleCrm, startAsterisk, startSampleCrm } from '../../lab/index.ts';
import { configText, newKeySecret, type RingmasterOptions } from '../../lab/ringmaster/settings.ts';
import { type LabRingmaster, startRingmaster } from '../../lab/ringmaster/start.ts';
import { entry, queue } from './support/site.ts';

interface Report {
  readonly ok: boolean;
  readonly checks: readonly {
    readonly id: string;
    readonly verdict: string;
    readonly says: string;
    readonly mend?: string;
  }[];
}

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
/** As `npm run doctor` has it. */
const env = {
  ...process.env,
  NODE_COMPILE_CACHE: fileURLToPath(new URL('../../node_modules/.cache/ringmaster', import.meta.url)),
};
const template = fileURLToPath(new URL('../../config/presets/crm/sample-simple.yaml', import.meta.url));
const secrets = ['ami-exact-secret', 'ami-few-secret', 'ami-many-secret', 'a-wrong-password'];

let dir: string;
let asterisk: LabAsterisk;
let crm: SampleCrm;
let server: LabRingmaster;

const amiUser = (name: string, read: string, write: string, more = ''): string =>
  `[${name}]\nsecret = ami-${name}-secret\nread = ${read}\nwrite = ${write}\n${more}\n`;
/** As in config/presets/asterisk/manager.conf. */
const filter = 'eventfilter = ^Event: (DeviceStateChange|ContactStatus|FullyBooted|Reload|Shutdown)';
const deaf = 'eventfilter = ^Event: (FullyBooted|Reload|Shutdown)';

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'ringmaster-doctor-'));
  const users =
    amiUser('exact', 'system,call', 'call,reporting', filter) +
    amiUser('few', 'call', 'agent') +
    amiUser('many', 'all', 'all', deaf);
  [asterisk, crm] = await Promise.all([startAsterisk({ extraConfig: { 'manager.conf': users } }), startSampleCrm()]);
  server = await startRingmaster(options());
});

afterAll(async () => {
  await server?.stop();
  await Promise.all([asterisk?.stop(), crm?.stop()]);
  rmSync(dir, { recursive: true, force: true });
});

const options = (part: Partial<RingmasterOptions> = {}): RingmasterOptions => ({
  asterisk,
  numbers: [entry],
  queues: [queue],
  agents: [],
  ami: { user: 'exact', secret: 'ami-exact-secret' },
  crm,
  ...part,
});

interface Told {
  readonly report: Report;
  readonly code: number | null;
  readonly text: string;
  /** `warning: …` by check. */
  readonly of: (id: string) => string;
}

/** Runs the doctor on a config of its own, by default for the server that runs. */
async function doctor(
  part: Partial<RingmasterOptions> = {},
  port = Number(new URL(server.url).port),
  ...more: string[]
): Promise<Told> {
  const file = join(mkdtempSync(join(dir, 'site-')), 'config.yaml');
  const paths = { store: join(dir, 'ringmaster.sqlite'), template };
  writeFileSync(file, configText(options(part), newKeySecret(), port, paths), { mode: 0o600 });
  const args = [
    main,
    'doctor',
    '--config',
    file,
    '--asterisk-etc',
    join(asterisk.runDir, 'etc'),
    ...(more.length > 0 ? more : ['--json']),
  ];
  const { code, text } = await new Promise<{ code: number | null; text: string }>((resolve) => {
    const child = execFile(process.execPath, args, { env }, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode, text: stdout + stderr }),
    );
  });
  for (const secret of [...secrets, asterisk.ariPassword, crm.token]) expect(text).not.toContain(secret);
  const report = more.length > 0 ? { ok: false, checks: [] } : (JSON.parse(text) as Report);
  const of = (id: string): string => {
    const found = report.checks.find((check) => check.id === id);
    return `${found?.verdict}: ${found?.says}`;
  };
  return { report, code, text, of };
}

it('a healthy site: nothing failed, and each check says what it saw', async () => {
  const redisUrl = inject('redisUrl');
  const { report, code, of } = await doctor(redisUrl === null ? {} : { redisUrl });
  expect(report.checks.filter(({ verdict }) => verdict === 'failed')).toEqual([]);
  expect([report.ok, code]).toEqual([true, 0]);
  expect(of('pbx1/ari')).toBe('ok: reachable, requests over the WebSocket');
  expect(of('pbx1/version')).toMatch(/^ok: Asterisk 2\d/);
  expect(of('pbx1/modules')).toMatch(/^ok/);
  expect(of('pbx1/application')).toBe('ok: "ringmaster" is held by the server that runs here');
  expect(of('pbx1/sessions')).toBe('ok: sessionlimit is 2000');
  expect(of('pbx1/ami')).toBe('ok: logged in');
  expect(of('pbx1/amiRights')).toBe('ok: what is needed and no more');
  expect(of('pbx1/phoneStates')).toMatch(/^ok/);
  expect(of('pbx1/dialplan')).toMatch(/^ok: \d+ lines lead here, the first ringmaster-entry,_400/);
  expect(of('pbx1/clock')).toMatch(/^ok/);
  expect(of('server')).toBe('ok: runs and is ready');
  expect(of('store')).toMatch(/^(ok|warning): /);
  expect(of('crm/sample')).toMatch(/^ok: answers; nobody has/);
  expect(of('redis')).toMatch(redisUrl === null ? /^undefined/ : /^(ok|warning): /);
});

it.concurrent('everything wrong at once: each failure is told apart, with its mend', async () => {
  const dead = await freeTcpPort();
  const { report, code, of } = await doctor(
    {
      ari: { password: 'a-wrong-password' },
      ami: { user: 'exact', secret: 'a-wrong-password' },
      redisUrl: `redis://:a-wrong-password@127.0.0.1:${dead}`,
      crm: { url: `http://127.0.0.1:${dead}`, token: 'a-wrong-password' },
      storeUrl: 'sqlite:/proc/ringmaster.sqlite',
    },
    await freeTcpPort(),
  );
  expect([report.ok, code]).toEqual([false, 1]);
  expect(of('pbx1/ari')).toBe('failed: ARI refused user or password');
  expect(of('pbx1/ami')).toBe('failed: Asterisk refused the login');
  expect(of('pbx1/modules')).toBe('notChecked: ARI is not reachable');
  expect(of('redis')).toBe('failed: Redis cannot be reached');
  expect(of('crm/sample')).toMatch(/^failed: crm\./);
  expect(of('store')).toMatch(/^failed: the store cannot be written/);
  expect(of('server')).toBe('notChecked: no server runs here');
  for (const { verdict, mend } of report.checks)
    expect(mend !== undefined).toBe(verdict === 'failed' || verdict === 'warning');
});

it.concurrent('a wrong token of the CRM, PostgreSQL, and certificates here and at the PBX', async () => {
  const postgresUrl = inject('postgresUrl');
  const etc = join(asterisk.runDir, 'etc');
  const { of } = await doctor({
    crm: { url: crm.url, token: 'a-wrong-password' },
    ...(postgresUrl === null ? {} : { storeUrl: postgresUrl }),
    server: { tls: { cert: join(etc, 'ami-cert.pem'), key: join(etc, 'ami-key.pem') } },
    ami: { host: 'localhost', port: asterisk.amiTlsPort, tls: true, user: 'exact', secret: 'ami-exact-secret' },
  });
  expect(of('crm/sample')).toMatch(/^failed: crm\./);
  expect(of('store')).toMatch(postgresUrl === null ? /SQLite/ : /^ok: PostgreSQL \d+.*, writable$/);
  expect(of('tls')).toMatch(/^ok: valid until \d{4}-/);
  expect(of('pbx1/amiTls')).toBe(of('tls'));
  // Signed by nobody whom this machine trusts.
  expect(of('pbx1/ami')).toMatch(/^failed: AMI cannot be reached by TLS, or its certificate is not trusted/);
});

it.concurrent('an AMI user with too few rights, and the application in the hands of another server', async () => {
  const elsewhere = await freeTcpPort();
  const { of } = await doctor({ ami: { user: 'few', secret: 'ami-few-secret' } }, elsewhere);
  expect(of('pbx1/amiRights')).toBe('failed: rights are missing: read = system, write = call, write = reporting');
  expect(of('pbx1/dialplan')).toMatch(/^notChecked: the AMI user may not list/);
  expect(of('pbx1/application')).toMatch(/^warning: "ringmaster" is registered, but not by a server that runs here/);
});

it.concurrent('an AMI user with too many rights and a filter too narrow, an application that nobody holds', async () => {
  const { of } = await doctor(
    { ami: { user: 'many', secret: 'ami-many-secret' }, application: 'nobody' },
    await freeTcpPort(),
  );
  expect(of('pbx1/amiRights')).toMatch(/^warning: rights that nobody here needs: write = .*command.*originate.*system/);
  expect(of('pbx1/phoneStates')).toBe('failed: AMI does not tell when a phone changes');
  expect(of('pbx1/application')).toMatch(/^ok: "nobody" is free/);
  expect(of('pbx1/dialplan')).toMatch(/^failed: no line leads here: neither Stasis\(nobody\)/);
});

it.concurrent('an ARI user that may only read', async () => {
  const { of } = await doctor({ ari: { user: asterisk.ariObserver } });
  expect(of('pbx1/phoneStates')).toMatch(/^failed: the ARI user may only read/);
});

it('nothing is left behind: no application and no device of the doctor', async () => {
  const auth = `Basic ${btoa(`${asterisk.ariObserver}:${asterisk.ariPassword}`)}`;
  const ask = async (path: string): Promise<string> =>
    (await fetch(`${asterisk.ariUrl}${path}`, { headers: { authorization: auth } })).text();
  expect(await ask('/deviceStates')).not.toContain('ringmaster-doctor');
  expect(await ask('/applications')).not.toContain('ringmaster-doctor');
});

it('too few HTTP sessions, said in Chinese', async () => {
  const http = join(asterisk.runDir, 'etc', 'http.conf');
  const before = readFileSync(http, 'utf8');
  appendFileSync(http, 'sessionlimit = 6\n');
  chmodSync(http, 0o644);
  await asterisk.cli('module reload http');
  const { text, code } = await doctor({}, undefined, '--lang', 'zh_CN.UTF-8');
  writeFileSync(http, before);
  await asterisk.cli('module reload http');
  expect(code).toBe(1);
  expect(text).toMatch(/失败.*pbx1\/sessions.*Asterisk 只接受了 \d 个/);
  expect(text).toContain('处理:');
});
