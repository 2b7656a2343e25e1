import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { labError } from '../errors.ts';
import { freeTcpPort } from '../ports.ts';
import { becomesTrue, cpuMs, endProcess, logTail, run, sendSignal } from '../process.ts';
import { ControlRoom } from './control-room.ts';
import { configText, newKeySecret, type RingmasterOptions } from './settings.ts';

const projectDir = fileURLToPath(new URL('../..', import.meta.url));
const templatesDir = fileURLToPath(new URL('../../config/presets/crm', import.meta.url));

/** The command of `npm start`, so that what is tested and measured is what operators run. */
function startCommand(): { readonly env: NodeJS.ProcessEnv; readonly flags: readonly string[] } {
  const text = readFileSync(join(projectDir, 'package.json'), 'utf8');
  const { start } = (JSON.parse(text) as { scripts: { start: string } }).scripts;
  const words = start.split(' ');
  const node = words.indexOf('node');
  const settings = words.slice(0, node).map((word): [string, string] => {
    const [name = '', value = ''] = word.split('=', 2);
    return [name, value];
  });
  return { env: { ...process.env, ...Object.fromEntries(settings) }, flags: words.slice(node + 1) };
}

export interface LabUser {
  readonly id: string;
  readonly password: string;
  readonly role: 'agent' | 'supervisor' | 'admin';
  readonly agentId?: string;
  readonly name?: string;
}

/** The parts of the config file that tests change while the server runs. */
export interface EditedConfig {
  readonly numbers: object[];
  readonly queues: object[];
  readonly agents: { readonly id: string; endpoint: string }[];
}

/** A Ringmaster in a process of its own, as an operator would run it. */
export interface LabRingmaster extends AsyncDisposable {
  /** Where the API listens. */
  readonly url: string;
  /** The admin's API key. */
  readonly key: string;
  readonly pid: number;
  readonly logPath: string;
  /** API and event stream through the front door. */
  open(): Promise<ControlRoom>;
  cpuMs(): number;
  rssMb(): number;
  /** Ends it as a power cut would. */
  kill9(): Promise<void>;
  /** SIGTERM; resolves with the exit code when it has ended. */
  terminate(): Promise<number | null>;
  /** Starts it again with the same configuration and store. */
  start(): Promise<void>;
  /** Changes its config file, which it reads again when it is told to, or at the next start. */
  edit(change: (config: EditedConfig) => void): void;
  /** Lets a person sign in, by the command that an operator would use; the server may run or not. */
  addUser(user: LabUser): Promise<void>;
  /** Runs a command of ringmaster on its configuration, such as `prompts build`. */
  command(...words: readonly string[]): Promise<void>;
  /** Takes the SQLite store away, as a lost disk would; only while it does not run. */
  loseStore(): void;
  stop(): Promise<void>;
}

