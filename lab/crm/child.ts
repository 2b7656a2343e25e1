import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { labError } from '../errors.ts';
import { endProcess } from '../process.ts';

/** The sample CRM in a process of its own, so that its work is not done by who measures. */
export interface SampleCrmProcess extends AsyncDisposable {
  readonly url: string;
  readonly token: string;
}

export async function spawnSampleCrm(generatedCustomers: number): Promise<SampleCrmProcess> {
  const main = fileURLToPath(new URL('./main.ts', import.meta.url));
  const args = [main, '--customers', String(generatedCustomers)];
  const child: ChildProcess = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const { stdout } = child;
  if (!stdout) throw labError('start_failed', 'sample CRM');
  const [line] = (await once(createInterface({ input: stdout }), 'line')) as [string];
  const { url, token } = JSON.parse(line) as { url: string; token: string };
  return { url, token, [Symbol.asyncDispose]: () => endProcess(child.pid ?? 0) };
}
