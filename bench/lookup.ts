import { Agent, fetch } from 'undici';
import { startRedis, startSampleCrm } from '../lab/index.ts';
import type { CustomerResult } from '../src/call/index.ts';
import {
  createCustomerLookup,
  createRestAdapter,
  defaultLookupLimits,
  defaultNumberPlan,
  Directory,
  type ManagedLookup,
  memoryDirectoryStore,
  parseTemplate,
  openRedisCache,
} from '../src/crm/index.ts';
import { type Logger, systemClock, systemRng } from '../src/kernel/index.ts';
import { readFile } from 'node:fs/promises';

export const description =
  'who is calling: one CRM request for 10,000 callers, warm hits, a dead CRM; against plain fetch';

const CALLERS = 10_000;
const WARM_LOOKUPS = 20_000;
const DIRECT_REQUESTS = 2_000;
const OPEN_PROBES = 200;

interface Options {
  readonly json: boolean;
  readonly log: (line: string) => void;
}

interface Result {
  readonly name: string;
  readonly figures: Record<string, number>;
  readonly ratios: Record<string, number>;
  readonly ok: boolean;
}

const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};

type Crm = Awaited<ReturnType<typeof startSampleCrm>>;

/** Two server instances over one Redis and the lab's CRM, and beside them the same questions by plain fetch. */
export async function run({ log }: Options): Promise<Result> {
  await using redis = await startRedis();
  await using crm = await startSampleCrm({ generatedCustomers: 1_000 });
  const lookups = await Promise.all([redis.url, redis.url].map((url) => instance(crm, url)));
  try {
    const [first] = lookups;
    if (!first) throw new Error('an instance is needed');
    const crowd = await crowdOfOne(crm, lookups);
    log(
      `${CALLERS} callers, one number, two instances: ${crowd.crmRequests} CRM request(s), ${crowd.ms.toFixed(0)} ms`,
    );
    const warmMs = await timed(WARM_LOOKUPS, () => whoIs(first, number(crm, 0)));
    const direct = await directFetches(crm);
    log(`warm p99 ${p99(warmMs).toFixed(3)} ms; fetch per call: p99 ${p99(direct.ms).toFixed(2)} ms`);
    const dead = await deadCrm(crm, first);
    log(`CRM dead: first ${dead.firstDelayMs.toFixed(1)} ms, breaker open: p99 ${dead.openDelayMs.toFixed(2)} ms`);
    const figures = {
      callers: CALLERS,
      crmRequests: crowd.crmRequests,
      crowdMs: crowd.ms,
      warmP50Ms: quantile(warmMs, 0.5),
      warmP99Ms: p99(warmMs),
      directP50Ms: quantile(direct.ms, 0.5),
      directP99Ms: p99(direct.ms),
      directRequestsPerCall: direct.requests / DIRECT_REQUESTS,
      deadlineMs: defaultLookupLimits.deadlineMs,
      ...dead,
    };
    const ratios = {
      warmVsDirect: figures.warmP99Ms / figures.directP99Ms,
      requestsVsDirect: crowd.crmRequests / (CALLERS * figures.directRequestsPerCall),
    };
    const isFast = figures.firstDelayMs <= figures.deadlineMs + 20 && figures.openDelayMs <= 5;
    return { name: 'lookup', figures, ratios, ok: crowd.crmRequests === 1 && isFast };
  } finally {
    await Promise.all(lookups.map((lookup) => lookup.stop()));
  }
}

