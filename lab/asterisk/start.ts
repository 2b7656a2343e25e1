import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { labError } from '../errors.ts';
import { freeTcpPort, freeUdpPort, rtpRange } from '../ports.ts';
import { becomesTrue, cpuMs, endProcess, isAlive, logTail, run, sendSignal, startProgram } from '../process.ts';
import { needTool, provideAsterisk } from '../provision.ts';
import { makeRunDir, setOwner, sweepStaleRunDirs } from '../run-dir.ts';
import { asteriskCli } from './cli.ts';
import { asteriskConfig, runPaths } from './config.ts';
import { AMI_USER, ARI_OBSERVER, ARI_USER, type AsteriskOptions, type ConfigInput, type LabPhone } from './options.ts';
import { writeSounds } from './sounds.ts';
import { type AsteriskHome, hasModule, startCommand } from './tree.ts';

/** Where a running Asterisk is reached; plain data, so it can be handed to another process. */
export interface AsteriskAddress {
  readonly version: string;
  /** `http://127.0.0.1:PORT/ari`, without a slash at the end. */
  readonly ariUrl: string;
  readonly ariUser: string;
  /** A second, read-only user with the same password. */
  readonly ariObserver: string;
  readonly ariPassword: string;
  readonly amiHost: string;
  readonly amiPort: number;
  readonly amiTlsPort: number;
  readonly amiUser: string;
  readonly amiSecret: string;
  /** The self-signed certificate of the AMI's TLS port (host name `localhost`, 127.0.0.1), PEM. */
  readonly tlsCa: string;
  readonly sipHost: string;
  readonly sipPort: number;
  readonly phones: readonly LabPhone[];
  /** Asterisk's control socket, for `asteriskCli`. */
  readonly controlPath: string;
  readonly logPath: string;
  readonly runDir: string;
}

export interface LabAsterisk extends AsteriskAddress, AsyncDisposable {
  /** Of the Asterisk running now; another one after `restart`. */
  readonly pid: number;
  /** Runs one CLI command and gives its output. */
  cli(command: string): Promise<string>;
  /** User and system CPU time since its start, in milliseconds. */
  cpuMs(): number;
  /** Ends it as a power cut would. */
  kill9(): Promise<void>;
  /** Starts it again with the same configuration and ports, ending it first if it runs. */
  restart(): Promise<void>;
  /** Ends it and removes its directory. */
  stop(): Promise<void>;
}

/**
 * Starts an Asterisk of its own: one generated configuration directory, free ports, ready to take calls when this
 * returns. Throws `lab.*` errors; nothing stays behind then.
 */
export async function startAsterisk(options: AsteriskOptions = {}): Promise<LabAsterisk> {
  sweepStaleRunDirs();
  const home = await provideAsterisk();
  const runDir = makeRunDir('asterisk');
  try {
    const input = await configInput(home, runDir, options);
    await writeRunDir(home, input);
    return await boot(home, input, options);
  } catch (error) {
    rmSync(runDir, { recursive: true, force: true });
    throw error;
  }
}

const FIRST_PHONE = 1001;
const PHONES_DEFAULT = 10;

async function choosePhones(wanted: AsteriskOptions['phones'] = PHONES_DEFAULT): Promise<readonly LabPhone[]> {
  if (typeof wanted !== 'number') return wanted;
  if (wanted > 900) throw labError('bad_option', 'phones: at most 900');
  const names = Array.from({ length: wanted }, (_, index) => String(FIRST_PHONE + index));
  return Promise.all(names.map(async (name) => ({ name, port: await freeUdpPort() })));
}

async function configInput(home: AsteriskHome, runDir: string, options: AsteriskOptions): Promise<ConfigInput> {
  return {
    runDir,
    modulesDir: home.modulesDir,
    hasModule: (module) => hasModule(home, module),
    httpPort: await freeTcpPort(),
    amiPort: await freeTcpPort(),
    amiTlsPort: await freeTcpPort(),
    sipPort: await freeUdpPort(),
    rtp: rtpRange(),
    ariPassword: randomBytes(12).toString('hex'),
    amiSecret: randomBytes(12).toString('hex'),
    phones: await choosePhones(options.phones),
    qualifySeconds: options.qualifySeconds ?? 2,
    application: options.application ?? 'ringmaster',
    dialplan: options.dialplan ?? '',
    extraConfig: options.extraConfig ?? {},
  };
}

