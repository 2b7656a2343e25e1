/** Calls arrive at random (Poisson); handling times and patience are exponential. Rates per second, times in seconds. */
export interface Load {
  readonly arrivalsPerSecond: number;
  readonly handlingS: number;
  readonly agents: number;
}

const occupancyOf = ({ arrivalsPerSecond, handlingS, agents }: Load): number =>
  (arrivalsPerSecond * handlingS) / agents;

/** Chance that a call finds all agents busy, when nobody hangs up. Source: Erlang C, by way of Erlang B's recursion. */
export function chanceToWait(load: Load): number {
  const offered = load.arrivalsPerSecond * load.handlingS;
  let blocked = 1;
  for (let n = 1; n <= load.agents; n += 1) blocked = (offered * blocked) / (n + offered * blocked);
  const occupancy = occupancyOf(load);
  return blocked / (1 - occupancy * (1 - blocked));
}

/** How fast those who wait get through: calls per second that the agents can take beyond those that come. */
const drain = (load: Load): number => load.agents / load.handlingS - load.arrivalsPerSecond;

/** What Erlang C says. `withinShare(t)`: answered within t seconds; `quantileS(p)`: the wait that the share p stays below. */
export function erlangC(load: Load) {
  const wait = chanceToWait(load);
  const meanWaitS = wait / drain(load);
  return {
    chanceToWait: wait,
    meanWaitS,
    queueLength: meanWaitS * load.arrivalsPerSecond,
    occupancy: occupancyOf(load),
    withinShare: (seconds: number) => 1 - wait * Math.exp(-drain(load) * seconds),
    quantileS: (share: number) => Math.max(0, Math.log(wait / (1 - share)) / drain(load)),
  };
}

/** Mean waits of two classes when one always goes before the other and nobody is interrupted. Source: Cobham (1954). */
export function strictPriority(load: Load, firstShare: number) {
  const wait = chanceToWait(load);
  const capacity = load.agents / load.handlingS;
  const first = 1 - occupancyOf(load) * firstShare;
  return {
    firstWaitS: wait / (capacity * first),
    otherWaitS: wait / (capacity * first * (1 - occupancyOf(load))),
  };
}

/** What Erlang A (Palm) says: each caller hangs up after an exponential time. Shares are of all calls. */
export function erlangA(load: Load, patienceS: number) {
  const { arrivalsPerSecond: rate, agents } = load;
  const waitingMax = 20_000;
  const chances = stateChances(load, patienceS, agents + waitingMax);
  let busy = 0;
  let waiting = 0;
  let wait = 0;
  for (let n = 0; n < chances.length; n += 1) {
    const chance = chances[n] ?? 0;
    busy += chance * Math.min(n, agents);
    waiting += chance * Math.max(0, n - agents);
    if (n >= agents) wait += chance;
  }
  return {
    abandonment: waiting / patienceS / rate,
    meanWaitS: waiting / rate,
    queueLength: waiting,
    chanceToWait: wait,
    occupancy: busy / agents,
    withinShare: (seconds: number) => servedWithin(load, patienceS, chances, seconds),
  };
}

/** Chances of so many calls in the house, from none on. */
function stateChances({ arrivalsPerSecond, handlingS, agents }: Load, patienceS: number, callsMax: number): number[] {
  const weights = [1];
  let sum = 1;
  for (let n = 1; n <= callsMax; n += 1) {
    const leave = Math.min(n, agents) / handlingS + Math.max(0, n - agents) / patienceS;
    const weight = ((weights[n - 1] ?? 0) * arrivalsPerSecond) / leave;
    weights.push(weight);
    sum += weight;
    if (n > agents && weight < 1e-18 * sum) break;
  }
  return weights.map((weight) => weight / sum);
}

/**
 * Share of all calls that are answered within so many seconds. A call that finds k waiting before it is answered after
 * k + 1 steps; step j, with j before it, takes an exponential time of rate s/handling + j/patience, the call's own patience
 * has 1/patience. The chance to have got through all steps in time is followed step by step by uniformisation.
 */
function servedWithin(load: Load, patienceS: number, chances: readonly number[], seconds: number): number {
  const { agents, handlingS } = load;
  const most = chances.length - agents;
  const pace = agents / handlingS + (most + 1) / patienceS;
  // at[k]: chance that the call has k others before it; it starts with what it finds.
  let at = Array.from({ length: most }, (_, k) => chances[agents + k] ?? 0);
  let served = chances.slice(0, agents).reduce((sum, chance) => sum + chance, 0);
  let total = 0;
  let weight = Math.exp(-pace * seconds);
  if (weight === 0) throw new RangeError('too long a time for this method');
  const steps = Math.ceil(pace * seconds + 12 * Math.sqrt(pace * seconds) + 50);
  for (let step = 0; step <= steps; step += 1) {
    total += weight * served;
    weight *= (pace * seconds) / (step + 1);
    const next = new Array<number>(most).fill(0);
    for (let k = 0; k < most; k += 1) {
      const here = at[k] ?? 0;
      if (here === 0) continue;
      const forward = agents / handlingS + k / patienceS;
      const gone = 1 / patienceS;
      if (k === 0) served += (here * forward) / pace;
      else next[k - 1] = (next[k - 1] ?? 0) + (here * forward) / pace;
      next[k] = (next[k] ?? 0) + here * (1 - (forward + gone) / pace);
    }
    at = next;
  }
  return total;
}
