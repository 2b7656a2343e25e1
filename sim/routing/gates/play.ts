import { type Day, type DayOptions, playDay } from '../day.ts';
import { type Replication, replicationOf } from '../result.ts';
import type { Scenario } from '../scenario.ts';

export interface PlayOptions {
  readonly newEngine?: DayOptions['newEngine'];
  readonly inspect?: (day: Day) => void;
  /** After each replication. */
  readonly played?: () => void;
}

export interface Played extends Replication {
  /** Waits of all who were answered. */
  readonly sortedWaitsMs: Float64Array;
}

/** All replications of a scenario's first policy. */
export function playAll(scenario: Scenario, options: PlayOptions): readonly Played[] {
  const { newEngine, inspect, played } = options;
  const [policy] = scenario.policies;
  if (!policy) return [];
  return Array.from({ length: scenario.replications }, (_, replication) => {
    const extras = { ...(newEngine ? { newEngine } : {}), ...(inspect ? { inspect } : {}) };
    const { ledger, agents } = playDay({ scenario, policy, replication, ...extras });
    played?.();
    const sortedWaitsMs = Float64Array.from(ledger.cells.get('all')?.waits ?? []).sort();
    return { ...replicationOf(ledger, agents), sortedWaitsMs };
  });
}

export function cellOf(row: Replication, name: string) {
  const cell = row.cells.get(name);
  if (!cell) throw new RangeError(`no such calls: ${name}`);
  return cell;
}
