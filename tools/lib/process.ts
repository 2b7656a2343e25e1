import { spawn } from 'node:child_process';
import { delimiter, join, resolve } from 'node:path';

/** The root of the checkout. */
export const root: string = resolve(import.meta.dirname, '../..');

export interface RunOptions {
  cwd?: string;
  env?: Record<string, string>;
  /** The command is killed after this time, and count as failed. */
  timeoutMs: number;
  /** Shows the output as it comes instead of collecting it. */
  show?: boolean;
}

export interface Finished {
  /** Exit code; 124 after a timeout, 127 when the command could not be started. */
  code: number;
  /** stdout and stderr in the order they came; empty when shown. */
  output: string;
  tookMs: number;
}

/** Runs a command with the package's own binaries, and Node 24 with them, first on PATH. Never rejects. */
export function run(command: string, args: readonly string[], options: RunOptions): Promise<Finished> {
  const startedAtMs = performance.now();
  const path = [join(root, 'node_modules/.bin'), process.env['PATH'] ?? ''].join(delimiter);
  return new Promise((done) => {
    const child = spawn(command, args, {
      cwd: options.cwd ?? root,
      env: { ...process.env, ...options.env, PATH: path },
      stdio: options.show ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
    });
    const chunks: Buffer[] = [];
    let timedOut = false;
    const deadline = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, options.timeoutMs);
    const finish = (code: number, note = ''): void => {
      clearTimeout(deadline);
      const output = Buffer.concat(chunks).toString('utf8') + note;
      done({ code, output, tookMs: performance.now() - startedAtMs });
    };
    child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', (error) => finish(127, `cannot start ${command}: ${error.message}\n`));
    child.on('close', (code, signal) => {
      if (timedOut) finish(124, `${command} was stopped after ${seconds(options.timeoutMs)}\n`);
      else finish(code ?? 1, signal ? `${command} was ended by ${signal}\n` : '');
    });
  });
}

/** A duration for people: `2.4 s`. */
export function seconds(durationMs: number): string {
  return `${(durationMs / 1000).toFixed(1)} s`;
}
