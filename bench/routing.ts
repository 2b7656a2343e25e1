import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { agentCount, BusyFloor, callsPerSecond, timedMax } from './routing-floor.ts';
import { appQueueSecondMs, type LoopQueue, modCallcenterRoundMs } from './routing-loops.ts';
import { quantile } from './statistics.ts';

export const description =
  'one core of routing at 10,000 agents and 100,000 waiting; against the loops of two queue modules';

const waiting = 100_000;
const few = 1_000;
const warmUpEvents = 400_000;
/** Of a round. */
const countedEvents = timedMax;
const rounds = 5;
const seed = 10_200;
/** Rounds of mod_callcenter in a second. */
const roundsPerSecond = 10;

interface Measured {
  readonly eventsPerSecond: number;
  readonly p99Us: number;
  readonly p999Us: number;
  /** Of the engine for one second of the floor. */
  readonly secondMs: number;
}

export async function run({ log }: { readonly log: (line: string) => void }) {
  log(`${agentCount} agents, ${waiting} waiting, 5,000 signatures`);
  const floor = open(waiting, 5_000);
  const bytesPerWaitingCall = floor.bytes;
  const main = measure(floor.floor);
  const queues = queuesOf(floor.floor);
  log('the same with 1,000 waiting');
  const small = measure(open(few, 5_000).floor);
  log('the same with 20,000 signatures');
  const large = measure(open(waiting, 20_000).floor);
  log('one second of app_queue’s loop on the same floor');
  appQueueSecondMs(queues, agentCount, Math.round(callsPerSecond), seed);
  const appQueueMs = appQueueSecondMs(queues, agentCount, Math.round(callsPerSecond), seed + 1);
  log('one round of mod_callcenter’s loop on the same floor');
  const roundMs = modCallcenterRoundMs(queues, agentCount, Math.round(callsPerSecond), seed);
  const figures = {
    eventsPerSecond: main.eventsPerSecond,
    p99Us: main.p99Us,
    p999Us: main.p999Us,
    eventsPerSecond20000: large.eventsPerSecond,
    p99Us20000: large.p99Us,
    eventsPerSecond1000Waiting: small.eventsPerSecond,
    bytesPerWaitingCall,
    secondMs: main.secondMs,
    appQueueSecondMs: appQueueMs,
    modCallcenterSecondMs: roundMs * roundsPerSecond,
  };
  const ratios = {
    growth: small.eventsPerSecond / main.eventsPerSecond,
    vsAppQueueLoop: appQueueMs / main.secondMs,
    vsModCallcenterLoop: (roundMs * roundsPerSecond) / main.secondMs,
  };
  const ok =
    figures.eventsPerSecond >= 500_000 &&
    figures.p99Us <= 20 &&
    figures.eventsPerSecond20000 >= 200_000 &&
    ratios.growth <= 3 &&
    bytesPerWaitingCall <= 1_500 &&
    ratios.vsAppQueueLoop >= 10 &&
    ratios.vsModCallcenterLoop >= 10;
  return { name: 'routing', figures, ratios, ok };
}

function open(count: number, signatures: number): { floor: BusyFloor; bytes: number } {
  const floor = new BusyFloor(count, signatures, seed);
  floor.open();
  const before = { bytes: heldBytes(), waiting: floor.waitingCount };
  floor.fill();
  return { floor, bytes: (heldBytes() - before.bytes) / Math.max(1, floor.waitingCount - before.waiting) };
}

/** Of several rounds the one in the middle, by each figure: a machine of which others have a share is not even. */
function measure(floor: BusyFloor): Measured {
  for (let event = 0; event < warmUpEvents; event += 1) floor.event();
  const measured = Array.from({ length: rounds }, () => round(floor));
  const middle = (figure: keyof Measured): number =>
    quantile(
      measured.map((one) => one[figure]),
      0.5,
    );
  return {
    eventsPerSecond: middle('eventsPerSecond'),
    p99Us: middle('p99Us'),
    p999Us: middle('p999Us'),
    secondMs: middle('secondMs'),
  };
}

/** Events as they come, each timed; neither the time of the driver is counted nor that of the clock. */
function round(floor: BusyFloor): Measured {
  const clockUs = clockCostUs();
  const { offers } = floor.engine.stats();
  const startedAtMs = floor.nowMs;
  floor.steps = 0;
  for (let event = 0; event < countedEvents; event += 1) floor.event();
  if (floor.engine.stats().offers - offers < countedEvents / 5) throw new Error('hardly anybody was offered a call');
  const stepUs = Array.from(floor.stepUs);
  const totalUs = stepUs.reduce((sum, us) => sum + us, 0) - countedEvents * clockUs;
  return {
    eventsPerSecond: (countedEvents / totalUs) * 1e6,
    p99Us: quantile(stepUs, 0.99),
    p999Us: quantile(stepUs, 0.999),
    secondMs: totalUs / (floor.nowMs - startedAtMs),
  };
}

/** What two looks at the clock with nothing between them tell, in the mean: the clock's own part of each step's time. */
function clockCostUs(): number {
  const looks = 200_000;
  let totalMs = 0;
  for (let look = 0; look < looks; look += 1) {
    const before = performance.now();
    totalMs += performance.now() - before;
  }
  return (totalMs / looks) * 1_000;
}

/** The floor as queues with members, for modules that know no skills. */
function queuesOf(floor: BusyFloor): readonly LoopQueue[] {
  return [...floor.waitingByWish()].map(([key, count]) => {
    const [queueId, needs] = JSON.parse(key) as [string, Record<string, number>];
    const members = floor.profiles.flatMap(({ skills, queues }, index) => {
      const fits = Object.entries(needs).every(([skill, level]) => (skills[skill] ?? -1) >= level);
      return fits && queues.includes(queueId) ? [index] : [];
    });
    return { members, waiting: count };
  });
}

function heldBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
