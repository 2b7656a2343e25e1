import { type Estimate, estimate } from '../statistics/interval.ts';
import { deviationOf, giniOf, quantileOf } from '../statistics/spread.ts';
import type { CallMeasures } from './cell.ts';
import type { Ledger } from './ledger.ts';
import type { SimAgent } from './sim-agent.ts';

/** Figures of the agents of one replication. */
export type AgentMeasures = Readonly<
  Record<'occupancy' | 'occupancySpread' | 'occupancyGini' | 'meanWaiting' | 'agents', number>
>;

/** One replication as numbers. */
export interface Replication {
  readonly cells: ReadonlyMap<string, CallMeasures>;
  readonly agents: AgentMeasures;
}

export function replicationOf(ledger: Ledger, agents: readonly SimAgent[]): Replication {
  const atWork = agents.filter(({ staffedMs }) => staffedMs > 0);
  const shares = atWork.map(({ busyMs, staffedMs }) => busyMs / staffedMs);
  const total = (pick: (agent: SimAgent) => number) => atWork.reduce((sum, agent) => sum + pick(agent), 0);
  return {
    cells: new Map([...ledger.cells].map(([name, cell]) => [name, cell.measures()])),
    agents: {
      occupancy: total((agent) => agent.busyMs) / total((agent) => agent.staffedMs),
      occupancySpread: deviationOf(shares),
      occupancyGini: giniOf(shares),
      meanWaiting: ledger.meanWaiting(),
      agents: atWork.length,
    },
  };
}

export type Estimates = Readonly<Record<string, Estimate>>;

/** Every figure over all replications. */
export function estimatesOf(rows: readonly Readonly<Record<string, number>>[]): Estimates {
  const names = Object.keys(rows[0] ?? {});
  return Object.fromEntries(names.map((name) => [name, estimate(rows.map((row) => row[name] ?? Number.NaN))]));
}

/** Shares of answered calls by wait, for a curve: at each of 101 steps the wait that this percentage stays below. */
export function waitCurve(waitsMs: readonly number[]): readonly number[] {
  const sorted = Float64Array.from(waitsMs).sort();
  return Array.from({ length: 101 }, (_, percent) => quantileOf(sorted, percent / 100));
}
