import { setTimeout as sleep } from 'node:timers/promises';
import { becomesTrue } from '../../lab/index.ts';
import { quantile } from '../statistics.ts';
import type { Callers } from './callers.ts';
import type { Size } from './options.ts';
import type { Reader } from './reader.ts';
import type { TakeoverSite } from './site.ts';

export interface Stage {
  readonly site: TakeoverSite;
  readonly callers: Callers;
  /** A reader of all events through which a scenario sees what the server tells. */
  readonly reader: Reader;
  readonly size: Size;
}

/** What a scenario measures beyond what all have. */
type Own = Readonly<Record<string, number>>;

export interface Scenario {
  readonly name: string;
  readonly title: string;
  /** The PBX itself ends the calls, so that neither conversations nor waiting callers can be kept. */
  readonly callsDie?: true;
  /** The most that a figure may be. */
  readonly limits?: Readonly<Record<string, number>>;
  /** Does the fault, and resolves when it is over. */
  run(stage: Stage): Promise<Own>;
}

/** How long a scenario waits for what a fault must bring about; far more than the limits. */
const patienceMs = 30_000;
const takeoverLimitMs = 3_000;
const pauseLimitMs = 500;
/** Calls that came in the pause have been answered by then. */
const afterHandOverMs = 5_000;
const halfOpenLimitMs = 10_000;
const agentsFreedLimitMs = 5_000;
/** How long a supervisor such as systemd leaves a PBX dead. */
const restartPauseMs = 500;

export const scenarios: readonly Scenario[] = [
  {
    name: 'ownerKilled',
    title: 'the instance that owns the calls is killed by kill -9',
    limits: { takeoverMs: takeoverLimitMs },
    run: async ({ site, callers }) => {
      const killedAtMs = performance.now();
      await site.servers[0]?.kill9();
      await becomesTrue(() => callers.servedAfterMs(killedAtMs) !== undefined, patienceMs);
      return { takeoverMs: (callers.servedAfterMs(killedAtMs) ?? Number.POSITIVE_INFINITY) - killedAtMs };
    },
  },
  {
    name: 'handOver',
    title: 'the instance that owns the calls is asked to end (SIGTERM)',
    limits: { pauseMs: pauseLimitMs },
    run: async ({ site, callers }) => {
      const askedAtMs = performance.now();
      const usual = quantile(callers.answerTimesMs(0, askedAtMs - 1_000), 0.5);
      await site.servers[0]?.terminate();
      const endedMs = performance.now() - askedAtMs;
      await becomesTrue(() => callers.servedAfterMs(performance.now() - 500) !== undefined, patienceMs);
      await sleep(afterHandOverMs);
      const longest = Math.max(...callers.answerTimesMs(askedAtMs - 500, performance.now() - 1_000));
      return { pauseMs: Math.max(0, longest - usual), oldOwnerEndedMs: endedMs };
    },
  },
  {
    name: 'redisKilled',
    title: 'Redis is away',
    run: async ({ site, size }) => {
      await site.redis.kill9();
      await sleep(size.faultMs);
      await site.redis.restart();
      return {};
    },
  },
  {
    name: 'postgresKilled',
    title: 'PostgreSQL is away',
    run: async ({ site, size }) => {
      await site.postgres.kill9();
      await sleep(size.faultMs);
      await site.postgres.restart();
      return {};
    },
  },
  {
    name: 'amiCut',
    title: 'the AMI link is cut and refused for five seconds',
    run: async (stage) => {
      const lost = lostLink(stage, 'ami');
      stage.site.amiProxy.cut();
      await sleep(5_000);
      stage.site.amiProxy.heal();
      await told(stage, 'pbx.link.restored.v1', 'ami');
      return { detectedMs: await lost };
    },
  },
  {
    name: 'amiHalfOpen',
    title: 'the AMI link lets no byte through, and nobody is told',
    limits: { detectedMs: halfOpenLimitMs },
    run: (stage) => halfOpen(stage, 'ami'),
  },
  {
    name: 'ariHalfOpen',
    title: 'the ARI link lets no byte through, and nobody is told',
    limits: { detectedMs: halfOpenLimitMs },
    run: (stage) => halfOpen(stage, 'ari'),
  },
  {
    name: 'asteriskKilled',
    title: 'Asterisk is killed and started again',
    callsDie: true,
    limits: { agentsFreedMs: agentsFreedLimitMs },
    run: async ({ site, callers }) => {
      const killedAtMs = performance.now();
      await site.asterisk.kill9();
      const freed = agentsFreed(site, killedAtMs);
      await sleep(restartPauseMs);
      await site.asterisk.restart();
      const bootedMs = performance.now() - killedAtMs;
      const agentsFreedMs = await freed;
      await becomesTrue(() => callers.servedAfterMs(killedAtMs) !== undefined, patienceMs);
      return { agentsFreedMs, pbxAwayMs: bootedMs };
    },
  },
];

/** The connections that stand are dead; new ones pass, as after a firewall has forgotten its table. */
async function halfOpen(stage: Stage, link: 'ari' | 'ami'): Promise<Own> {
  const proxy = link === 'ari' ? stage.site.ariProxy : stage.site.amiProxy;
  const lost = lostLink(stage, link);
  proxy.stall();
  proxy.heal();
  const detectedMs = await lost;
  await told(stage, link === 'ari' ? 'pbx.reconciled.v1' : 'pbx.link.restored.v1', link);
  return { detectedMs };
}

/** From now until the loss of the link is told to readers. */
async function lostLink({ reader }: Stage, link: string): Promise<number> {
  const sinceMs = performance.now();
  const seen = () => reader.seenAtMs('pbx.link.lost.v1', (data) => data['link'] === link, sinceMs);
  await becomesTrue(() => seen() !== undefined, patienceMs);
  return (seen() ?? Number.POSITIVE_INFINITY) - sinceMs;
}

async function told({ reader }: Stage, type: string, link: string): Promise<void> {
  const sinceMs = performance.now();
  const isIt = (data: Readonly<Record<string, unknown>>) => data['link'] === undefined || data['link'] === link;
  await becomesTrue(() => reader.seenAtMs(type, isIt, sinceMs - 1_000) !== undefined, patienceMs);
}

/** From the kill until no agent is shown in a conversation that the PBX has taken with it. */
async function agentsFreed(site: TakeoverSite, killedAtMs: number): Promise<number> {
  const ids = new Set(site.agentsFor('talk'));
  const isFreed = async (): Promise<boolean> => {
    const { agents } = await site.api.ask<{ agents: { id: string; routing: string }[] }>('GET', '/v1/agents');
    return agents.every(({ id, routing }) => !ids.has(id) || routing !== 'talking');
  };
  const done = await becomesTrue(() => isFreed().catch(() => false), patienceMs, 50);
  return done ? performance.now() - killedAtMs : Number.POSITIVE_INFINITY;
}
