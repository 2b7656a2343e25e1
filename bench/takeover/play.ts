import { setTimeout as sleep } from 'node:timers/promises';
import { becomesTrue } from '../../lab/index.ts';
import { quantile } from '../statistics.ts';
import { Callers } from './callers.ts';
import { checkLog, lastSequence } from './log-check.ts';
import type { Size } from './options.ts';
import { Reader } from './reader.ts';
import type { Scenario, Stage } from './scenarios.ts';
import { openSite, type TakeoverSite } from './site.ts';

/** New calls come for so long before the fault, and for so long after it. */
const leadInMs = 5_000;
const leadOutMs = 5_000;
const recoverMs = 30_000;
/** How long callers who waited may take to an agent once there are agents again. */
const serveMs = 30_000;
const catchUpMs = 30_000;
const restMs = 2_000;

type Figures = Readonly<Record<string, number>>;

/** Plays one scenario on a site of its own and measures what callers, agents and readers had of it. */
export async function play(scenario: Scenario, size: Size, log: (line: string) => void): Promise<Figures> {
  await using site = await openSite(size);
  await using callers = await Callers.open(site);
  const urls = site.servers.map(({ url }) => url);
  const key = site.servers[0]?.key ?? '';
  using resuming = new Reader('resuming', urls, key);
  using durable = new Reader('durable', urls.toReversed(), key);
  const readers = [resuming, durable];
  await becomesTrue(() => readers.every(({ from }) => from !== undefined), 10_000);
  await site.api.signIn(...site.agentsFor('talk'), ...site.agentsFor('new'));
  await callers.establish(size.talking, size.waiting);
  callers.startNew(size.rate);
  await sleep(leadInMs);

  log(`  ${scenario.title}`);
  const faultAtMs = performance.now();
  const stage: Stage = { site, callers, reader: resuming, size };
  const own = await scenario.run(stage);
  const healedAtMs = performance.now();
  await becomesTrue(() => callers.servedAfterMs(healedAtMs) !== undefined, recoverMs);
  await sleep(leadOutMs);
  if (!scenario.callsDie) await serveWaiting(site, callers);
  const endedAtMs = performance.now();
  await callers.endNew();

  const talkers = callers.talking.filter(({ number, over }) => over || !site.watch.isWithAgent(number)).length;
  const cutNew = (await Promise.all(callers.fresh.map(({ sip }) => sip.ended))).filter(
    ({ outcome, endedBy, callerNumber }) =>
      outcome === 'connected' && endedBy === 'callee' && !site.watch.fallbacks.has(callerNumber),
  ).length;
  const waitingServed = callers.waiting.filter(({ number }) => site.watch.connectedAtMs.has(number)).length;
  const served = new Set(
    [...callers.talking, ...callers.waiting, ...callers.fresh].flatMap(({ number }) =>
      site.watch.connectedAtMs.has(number) ? [number] : [],
    ),
  );
  await callers.hangUpAll();
  const events = await readLog(site, readers, served, log);
  const before = callers.answerTimesMs(0, faultAtMs - 2_000);
  const during = callers.answerTimesMs(faultAtMs, endedAtMs);
  const { lost, withPbx } = lostNew(site, callers, scenario, healedAtMs);
  return {
    dropped: scenario.callsDie ? 0 : talkers + cutNew,
    ...(scenario.callsDie ? { diedWithPbx: talkers + withPbx } : { waitingServed }),
    newCalls: callers.fresh.length,
    newCallsLost: lost,
    fallbacks: site.watch.fallbacks.size,
    ...own,
    answerP50BeforeMs: quantile(before, 0.5),
    answerMaxMs: Math.max(0, ...during),
    ...events,
    redelivered: durable.twice,
    snapshotsInstead: resuming.notRecovered,
  };
}

/** Agents come for those who wait, and keep them. */
async function serveWaiting(site: TakeoverSite, callers: Callers): Promise<void> {
  await site.api.signIn(...site.agentsFor('wait'));
  const { connectedAtMs } = site.watch;
  await becomesTrue(() => callers.waiting.every(({ number }) => connectedAtMs.has(number)), serveMs);
}

/** New callers who got neither an agent nor the fallback; when the PBX dies, those whom it took with it apart. */
function lostNew(
  { watch }: TakeoverSite,
  { fresh }: Callers,
  { callsDie }: Scenario,
  healedAtMs: number,
): { lost: number; withPbx: number } {
  const unserved = fresh.filter(({ number }) => !watch.connectedAtMs.has(number) && !watch.fallbacks.has(number));
  const withPbx = callsDie ? unserved.filter(({ placedAtMs }) => placedAtMs < healedAtMs).length : 0;
  return { lost: unserved.length - withPbx, withPbx };
}

/** Waits until everything is written and read, then holds the log against its readers. */
async function readLog(
  site: TakeoverSite,
  readers: readonly Reader[],
  served: ReadonlySet<string>,
  log: (line: string) => void,
): Promise<Figures> {
  const isQuiet = async (): Promise<boolean> =>
    (await site.api.ask<{ calls: unknown[] }>('GET', '/v1/calls?limit=1')).calls.length === 0;
  await becomesTrue(() => isQuiet().catch(() => false), catchUpMs, 100);
  // The log writes in its own time: it counts as it is when nothing has followed for a while.
  let before = -1;
  await becomesTrue(
    async () => {
      const last = await lastSequence(site.postgres.url);
      const isDone = last === before && readers.every(({ position }) => position >= last);
      before = last;
      return isDone;
    },
    catchUpMs,
    restMs,
  );
  const upTo = Math.min(...readers.map(({ position }) => position));
  return { ...(await checkLog(site.postgres.url, { readers, served, upTo, log })) };
}
