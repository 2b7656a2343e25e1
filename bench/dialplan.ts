import { setTimeout as sleep } from 'node:timers/promises';
import {
  type CallResult,
  freeTcpPort,
  installSnippets,
  placeCalls,
  snippetSecrets,
  snippetWays,
} from '../lab/index.ts';
import type { LabRingmaster } from '../lab/ringmaster/start.ts';
import { type CallSite, customerNumber, hotline, openCallSite } from './call-site.ts';
import { quantile } from './statistics.ts';

export const description =
  'a dialplan that asks by CURL(), FastAGI or StasisBroadcast(), against a static Dial(); and with the server hung';

const agentCount = 200;
/** Of all ways together: the calls of one way alternate with those of the others, so that all have the same weather. */
const ratePerSecond = 40;
const seconds = 60;
const warmUpSeconds = 15;
const quietMs = 2_000;
const talkMs = 1_000;
const deadlineMs = 20_000;
/** How long the dialplan waits for us, as the snippets have it. */
const fallbackBoundMs = 800;
const hungCalls = 20;
const askedDirectly = 500;

const paths = {
  dial: '7000',
  curl: `8${snippetWays.curl}${hotline}`,
  fastAgi: `8${snippetWays.agi}${hotline}`,
  stasisBroadcast: `8${snippetWays.broadcast}${hotline}`,
};
type Path = keyof typeof paths;
const names = Object.keys(paths) as readonly Path[];
const ways = ['curl', 'fastAgi', 'stasisBroadcast'] as const;

interface Options {
  readonly json: boolean;
  readonly log: (line: string) => void;
}

export async function run({ log }: Options) {
  log(`starting Asterisk, ${agentCount} phones, CRM, Redis and Ringmaster`);
  const agiPort = await freeTcpPort();
  await using site = await openCallSite(agentCount, {
    advice: { fastAgi: { port: agiPort, secret: snippetSecrets.agi } },
    apiKeys: [{ id: 'pbx', kind: 'pbx', scopes: ['dialplan:route'], secret: snippetSecrets.key }],
  });
  const { asterisk, server, room } = site;
  const snippets = {
    flavour: 'asterisk',
    prefix: 'bench',
    digit: '8',
    boundMs: fallbackBoundMs,
    fallback: 'Congestion(1)',
  } as const;
  await installSnippets(asterisk, { ...snippets, url: server.url, agiPort });
  await room.signIn(...site.agentIds);

  log('warming up');
  await answerTimes(site, warmUpSeconds);
  const figures: Record<string, number> = { adviceP99Ms: await adviceP99Ms(server) };
  const times = await answerTimes(site, seconds);
  for (const path of names) {
    figures[`${path}P50Ms`] = quantile(times[path], 0.5);
    figures[`${path}P99Ms`] = quantile(times[path], 0.99);
    log(`${path.padEnd(16)} p50 ${figures[`${path}P50Ms`]?.toFixed(1)}  p99 ${figures[`${path}P99Ms`]?.toFixed(1)} ms`);
  }
  const lost = names.flatMap((path) => times[path]).filter((timeMs) => timeMs === deadlineMs).length;
  figures['lost'] = lost;

  const fallbackMs = await whileHung(site);
  for (const way of ways) log(`${way.padEnd(16)} server hung: at the fallback after ${fallbackMs[way].toFixed(0)} ms`);
  const added = (way: (typeof ways)[number]): number => (figures[`${way}P99Ms`] ?? 0) - (figures['dialP99Ms'] ?? 0);
  const ratios = {
    curlAddedP99Ms: added('curl'),
    fastAgiAddedP99Ms: added('fastAgi'),
    stasisBroadcastAddedP99Ms: added('stasisBroadcast'),
    curlFallbackMs: fallbackMs.curl,
    fastAgiFallbackMs: fallbackMs.fastAgi,
    stasisBroadcastFallbackMs: fallbackMs.stasisBroadcast,
    fallbackMs: Math.max(...Object.values(fallbackMs)),
    fallbackBoundMs,
  };
  return { name: 'dialplan', figures, ratios, ok: lost === 0 && ratios.fallbackMs <= fallbackBoundMs + 100 };
}

/** INVITE to 200 OK by way; who was never answered has waited until the deadline. */
async function answerTimes({ asterisk }: CallSite, duringSeconds: number): Promise<Record<Path, number[]>> {
  const pathOf = (index: number): Path => names[index % names.length] as Path;
  const results = await placeCalls(asterisk, {
    target: (index) => paths[pathOf(index)],
    count: duringSeconds * ratePerSecond,
    ratePerSecond,
    holdMs: talkMs,
    callerNumber: customerNumber,
    deadlineMs,
  });
  await sleep(quietMs);
  const times: Record<Path, number[]> = { dial: [], curl: [], fastAgi: [], stasisBroadcast: [] };
  for (const [index, result] of results.entries()) {
    times[pathOf(index)].push(result.outcome === 'connected' ? (result.answerMs ?? deadlineMs) : deadlineMs);
  }
  return times;
}

/** What CURL() itself waits for, on a warm cache and one connection: the answer's time without Asterisk. */
async function adviceP99Ms({ url }: LabRingmaster): Promise<number> {
  const headers = { authorization: `Bearer rmk_pbx_${snippetSecrets.key}` };
  const times: number[] = [];
  for (let asked = 0; asked < askedDirectly; asked += 1) {
    const startMs = performance.now();
    // Always the same channel, which gives back what it was given before.
    const query = `number=${customerNumber(0)}&entry=${hotline}&uniqueid=bench.1`;
    await (await fetch(`${url}/v1/dialplan/route?${query}`, { headers })).text();
    times.push(performance.now() - startMs);
  }
  return quantile(times, 0.99);
}

/** The longest that a caller waited for the fallback, by way, while the server's process stands still. */
async function whileHung({ asterisk, server }: CallSite): Promise<Record<(typeof ways)[number], number>> {
  const longest = { curl: 0, fastAgi: 0, stasisBroadcast: 0 };
  process.kill(server.pid, 'SIGSTOP');
  try {
    for (const way of ways) {
      const options = { target: paths[way], count: hungCalls, ratePerSecond, callerNumber: customerNumber, deadlineMs };
      longest[way] = Math.max(...(await placeCalls(asterisk, options)).map(refusedMs));
    }
  } finally {
    process.kill(server.pid, 'SIGCONT');
  }
  return longest;
}

const refusedMs = ({ outcome, answerMs }: CallResult): number =>
  outcome === 'refused' ? (answerMs ?? deadlineMs) : deadlineMs;