/** Starts a server and waits until it is ready (`/readyz` says so), or only until its API listens. */
export async function startRingmaster(
  options: RingmasterOptions,
  wait: 'ready' | 'listening' = 'ready',
): Promise<LabRingmaster> {
  const dir = mkdtempSync(join(tmpdir(), 'ringmaster-server-'));
  mkdirSync(dir, { recursive: true });
  const keySecret = options.keySecret ?? newKeySecret();
  const paths = {
    store: join(dir, 'ringmaster.sqlite'),
    template: join(templatesDir, `${options.crmTemplate ?? 'sample-simple'}.yaml`),
    ...(options.directory === undefined ? {} : { directory: join(dir, 'directory.csv') }),
  };
  if (options.directory !== undefined) writeFileSync(join(dir, 'directory.csv'), options.directory);
  const port = await freeTcpPort();
  const configPath = join(dir, 'config.yaml');
  writeFileSync(configPath, configText(options, keySecret, port, paths));
  const server = new Running(dir, configPath, `http://127.0.0.1:${port}`, `rmk_lab_${keySecret}`, wait);
  try {
    await server.start();
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

class Running implements LabRingmaster {
  readonly url: string;
  readonly key: string;
  readonly logPath: string;
  private readonly dir: string;
  private readonly configPath: string;
  private readonly wait: 'ready' | 'listening';
  private child: ChildProcess | undefined;

  constructor(dir: string, configPath: string, url: string, key: string, wait: 'ready' | 'listening') {
    this.dir = dir;
    this.url = url;
    this.configPath = configPath;
    this.key = key;
    this.wait = wait;
    this.logPath = join(dir, 'server.log');
  }

  get pid(): number {
    return this.child?.pid ?? 0;
  }

  async start(): Promise<void> {
    const { env, flags } = startCommand();
    const output = openSync(this.logPath, 'a');
    this.child = spawn(process.execPath, [...flags, '--config', this.configPath], {
      cwd: projectDir,
      env,
      stdio: ['ignore', output, output],
    });
    closeSync(output);
    const { child } = this;
    const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
    const isUp = await becomesTrue(async () => hasEnded() || (await this.isListening()), 20_000);
    if (!isUp || hasEnded()) throw labError('start_failed', `ringmaster: ${logTail(this.logPath)}`);
    if (this.wait === 'ready' && !(await becomesTrue(async () => hasEnded() || (await this.isReady()), 20_000))) {
      throw labError('start_failed', `ringmaster is not ready: ${await this.readiness()} ${logTail(this.logPath)}`);
    }
  }

  open(): Promise<ControlRoom> {
    return ControlRoom.open(this.url, this.key);
  }

  cpuMs(): number {
    return cpuMs(this.pid);
  }

  rssMb(): number {
    const kib = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'))?.[1];
    return Number(kib) / 1024;
  }

  async kill9(): Promise<void> {
    sendSignal(this.pid, 'SIGKILL');
    await this.ended();
  }

  async terminate(): Promise<number | null> {
    sendSignal(this.pid, 'SIGTERM');
    await this.ended();
    return this.child?.exitCode ?? null;
  }

  async addUser({ id, password, role, agentId, name }: LabUser): Promise<void> {
    const who = [
      '--id',
      id,
      '--roles',
      role,
      ...(agentId ? ['--agent', agentId] : []),
      ...(name ? ['--name', name] : []),
    ];
    const args = [join(projectDir, 'src/main.ts'), 'user', 'add', '--config', this.configPath, ...who];
    await run(process.execPath, args, { env: { RINGMASTER_PASSWORD: password } });
  }

  async command(...words: readonly string[]): Promise<void> {
    await run(process.execPath, [join(projectDir, 'src/main.ts'), ...words, '--config', this.configPath]);
  }

  edit(change: (config: EditedConfig) => void): void {
    const config = JSON.parse(readFileSync(this.configPath, 'utf8')) as EditedConfig;
    change(config);
    writeFileSync(this.configPath, JSON.stringify(config, null, 2));
  }

  loseStore(): void {
    for (const suffix of ['', '-wal', '-shm']) rmSync(join(this.dir, `ringmaster.sqlite${suffix}`), { force: true });
  }

  async stop(): Promise<void> {
    if (this.child && this.child.exitCode === null && this.child.signalCode === null) {
      await endProcess(this.pid, 12_000);
      await this.ended();
    }
    rmSync(this.dir, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  private async ended(): Promise<void> {
    const { child } = this;
    await becomesTrue(() => !child || child.exitCode !== null || child.signalCode !== null, 30_000);
  }

  private async isListening(): Promise<boolean> {
    return (await fetch(`${this.url}/healthz`).catch(() => undefined))?.ok === true;
  }

  private async isReady(): Promise<boolean> {
    return (await fetch(`${this.url}/readyz`).catch(() => undefined))?.ok === true;
  }

  private async readiness(): Promise<string> {
    return (await fetch(`${this.url}/readyz`).catch(() => undefined))?.text() ?? '';
  }
}