async function instance(crm: Crm, redisUrl: string): Promise<ManagedLookup> {
  const yaml = await readFile(new URL('../config/presets/crm/sample-simple.yaml', import.meta.url), 'utf8');
  const parsed = parseTemplate(yaml, 'sample-simple.yaml');
  if (parsed.kind === 'problems') throw new Error('the shipped template does not parse');
  const secrets: Record<string, string> = { RINGMASTER_CRM_URL: crm.url, RINGMASTER_CRM_TOKEN: crm.token };
  const both = { clock: systemClock, rng: systemRng, logger: silent };
  const adapter = createRestAdapter({
    template: parsed.template,
    resolveSecret: ({ name }) => secrets[name],
    allow: ['127.0.0.0/8'],
    connectionsMax: 32,
    clock: systemClock,
  });
  const shared = await openRedisCache({ url: redisUrl, prefix: 'bench', readBudgetMs: 5, writeBudgetMs: 25, ...both });
  const directory = new Directory(defaultNumberPlan, memoryDirectoryStore());
  const lookup = createCustomerLookup({ adapter, directory, shared, keySecret: 'bench', ...both });
  lookup.start();
  const giveUpAtMs = performance.now() + 10_000;
  while (!shared.hears() || shared.state() !== 'up') {
    if (performance.now() > giveUpAtMs) throw new Error('the shared cache did not come up');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return lookup;
}

const number = (crm: Crm, at: number): string => crm.data.customers[at]?.mobile ?? '';

function whoIs(lookup: ManagedLookup, callerNumber: string): Promise<CustomerResult> {
  return new Promise((resolve) => {
    const request = { callId: 'bench', tenant: 'bench', callerNumber, dialledNumber: '4001' };
    lookup.lookup(request, resolve, () => undefined);
  });
}

/** A CRM that takes 100 ms, so that all callers arrive while the one fetch is in the air. */
async function crowdOfOne(crm: Crm, lookups: readonly ManagedLookup[]): Promise<{ crmRequests: number; ms: number }> {
  crm.setBehaviour({ delayMs: 100 });
  crm.resetCounts();
  const startedAtMs = performance.now();
  const perInstance = CALLERS / lookups.length;
  const all = lookups.flatMap((lookup) => Array.from({ length: perInstance }, () => whoIs(lookup, number(crm, 0))));
  await Promise.all(all);
  const ms = performance.now() - startedAtMs;
  // What comes after the deadline counts too.
  await new Promise((resolve) => setTimeout(resolve, 500));
  crm.setBehaviour({ delayMs: 0 });
  return { crmRequests: crm.requests, ms };
}

/** The baseline: each call asks the CRM itself, one after the other, over kept connections. */
async function directFetches(crm: Crm): Promise<{ ms: number[]; requests: number }> {
  const agent = new Agent({ connections: 32 });
  crm.resetCounts();
  const ms = await timed(DIRECT_REQUESTS, async () => {
    const url = `${crm.url}/api/customers?phone=${number(crm, 0)}`;
    const answer = await fetch(url, { dispatcher: agent, headers: { authorization: `Bearer ${crm.token}` } });
    await answer.json();
  });
  await agent.close();
  return { ms, requests: crm.requests };
}

/** The CRM accepts and never answers: the first caller leaves at the deadline, later ones at once. */
async function deadCrm(
  crm: Crm,
  lookup: ManagedLookup,
): Promise<{ firstDelayMs: number; openDelayMs: number; openMaxMs: number }> {
  crm.setBehaviour({ failure: 'hang' });
  const firsts = await Promise.all(
    Array.from({ length: 8 }, (_, at) => timed(1, () => whoIs(lookup, number(crm, 100 + at)))),
  );
  const giveUpAtMs = performance.now() + 10_000;
  while (lookup.health().breaker !== 'open') {
    if (performance.now() > giveUpAtMs) throw new Error('the breaker did not open');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  let next = 200;
  const open = await timed(OPEN_PROBES, () => {
    next += 1;
    return whoIs(lookup, number(crm, next));
  });
  return { firstDelayMs: Math.max(...firsts.flat()), openDelayMs: p99(open), openMaxMs: Math.max(...open) };
}

/** Milliseconds of each of `count` deeds, one after the other. */
async function timed(count: number, deed: () => Promise<unknown>): Promise<number[]> {
  const ms: number[] = [];
  for (let at = 0; at < count; at += 1) {
    const startedAtMs = performance.now();
    await deed();
    ms.push(performance.now() - startedAtMs);
  }
  return ms;
}

const p99 = (ms: readonly number[]): number => quantile(ms, 0.99);

function quantile(ms: readonly number[], share: number): number {
  const sorted = [...ms].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
