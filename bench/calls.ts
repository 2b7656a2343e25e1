import { setTimeout as sleep } from 'node:timers/promises';
import { type LabAsterisk, placeSippCalls, SipCaller } from '../lab/index.ts';
import type { ControlRoom } from '../lab/ringmaster/control-room.ts';
import type { LabRingmaster } from '../lab/ringmaster/start.ts';
import { customerNumber, customers, hotline, openCallSite, settleMs } from './call-site.ts';
import { quantile } from './statistics.ts';

export const description = 'INVITE to 200 OK with the agent joined: Dial(), app_queue and Ringmaster on one Asterisk';

/** Fewer agents than this would be busy at the highest rate; all three paths ring the same phones. */
const agentCount = 400;
const talkMs = 1_000;
const deadlineMs = 30_000;
const namedRates = [20, 50, 80] as const;
const risingRates = [100, 120, 140, 160, 180, 200, 240, 300];
/** Of 20 seconds at 80 a second the slowest hundredth are sixteen calls; of eight it would be six, and chance. */
const secondsPerNamedRate = 20;
const secondsPerRisingRate = 8;
/**
 * Calls at the same rate before those that count, so that no path is measured while it picks up speed. Seen after 40
 * seconds of rest: Ringmaster takes 4.1 ms a call for ten seconds and 3.2 ms after them, Asterisk 10.8 and 9.8.
 */
const leadInSeconds = 10;
/**
 * A caller hesitates for up to so long before calling: so callers come by chance, as in life, and some meet. sipp alone
 * sends them evenly, and then an app_queue that is asked 80 times a second may never have two callers at once.
 */
const hesitateMs = 2_000;
/** At rest Asterisk takes 10 to 40 ms a second; what a breakdown left behind takes a whole core. */
const quietCpuMs = 150;
const quietWithinMs = 90_000;
/** A goodbye that got lost in an overload leaves a channel up for good. */
const hangUpAfterMs = 40_000;
/** A path keeps up with a rate when so many calls connect and the slowest hundredth takes less than so long. */
const connectedShareMin = 0.999;
const p99MaxMs = 1_000;

interface Path {
  readonly name: 'dial' | 'appQueue' | 'appQueueAutofill' | 'ringmaster';
  readonly number: string;
  readonly warmUp: { readonly rate: number; readonly seconds: number };
}

/**
 * Warmed up so long that what is measured is a system that has been at work, as it is all day: Asterisk fills its caches,
 * and a JavaScript engine goes on compiling for some thousands of calls.
 */
const paths: readonly Path[] = [
  { name: 'dial', number: '7000', warmUp: { rate: 80, seconds: 20 } },
  // More than this it cannot take: it would be measured while its callers are still piled up.
  { name: 'appQueue', number: '6001', warmUp: { rate: 5, seconds: 20 } },
  { name: 'appQueueAutofill', number: '6000', warmUp: { rate: 80, seconds: 20 } },
  { name: 'ringmaster', number: hotline, warmUp: { rate: 80, seconds: 60 } },
];

type Pace = 'byChance' | 'evenly';
/** In the names of figures. */
const suffixOf: Readonly<Record<Pace, string>> = { byChance: '', evenly: 'Even' };

interface Measured {
  readonly placed: number;
  readonly connected: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly kept: boolean;
  readonly serverCpuPerCallMs: number;
  readonly asteriskCpuPerCallMs: number;
}

interface Options {
  readonly json: boolean;
  readonly log: (line: string) => void;
}