async function writeRunDir(home: AsteriskHome, input: ConfigInput): Promise<void> {
  const paths = runPaths(input.runDir);
  // Asterisk records only into a folder that is there, and says 500 otherwise.
  const folders = [paths.etc, join(paths.data, 'keys'), paths.run, paths.log, join(paths.spool, 'recording'), paths.db];
  for (const dir of folders) mkdirSync(dir, { recursive: true });
  for (const [name, text] of Object.entries(asteriskConfig(input))) writeFileSync(join(paths.etc, name), text);
  writeSounds(paths.data);
  // Asterisk refuses configuration without its documentation, and serves its ARI description from here.
  for (const name of ['documentation', 'rest-api', 'static-http']) {
    symlinkSync(join(home.dataDir, name), join(paths.data, name));
  }
  await makeCertificate(paths.privateKey, paths.certificate);
}

async function makeCertificate(keyPath: string, certPath: string): Promise<void> {
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', keyPath];
  await run(await needTool('openssl'), ['req', '-x509', '-days', '30', ...key, '-out', certPath, ...subject]);
}

async function boot(home: AsteriskHome, input: ConfigInput, options: AsteriskOptions): Promise<LabAsterisk> {
  const paths = runPaths(input.runDir);
  const bootTimeoutMs = options.bootTimeoutMs ?? 30_000;
  const start = () => launch(home, input.runDir, bootTimeoutMs, options.detached ?? false);
  let child = await start();
  const pid = () => child.pid ?? 0;
  const end = () => endProcess(pid());
  const stop = async () => {
    await end();
    rmSync(input.runDir, { recursive: true, force: true });
  };
  return {
    ...address(input, await readVersion(paths.control)),
    get pid() {
      return pid();
    },
    cli: (command) => asteriskCli(paths.control, command),
    cpuMs: () => cpuMs(pid()),
    kill9: async () => {
      sendSignal(pid(), 'SIGKILL');
      await becomesTrue(() => !isAlive(pid()), 5000);
    },
    restart: async () => {
      await end();
      child = await start();
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function address(input: ConfigInput, version: string): AsteriskAddress {
  const paths = runPaths(input.runDir);
  return {
    version,
    ariUrl: `http://127.0.0.1:${input.httpPort}/ari`,
    ariUser: ARI_USER,
    ariObserver: ARI_OBSERVER,
    ariPassword: input.ariPassword,
    amiHost: '127.0.0.1',
    amiPort: input.amiPort,
    amiTlsPort: input.amiTlsPort,
    amiUser: AMI_USER,
    amiSecret: input.amiSecret,
    tlsCa: readFileSync(paths.certificate, 'utf8'),
    sipHost: '127.0.0.1',
    sipPort: input.sipPort,
    phones: input.phones,
    controlPath: paths.control,
    logPath: paths.fullLog,
    runDir: input.runDir,
  };
}

async function launch(home: AsteriskHome, runDir: string, timeoutMs: number, detached: boolean): Promise<ChildProcess> {
  const paths = runPaths(runDir);
  rmSync(paths.control, { force: true });
  const consoleLog = join(paths.log, 'console.log');
  const [command, args] = startCommand(home, runDir, ['-f', '-C', join(paths.etc, 'asterisk.conf')]);
  const child = startProgram(command, args, { logPath: consoleLog, detached });
  if (detached && child.pid) setOwner(runDir, child.pid);
  const hasEnded = () => child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
  const isUp = await becomesTrue(() => hasEnded() || isBooted(paths.control), timeoutMs, 30);
  if (isUp && !hasEnded()) return child;
  if (child.pid) await endProcess(child.pid, 0);
  const detail = `${paths.fullLog}\n${logTail(consoleLog)}\n${logTail(paths.fullLog)}`;
  throw labError(hasEnded() ? 'start_failed' : 'not_ready', detail);
}

async function isBooted(controlPath: string): Promise<boolean> {
  if (!existsSync(controlPath)) return false;
  const output = await asteriskCli(controlPath, 'core waitfullybooted').catch(() => '');
  return output.includes('fully booted');
}

async function readVersion(controlPath: string): Promise<string> {
  let version: string | undefined;
  // Now and then the control socket of a PBX that has just booted closes before it has written the output.
  await becomesTrue(async () => {
    version = /Asterisk (\S+)/.exec(await asteriskCli(controlPath, 'core show version'))?.[1];
    return version !== undefined;
  }, 5_000);
  if (version === undefined) throw labError('not_ready', 'Asterisk does not tell its version');
  return version;
}
