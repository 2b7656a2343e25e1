import { setTimeout as sleep } from 'node:timers/promises';
import { SipCaller } from '../lab/index.ts';
import { type CallSite, customerNumber, hotline, openCallSite } from './call-site.ts';
import { quantile } from './statistics.ts';

const agentCount = 120;
const ratePerSecond = 50;
const warmUpCalls = 1_000;
const measuredCalls = 1_000;
const talkMs = 1_000;

/** From the caller's INVITE to the offer frame at a subscriber, with every caller in the in-process cache. */
export interface PopTimes {
  readonly popP50Ms: number;
  readonly popP99Ms: number;
  readonly popped: number;
}

export async function measurePop(log: (line: string) => void): Promise<PopTimes> {
  log(`pop: ${measuredCalls} calls at ${ratePerSecond}/s through the real Asterisk, warm cache`);
  await using site = await openCallSite(agentCount);
  await site.room.signIn(...site.agentIds);
  await using caller = await SipCaller.open(site.asterisk);
  await callAll(site, caller, warmUpCalls);
  const times = await callAll(site, caller, measuredCalls);
  return { popP50Ms: quantile(times, 0.5), popP99Ms: quantile(times, 0.99), popped: times.length };
}

/** Every number calls once; gives the times of those that were popped. */
async function callAll({ room }: CallSite, caller: SipCaller, count: number): Promise<number[]> {
  const invitedAtMs = new Map<string, number>();
  const times: number[] = [];
  room.onEvent = (event) => {
    if (event.type !== 'call.offered.v1' || event.data.attempt !== 1) return;
    const sentAtMs = invitedAtMs.get(event.data.call.callerNumber);
    if (sentAtMs !== undefined) times.push(event.seenAtMs - sentAtMs);
  };
  const startedAtMs = performance.now();
  const ended: Promise<unknown>[] = [];
  for (let index = 0; index < count; index += 1) {
    const waitMs = startedAtMs + (index * 1000) / ratePerSecond - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    const callerNumber = customerNumber(index);
    invitedAtMs.set(callerNumber, performance.now());
    ended.push(caller.call({ target: hotline, callerNumber, holdMs: talkMs }).ended);
  }
  await Promise.all(ended);
  return times;
}
