import { rmSync } from 'node:fs';
import { labError } from './errors.ts';
import { becomesTrue, endProcess, isAlive, logTail, sendSignal, startProgram } from './process.ts';
import { setOwner } from './run-dir.ts';

/** How to run one server program in a directory of its own. */
export interface ServiceSpec {
  readonly name: string;
  readonly dir: string;
  readonly logPath: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly stopSignal: NodeJS.Signals;
  readonly detached: boolean;
  isReady(): Promise<boolean>;
}

/** A server of the lab that can be stopped, killed and started again on the same port with the same data. */
export interface LabService extends AsyncDisposable {
  readonly pid: number;
  readonly url: string;
  readonly port: number;
  readonly runDir: string;
  kill9(): Promise<void>;
  restart(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

const READY_TIMEOUT_MS = 30_000;

export async function startService(spec: ServiceSpec, url: string, port: number): Promise<LabService> {
  let pid = await launchOrTidy(spec);
  const stop = async () => {
    await endProcess(pid, 10_000, spec.stopSignal);
    rmSync(spec.dir, { recursive: true, force: true });
  };
  return {
    url,
    port,
    runDir: spec.dir,
    get pid() {
      return pid;
    },
    kill9: async () => {
      sendSignal(pid, 'SIGKILL');
      await becomesTrue(() => !isAlive(pid), 5000);
    },
    restart: async () => {
      await endProcess(pid, 10_000, spec.stopSignal);
      pid = await launch(spec);
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function launchOrTidy(spec: ServiceSpec): Promise<number> {
  try {
    return await launch(spec);
  } catch (error) {
    rmSync(spec.dir, { recursive: true, force: true });
    throw error;
  }
}

async function launch(spec: ServiceSpec): Promise<number> {
  const child = startProgram(spec.command, spec.args, spec);
  const pid = child.pid;
  const hasEnded = () => pid === undefined || child.exitCode !== null || child.signalCode !== null;
  const isUp = await becomesTrue(async () => hasEnded() || (await spec.isReady().catch(() => false)), READY_TIMEOUT_MS);
  if (isUp && !hasEnded() && pid !== undefined) {
    if (spec.detached) setOwner(spec.dir, pid);
    return pid;
  }
  const detail = `${spec.name}: ${logTail(spec.logPath)}`;
  if (pid !== undefined) await endProcess(pid, 0);
  throw labError(hasEnded() ? 'start_failed' : 'not_ready', detail);
}
