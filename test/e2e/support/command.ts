import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { becomesTrue } from '../../../lab/index.ts';

const mainFile = fileURLToPath(new URL('../../../src/main.ts', import.meta.url));

/** The `ringmaster` command as an operator runs it. */
export class Command implements AsyncDisposable {
  stdout = '';
  stderr = '';
  private readonly child: ChildProcess;
  private readonly closed: Promise<unknown>;

  constructor(...args: readonly string[]) {
    this.child = spawn(process.execPath, [mainFile, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.child.stdin?.on('error', () => undefined);
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.closed = once(this.child, 'close');
  }

  /** Waits until it has written this to its standard output. */
  async says(text: string): Promise<void> {
    if (await becomesTrue(() => this.stdout.includes(text), 15_000)) return;
    throw new Error(`it did not say "${text}": ${this.stdout}${this.stderr}`);
  }

  /** Writes to its standard input and closes that. */
  hears(text: string): this {
    this.child.stdin?.end(text);
    return this;
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** Its exit code; null when a signal ended it. */
  async ended(): Promise<number | null> {
    await this.closed;
    return this.child.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGKILL');
    await this.closed;
  }
}