export async function run({ log }: Options) {
  log(`starting Asterisk, ${agentCount} phones, CRM, Redis and Ringmaster`);
  await using site = await openCallSite(agentCount);
  const { asterisk, server, room } = site;
  const rssIdleMb = server.rssMb();
  const rss500WaitingMb = await memoryWith500Waiting(asterisk, server, room, log);
  await room.signIn(...site.agentIds);

  const results = new Map<string, Measured>();
  // Who only watches is the watcher: this process places calls, and should be idle else.
  await room[Symbol.asyncDispose]();
  log('warming up');
  for (const path of paths) await measure(path, path.warmUp.rate, path.warmUp.seconds);
  for (const rate of namedRates) {
    for (const path of paths) await noted(path, rate, secondsPerNamedRate);
  }
  const maxima = { dial: 0, appQueue: 0, appQueueAutofill: 0, ringmaster: 0 };
  for (const path of paths) {
    for (const rate of namedRates) if (results.get(`${path.name}${rate}`)?.kept) maxima[path.name] = rate;
    if (maxima[path.name] !== namedRates.at(-1)) continue;
    for (const rate of risingRates) {
      if (!(await noted(path, rate, secondsPerRisingRate)).kept) break;
      maxima[path.name] = rate;
    }
  }
  log('evenly spaced callers');
  for (const path of paths) await noted(path, 80, secondsPerNamedRate, 'evenly');
  return summary(results, maxima, rssIdleMb, rss500WaitingMb);

  async function noted(path: Path, rate: number, seconds: number, pace: Pace = 'byChance'): Promise<Measured> {
    const measured = await measure(path, rate, seconds, pace);
    results.set(`${path.name}${rate}${suffixOf[pace]}`, measured);
    const { placed, connected, p50Ms, p95Ms, p99Ms, serverCpuPerCallMs, asteriskCpuPerCallMs } = measured;
    log(
      `${path.name.padEnd(16)} ${String(rate).padStart(3)}/s  connected ${connected}/${placed}` +
        `  p50 ${p50Ms.toFixed(1)}  p95 ${p95Ms.toFixed(1)}  p99 ${p99Ms.toFixed(1)} ms` +
        `  cpu a call: Asterisk ${asteriskCpuPerCallMs.toFixed(1)}, Ringmaster ${serverCpuPerCallMs.toFixed(1)} ms`,
    );
    return measured;
  }

  /** Places calls at one rate on one path, and waits until the PBX is quiet again. */
  async function measure(path: Path, rate: number, seconds: number, pace: Pace = 'byChance'): Promise<Measured> {
    const placed = rate * seconds;
    const leadIn = rate * leadInSeconds;
    const calling = answerTimes(asterisk, { target: path.number, count: leadIn + placed, rate, pace });
    await sleep(leadInSeconds * 1_000);
    const before = { server: server.cpuMs(), asterisk: asterisk.cpuMs() };
    const all = await calling;
    await sleep(settleMs);
    const after = { server: server.cpuMs(), asterisk: asterisk.cpuMs() };
    await untilQuiet(asterisk);
    const counted = all.slice(leadIn);
    const connected = counted.filter((ms) => ms !== undefined).length;
    // Who never got through has waited at least until the deadline.
    const times = counted.map((ms) => ms ?? deadlineMs);
    const p99Ms = quantile(times, 0.99);
    return {
      placed,
      connected,
      p50Ms: quantile(times, 0.5),
      p95Ms: quantile(times, 0.95),
      p99Ms,
      kept: connected >= placed * connectedShareMin && p99Ms < p99MaxMs,
      serverCpuPerCallMs: (after.server - before.server) / placed,
      asteriskCpuPerCallMs: (after.asterisk - before.asterisk) / placed,
    };
  }
}

interface Calling {
  readonly target: string;
  readonly count: number;
  readonly rate: number;
  readonly pace: Pace;
}

/** INVITE to 200 OK of each caller in the order of the calls, undefined for who was not answered. */
async function answerTimes(
  asterisk: LabAsterisk,
  { target, count, rate, pace }: Calling,
): Promise<readonly (number | undefined)[]> {
  const callerNumbers = Array.from({ length: customers }, (_, index) => customerNumber(index));
  const { answerMs } = await placeSippCalls(asterisk, {
    behaviour: 'talk',
    hesitateMs: pace === 'byChance' ? hesitateMs : 0,
    holdMs: talkMs,
    target,
    callerNumbers,
    count,
    ratePerSecond: rate,
    patienceMs: deadlineMs,
  });
  return answerMs;
}

