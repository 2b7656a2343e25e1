import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { labError } from '../errors.ts';
import { freeUdpPort } from '../ports.ts';
import { becomesTrue, endProcess, logTail, startProgram } from '../process.ts';
import { needTool } from '../provision.ts';
import { makeRunDir } from '../run-dir.ts';
import { type PhoneOptions, phoneScenario } from './scenarios.ts';
import { udpPortIsBound } from './udp.ts';

export interface SippPhone extends AsyncDisposable {
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

/** sipp takes ports beside its media port too, which may have gone to somebody else meanwhile. */
const attemptsMax = 3;

/**
 * One sipp process that plays every phone whose contact is at this port; it also answers OPTIONS, so Asterisk sees it as
 * reachable. Several calls at once are fine.
 */
export async function startPhone(options: PhoneOptions & { readonly port: number }): Promise<SippPhone> {
  const sipp = await needTool('sipp');
  const dir = makeRunDir('phone');
  mkdirSync(join(dir, 'work'));
  const scenario = join(dir, 'phone.xml');
  const errors = join(dir, 'errors.log');
  writeFileSync(scenario, phoneScenario(options));
  const limits = ['-l', '5000', '-recv_timeout', '3600000', '-buff_size', '4194304'];
  const work = ['-aa', '-nostdin', '-trace_err', '-error_file', errors];
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    const address = ['-i', '127.0.0.1', '-p', String(options.port), '-mp', String(await freeUdpPort())];
    const args = ['-sf', scenario, ...address, ...limits, ...work];
    const child = startProgram(sipp, args, { logPath: '/dev/null', cwd: join(dir, 'work') });
    const pid = child.pid ?? 0;
    const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
    const stop = async () => {
      await endProcess(pid, 500);
      rmSync(dir, { recursive: true, force: true });
    };
    const isUp = await becomesTrue(() => hasEnded() || udpPortIsBound(options.port), 10_000);
    if (isUp && !hasEnded()) return { port: options.port, pid, stop, [Symbol.asyncDispose]: stop };
    await endProcess(pid, 0);
  }
  const detail = `sipp on port ${options.port}: ${logTail(errors)}`;
  rmSync(dir, { recursive: true, force: true });
  throw labError('start_failed', detail);
}
