import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorText } from '../src/kernel/index.ts';
import { labError } from './errors.ts';

/** The clock tick of /proc/<pid>/stat: 100 a second on every Linux that Node runs on. */
const TICK_MS = 10;

export interface SpawnOptions {
  /** stdout and stderr are appended to this file. */
  readonly logPath: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** True leaves the process running when we die; otherwise the kernel kills it with us, also after a kill -9 of us. */
  readonly detached?: boolean;
}

/** Starts a long-running program; its pid is the program's own, because every wrapper execs. */
export function startProgram(command: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  const log = openSync(options.logPath, 'a');
  const detached = options.detached ?? false;
  const [file, fileArgs] = detached ? [command, args] : ['setpriv', ['--pdeathsig', 'KILL', command, ...args]];
  try {
    const child = spawn(file, [...fileArgs], {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', log, log],
      detached,
    });
    child.on('error', () => undefined);
    if (detached) child.unref();
    return child;
  } finally {
    closeSync(log);
  }
}

export interface RunOptions {
  readonly timeoutMs?: number;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a short command to its end and gives its stdout; throws `lab.command_failed` with its stderr otherwise. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { timeoutMs = 60_000, cwd, env } = options;
  return new Promise((resolve, reject) => {
    const settings = { timeout: timeoutMs, cwd, env: { ...process.env, ...env }, maxBuffer: 16 * 1024 * 1024 };
    execFile(command, [...args], settings, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      const output = `${stderr}\n${stdout}`.trim().slice(-1500);
      reject(labError('command_failed', `${command} ${args.join(' ')}: ${output || errorText(error)}`, error));
    });
  });
}

/** CPU time, user and system, that a process has used so far, in milliseconds; 0 when it is gone. */
export function cpuMs(pid: number): number {
  const fields = statFields(pid);
  return fields ? (Number(fields[11]) + Number(fields[12])) * TICK_MS : 0;
}

/** When the process started, in ticks since boot: with the pid it names a process for good. */
export function startTicks(pid: number): string | undefined {
  return statFields(pid)?.[19];
}

export function isAlive(pid: number): boolean {
  if (!hasProc) return takesSignals(pid);
  const state = statFields(pid)?.[0];
  return state !== undefined && state !== 'Z';
}

/** macOS and Windows, where the demo runs too, have no /proc. */
const hasProc = existsSync('/proc/self/stat');

function takesSignals(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Fields of /proc/<pid>/stat from the third (state) on; the second may hold blanks, so we cut after its bracket. */
function statFields(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

/** Asks a process to end, waits, then kills it. */
export async function endProcess(pid: number, graceMs = 5000, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (!isAlive(pid)) return;
  sendSignal(pid, signal);
  if (await becomesTrue(() => !isAlive(pid), graceMs)) return;
  sendSignal(pid, 'SIGKILL');
  await becomesTrue(() => !isAlive(pid), 5000);
}

export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended between our look and our signal, which is what we wanted.
  }
}

/** Polls until the condition holds; false when the deadline passes first. */
export async function becomesTrue(
  condition: () => boolean | Promise<boolean>,
  timeoutMs: number,
  everyMs = 20,
): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    if (await condition()) return true;
    if (performance.now() >= deadline) return false;
    await sleep(everyMs);
  }
}

/** The last lines of a log, for error messages. */
export function logTail(path: string, charsMax = 1500): string {
  try {
    return readFileSync(path, 'utf8').slice(-charsMax);
  } catch {
    return '(no log)';
  }
}