/** What a path leaves behind that broke down (calls, timers, retransmissions) must not burden the next one. */
async function untilQuiet(asterisk: LabAsterisk): Promise<void> {
  for (let waitedMs = 0; waitedMs < quietWithinMs; waitedMs += 1_000) {
    if (waitedMs === hangUpAfterMs) await asterisk.cli('channel request hangup all');
    const beforeMs = asterisk.cpuMs();
    await sleep(1_000);
    const isIdle = asterisk.cpuMs() - beforeMs <= quietCpuMs;
    if (isIdle && /^0 active channels/m.test(await asterisk.cli('core show channels count'))) return;
  }
  throw new Error('Asterisk did not come to rest after a measurement');
}

async function memoryWith500Waiting(
  asterisk: LabAsterisk,
  server: LabRingmaster,
  room: ControlRoom,
  log: (line: string) => void,
): Promise<number> {
  log('500 callers wait, no agent is there');
  await using caller = await SipCaller.open(asterisk);
  let queued = 0;
  room.onEvent = (event) => {
    if (event.type === 'call.queued.v1') queued += 1;
  };
  const calls = [];
  for (let index = 0; index < 500; index += 1) {
    calls.push(caller.call({ target: hotline, callerNumber: customerNumber(index), deadlineMs: 60_000 }));
    await sleep(10);
  }
  for (let waitedMs = 0; queued < 500; waitedMs += 100) {
    if (waitedMs > 20_000) throw new Error(`only ${queued} of 500 callers came to wait`);
    await sleep(100);
  }
  await sleep(settleMs);
  const rssMb = server.rssMb();
  for (const call of calls) call.hangUp();
  await Promise.all(calls.map((call) => call.ended));
  await sleep(settleMs);
  return rssMb;
}

function summary(
  results: ReadonlyMap<string, Measured>,
  maxima: Readonly<Record<Path['name'], number>>,
  rssIdleMb: number,
  rss500WaitingMb: number,
) {
  const figures: Record<string, number> = { rssIdleMb, rss500WaitingMb };
  for (const [name, measured] of results) {
    figures[`${name}P50Ms`] = measured.p50Ms;
    figures[`${name}P99Ms`] = measured.p99Ms;
  }
  for (const [name, rate] of Object.entries(maxima)) figures[`${name}MaxRate`] = rate;
  const at80 = (name: Path['name'], pace: Pace = 'byChance'): Measured =>
    results.get(`${name}80${suffixOf[pace]}`) as Measured;
  const lost = namedRates
    .map((rate) => results.get(`ringmaster${rate}`) as Measured)
    .reduce((sum, { placed, connected }) => sum + placed - connected, 0);
  figures['lost'] = lost;
  figures['serverCpuPerCallMs'] = at80('ringmaster').serverCpuPerCallMs;
  figures['asteriskCpuPerCallMs'] = at80('ringmaster').asteriskCpuPerCallMs;
  const ratios = {
    p99VsDial80: at80('ringmaster').p99Ms / at80('dial').p99Ms,
    p99VsAppQueue80: at80('ringmaster').p99Ms / at80('appQueue').p99Ms,
    maxRateVsAppQueue: maxima.ringmaster / Math.max(maxima.appQueue, 1),
    p99VsAppQueueAutofill80: at80('ringmaster').p99Ms / at80('appQueueAutofill').p99Ms,
    maxRateVsAppQueueAutofill: maxima.ringmaster / Math.max(maxima.appQueueAutofill, 1),
    p99VsDial80Even: at80('ringmaster', 'evenly').p99Ms / at80('dial', 'evenly').p99Ms,
    p99VsAppQueue80Even: at80('ringmaster', 'evenly').p99Ms / at80('appQueue', 'evenly').p99Ms,
    serverCpuVsAsteriskCpu: at80('ringmaster').serverCpuPerCallMs / at80('ringmaster').asteriskCpuPerCallMs,
  };
  const ok =
    lost === 0 &&
    ratios.p99VsDial80 <= 3 &&
    ratios.p99VsAppQueue80 <= 0.1 &&
    ratios.maxRateVsAppQueue >= 1.3 &&
    ratios.serverCpuVsAsteriskCpu <= 0.35 &&
    rssIdleMb <= 120 &&
    rss500WaitingMb <= 220;
  return { name: 'calls', figures, ratios, ok };
}
