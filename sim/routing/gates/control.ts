import type { Load } from '../../statistics/erlang.ts';
import { callersOf } from '../callers.ts';
import type { Scenario } from '../scenario.ts';

/**
 * What is known of the callers of a replication whatever routes them, as deviations from what is true in the long run.
 * The same calls, in order of arrival, go through one agent who works as fast as all of the model's together: an M/M/1
 * queue, whose waits are known exactly and are long when the model's are. Besides: time between calls, and handling time.
 * The engine has no part in any of this, so a wrong engine cannot hide behind it.
 */
export function controlsOf(scenario: Scenario, replication: number, load: Load): Controls {
  const { startMs, warmUpMs, answerWithinMs } = scenario;
  const waitsMs: number[] = [];
  const countedFromMs = startMs + warmUpMs;
  let workMs = 0;
  let lastAtMs = startMs;
  let [gapSumMs, handlingSumMs] = [0, 0];
  for (const { atMs, handlingMs } of callersOf(scenario, replication)) {
    const gapMs = atMs - lastAtMs;
    workMs = Math.max(0, workMs - gapMs);
    lastAtMs = atMs;
    if (atMs >= countedFromMs) {
      waitsMs.push(workMs);
      gapSumMs += gapMs;
      handlingSumMs += handlingMs;
    }
    workMs += handlingMs / load.agents;
  }
  const sortedMs = Float64Array.from(waitsMs).sort();
  const calls = sortedMs.length;
  const fast = fastAgent(load);
  const withinDeviation = (seconds: number) => shareWithin(sortedMs, seconds * 1000) - fast.within(seconds);
  return {
    withinDeviation,
    deviations: [
      sortedMs.reduce((sum, wait) => sum + wait, 0) / calls / 1000 - fast.meanWaitS,
      withinDeviation(answerWithinMs / 1000),
      gapSumMs / calls / 1000 - 1 / load.arrivalsPerSecond,
      handlingSumMs / calls / 1000 - load.handlingS,
    ],
  };
}

export interface Controls {
  readonly deviations: readonly number[];
  /** The deviation of the share of calls that wait no longer than so many seconds. */
  readonly withinDeviation: (seconds: number) => number;
}

/** Share of waits, in ascending order, that are no longer. */
export function shareWithin(sortedMs: ArrayLike<number>, ms: number): number {
  let low = 0;
  let high = sortedMs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sortedMs[middle] ?? 0) <= ms) low = middle + 1;
    else high = middle;
  }
  return low / sortedMs.length;
}

/** M/M/1: mean wait and share that waits no longer than so many seconds. */
function fastAgent({ arrivalsPerSecond, handlingS, agents }: Load) {
  const capacity = agents / handlingS;
  const occupancy = arrivalsPerSecond / capacity;
  const drain = capacity - arrivalsPerSecond;
  return {
    meanWaitS: occupancy / drain,
    within: (seconds: number) => 1 - occupancy * Math.exp(-drain * seconds),
  };
}
