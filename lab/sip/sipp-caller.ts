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
  /** The callers, one after the other, and again from the first. */
  readonly callerNumbers: readonly string[];
  readonly count: number;
  readonly ratePerSecond: number;
  /** A caller gives up when nothing has come from the PBX for so long. Default 20,000. */
  readonly patienceMs?: number;
}

/** Calls that went as the scenario says, and calls that did not. */
export interface SippCallsResult {
  readonly successful: number;
  readonly failed: number;
  /**
   * INVITE sent → 200 OK received in milliseconds with microsecond digits, undefined for one that was not answered; in
   * the order of the calls.
   */
  readonly answerMs: readonly (number | undefined)[];
}

const TIMEOUT_MS = 10 * 60_000;

/**
 * Callers by sipp: a second opinion that shares no code with `SipCaller`. sipp's own figures step by 4 ms, but its log of
 * messages has each moment in microseconds.
 */
export async function placeSippCalls(target: SipTarget, options: SippCallsOptions): Promise<SippCallsResult> {
  const sipp = await needTool('sipp');
  const dir = makeRunDir('caller');
  const inDir = (name: string): string => join(dir, name);
  writeFileSync(inDir('caller.xml'), callerScenario(options));
  writeFileSync(inDir('callers.csv'), ['SEQUENTIAL', ...options.callerNumbers, ''].join('\n'));
  const address = ['-i', '127.0.0.1', '-p', String(await freeUdpPort()), '-mp', String(await freeUdpPort())];
  const count = String(options.count);
  // By itself sipp holds calls back when more are open than it expects.
  const load = ['-m', count, '-l', count, '-r', String(options.ratePerSecond), '-s', options.target];
  const limits = ['-recv_timeout', String(options.patienceMs ?? 20_000), '-buff_size', '4194304'];
  const statistics = ['-trace_stat', '-stf', inDir('statistics.csv'), '-fd', '1'];
  const messages = ['-trace_shortmsg', '-shortmessage_file', inDir('messages.csv')];
  const scenario = ['-sf', inDir('caller.xml'), '-inf', inDir('callers.csv')];
  const peer = `${target.sipHost}:${target.sipPort}`;
  try {
    await finish(
      sipp,
      [...scenario, ...address, ...load, ...limits, ...statistics, ...messages, '-nostdin', peer],
      dir,
    );
    return {
      ...readStatistics(readFileSync(inDir('statistics.csv'), 'utf8')),
      answerMs: readAnswerTimes(readFileSync(inDir('messages.csv'), 'utf8')),
    };
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

function readStatistics(csv: string): { successful: number; failed: number } {
  const lines = csv.trim().split('\n');
  const names = lines[0]?.split(';') ?? [];
  const values = lines.at(-1)?.split(';') ?? [];
  const valueOf = (name: string): number => Number(values[names.indexOf(name)]);
  return { successful: valueOf('SuccessfulCall(C)'), failed: valueOf('FailedCall(C)') };
}

/** Each line of sipp's log: date, time, Unix seconds, `S` or `R`, Call-ID, CSeq and the message's first line, by tabs. */
function readAnswerTimes(log: string): readonly (number | undefined)[] {
  const calls = new Map<string, { readonly invitedAtS: number; answerMs?: number }>();
  for (const line of log.split('\n')) {
    const [, , atS, way, callId = '', cseq = '', first = ''] = line.split('\t');
    if (!cseq.endsWith(' INVITE')) continue;
    const call = calls.get(callId);
    if (way === 'S' && !call) calls.set(callId, { invitedAtS: Number(atS) });
    if (way === 'R' && first.startsWith('SIP/2.0 200')) {
      if (call) call.answerMs ??= (Number(atS) - call.invitedAtS) * 1_000;
    }
  }
  return [...calls.values()].map(({ answerMs }) => answerMs);
}
