import { execFile } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { labError } from '../errors.ts';
import { freeUdpPort } from '../ports.ts';
import { needTool } from '../provision.ts';
import { makeRunDir } from '../run-dir.ts';
import type { SipTarget } from './caller.ts';
import { type CallerOptions, callerScenario } from './caller-scenarios.ts';

export interface SippCallsOptions extends CallerOptions {
  readonly target: string;
  readonly callerNumber: string;
  readonly count: number;
  readonly ratePerSecond: number;
}

/** Calls that went as the scenario says, and calls that did not. */
export interface SippCallsResult {
  readonly successful: number;
  readonly failed: number;
}

const TIMEOUT_MS = 120_000;

/**
 * Callers by sipp: a second opinion that shares no code with `SipCaller`. Its clock steps by 4 ms, so it counts and does
 * not measure.
 */
export async function placeSippCalls(target: SipTarget, options: SippCallsOptions): Promise<SippCallsResult> {
  const sipp = await needTool('sipp');
  const dir = makeRunDir('caller');
  const scenario = join(dir, 'caller.xml');
  const statistics = join(dir, 'statistics.csv');
  writeFileSync(scenario, callerScenario(options));
  const address = ['-i', '127.0.0.1', '-p', String(await freeUdpPort()), '-mp', String(await freeUdpPort())];
  const load = ['-m', String(options.count), '-r', String(options.ratePerSecond), '-s', options.target];
  const caller = ['-key', 'caller', options.callerNumber];
  const report = ['-trace_stat', '-stf', statistics, '-fd', '1', '-nostdin', '-recv_timeout', '20000'];
  try {
    await finish(
      sipp,
      ['-sf', scenario, ...address, ...load, ...caller, ...report, `${target.sipHost}:${target.sipPort}`],
      dir,
    );
    return readStatistics(statistics);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** sipp ends with 1 when calls failed, which is a result; anything else is an error. */
function finish(sipp: string, args: readonly string[], cwd: string): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(sipp, [...args], { cwd, timeout: TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024 }, (error, _stdout, stderr) => {
      if (!error || error.code === 1) resolve();
      else reject(labError('command_failed', `sipp: ${stderr.slice(-500)}`, error));
    });
  });
}

function readStatistics(path: string): SippCallsResult {
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  const names = lines[0]?.split(';') ?? [];
  const values = lines.at(-1)?.split(';') ?? [];
  const valueOf = (name: string): number => Number(values[names.indexOf(name)]);
  return { successful: valueOf('SuccessfulCall(C)'), failed: valueOf('FailedCall(C)') };
}
