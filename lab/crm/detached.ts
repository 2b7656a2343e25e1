import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { labError } from '../errors.ts';
import { freeTcpPort } from '../ports.ts';
import { becomesTrue, endProcess, isAlive, startProgram } from '../process.ts';
import { makeRunDir, setOwner } from '../run-dir.ts';

/** The sample CRM in a process of its own. */
export interface DetachedCrm extends AsyncDisposable {
  readonly url: string;
  readonly token: string;
  readonly pid: number;
  readonly runDir: string;
}

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));

export async function startDetachedCrm(): Promise<DetachedCrm> {
  const runDir = makeRunDir('crm');
  const logPath = join(runDir, 'crm.log');
  const port = await freeTcpPort();
  const token = randomBytes(16).toString('hex');
  const env = { SAMPLE_CRM_TOKEN: token };
  const child = startProgram(process.execPath, [MAIN, '--port', String(port)], { logPath, env, detached: true });
  const pid = child.pid ?? 0;
  const stop = async () => {
    await endProcess(pid);
    rmSync(runDir, { recursive: true, force: true });
  };
  // It writes one line once it listens.
  const isUp = await becomesTrue(() => !isAlive(pid) || readFileSync(logPath, 'utf8').includes('"url"'), 15_000);
  if (!isUp || !isAlive(pid)) {
    const log = readFileSync(logPath, 'utf8').slice(-500);
    await stop();
    throw labError('start_failed', `sample CRM: ${log}`);
  }
  setOwner(runDir, pid);
  return { url: `http://127.0.0.1:${port}`, token, pid, runDir, [Symbol.asyncDispose]: stop };
}
