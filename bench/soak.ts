import { setTimeout as sleep } from 'node:timers/promises';
import { SipCaller } from '../lab/index.ts';
import type { LabRingmaster } from '../lab/ringmaster/start.ts';
import { customerNumber, hotline, openCallSite } from './call-site.ts';
import { quantile } from './statistics.ts';
import { whole } from './takeover/options.ts';

/** `--minutes 30 --rate 60`. */
export const description = 'memory and event-loop delay of the server under calls on the real PBX, first against last';

export const options = { minutes: { type: 'string' }, rate: { type: 'string' } } as const;

const talkMs = 1_000;
const deadlineMs = 30_000;
const sampleEveryMs = 2_000;
/**
 * So long memory takes to find its level: the JavaScript engine lets its heap grow by what it has seen of it. Seen at 60
 * calls a second: 323 MB after three minutes, 344 after fifteen, 348 after half an hour, with the same 91 MB in use.
 */
const warmUpMs = 600_000;
const rssGrowthMaxPct = 5;
/** Flat, but for what chance does to a p99 of two seconds. */
const loopDelayGrowthMax = 1.5;

interface Options {
  readonly log: (line: string) => void;
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
}

interface Sample {
  readonly rssMb: number;
  /** What is alive or not yet collected in the JavaScript heap: apart from the rest it says who grows. */
  readonly heapUsedMb: number;
  readonly loopP99Ms: number;
}

export async function run({ log, values }: Options) {
  const minutes = whole(values, 'minutes', 30, 24 * 60);
  const rate = whole(values, 'rate', 60, 200);
  const lengthMs = minutes * 60_000;
  // A call holds its agent for a little longer than it talks.
  const agents = Math.max(20, Math.min(400, rate * 4));
  await using site = await openCallSite(agents);
  await site.room.signIn(...site.agentIds);
  const counts = { placed: 0, connected: 0 };
  const calls = new AbortController();
  const calling = call(site.asterisk, rate, counts, calls.signal);
  log(`warming up for ${Math.round(warmUpMs / 1000)} s`);
  await sleep(warmUpMs);
  const samples: Sample[] = [];
  await takeSample(site.server);
  const beganAtMs = performance.now();
  for (let due = sampleEveryMs; due <= lengthMs; due += sampleEveryMs) {
    await sleep(Math.max(0, beganAtMs + due - performance.now()));
    const sample = await takeSample(site.server);
    samples.push(sample);
    if (samples.length % 30 === 0)
      log(`${samples.length / 30} min  ${sample.rssMb.toFixed(1)} MB, heap ${sample.heapUsedMb.toFixed(1)} MB`);
  }
  calls.abort();
  await calling;
  return judged(samples, counts);
}

/** Places calls until it is told to stop, and waits for the last; what each came to is counted and not kept. */
async function call(
  target: Parameters<typeof SipCaller.open>[0],
  ratePerSecond: number,
  counts: { placed: number; connected: number },
  until: AbortSignal,
): Promise<void> {
  await using caller = await SipCaller.open(target);
  let open = 0;
  let dueAtMs = performance.now();
  while (!until.aborted) {
    const waitMs = dueAtMs - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    dueAtMs += 1_000 / ratePerSecond;
    const callerNumber = customerNumber(counts.placed);
    counts.placed += 1;
    open += 1;
    void caller.call({ target: hotline, callerNumber, holdMs: talkMs, deadlineMs }).ended.then(({ outcome }) => {
      open -= 1;
      if (outcome === 'connected') counts.connected += 1;
    });
  }
  while (open > 0) await sleep(100);
}

/** Memory now, and the delay of the event loop since the last sample: the metric begins anew when it is read. */
async function takeSample(server: LabRingmaster): Promise<Sample> {
  const response = await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${server.key}` } });
  const text = await response.text();
  const valueOf = (name: string): number => Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)?.[1]);
  return {
    rssMb: server.rssMb(),
    heapUsedMb: valueOf('nodejs_heap_size_used_bytes') / 1024 ** 2,
    loopP99Ms: valueOf('nodejs_eventloop_lag_p99_seconds') * 1_000,
  };
}

/** The medians of the first and the last fifth: what a collection of garbage does at one moment does not count. */
function judged(samples: readonly Sample[], { placed, connected }: { placed: number; connected: number }) {
  const fifth = Math.max(1, Math.floor(samples.length / 5));
  const first = samples.slice(0, fifth);
  const last = samples.slice(-fifth);
  const median = (part: readonly Sample[], of: (sample: Sample) => number): number => quantile(part.map(of), 0.5);
  const rssFirstMb = median(first, ({ rssMb }) => rssMb);
  const rssLastMb = median(last, ({ rssMb }) => rssMb);
  const figures = {
    placed,
    lost: placed - connected,
    rssFirstMb,
    rssLastMb,
    rssGrowthPct: (rssLastMb / rssFirstMb - 1) * 100,
    rssMaxMb: Math.max(...samples.map(({ rssMb }) => rssMb)),
    heapUsedFirstMb: median(first, ({ heapUsedMb }) => heapUsedMb),
    heapUsedLastMb: median(last, ({ heapUsedMb }) => heapUsedMb),
    loopDelayP99FirstMs: median(first, ({ loopP99Ms }) => loopP99Ms),
    loopDelayP99LastMs: median(last, ({ loopP99Ms }) => loopP99Ms),
  };
  const loopDelayGrowth = figures.loopDelayP99LastMs / figures.loopDelayP99FirstMs;
  const limits = { rssGrowthPct: `≤ ${rssGrowthMaxPct}`, lost: '≤ 0', loopDelayGrowth: `≤ ${loopDelayGrowthMax}` };
  return {
    name: 'soak',
    figures,
    ratios: { loopDelayGrowth },
    limits,
    ok: figures.rssGrowthPct <= rssGrowthMaxPct && figures.lost === 0 && loopDelayGrowth <= loopDelayGrowthMax,
  };
}
