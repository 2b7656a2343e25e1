import type { QueuePolicy } from '../../../src/routing/index.ts';
import type { Load } from '../../statistics/erlang.ts';
import type { Replication } from '../result.ts';
import type { Scenario } from '../scenario.ts';
import { exactGate, type Gate } from './gate.ts';
import { idleBesideWaiting } from './idle-beside-waiting.ts';
import { agentsOf, callersOfLoad, type Extent, modelOf, plainQueue, promptGroup } from './models.ts';
import { cellOf, playAll, type PlayOptions } from './play.ts';

const load: Load = { arrivalsPerSecond: 260 / 3600, handlingS: 180, agents: 14 };
const minuteMs = 60_000;

/** Ways to order calls and to choose agents, none of which looks at how long a conversation will take. */
export const policies: readonly {
  readonly name: string;
  readonly first: Partial<QueuePolicy>;
  readonly both: Partial<QueuePolicy>;
}[] = [
  { name: 'in order of arrival', first: {}, both: {} },
  { name: 'VIP 5 min ahead', first: {}, both: { vipBoostMs: 5 * minuteMs } },
  { name: 'VIP strict', first: {}, both: { vipBoostMs: 365 * 24 * 60 * minuteMs } },
  { name: 'by customer value', first: {}, both: { valueBoostMs: 5_000 } },
  { name: 'urgent tickets ahead', first: {}, both: { urgencyBoostMs: { high: minuteMs, critical: 3 * minuteMs } } },
  { name: 'one queue ahead of the other', first: { priority: 10 }, both: {} },
  { name: 'everything at once', first: { priority: 2 }, both: { vipBoostMs: minuteMs, valueBoostMs: 1_000 } },
];

/** Three kinds of callers in two queues that the same agents serve; they differ in all that can put a call ahead. */
function floorOf(extent: Extent, { name, first, both }: (typeof policies)[number]): Scenario {
  const scenario = modelOf(name, load, extent);
  const third = callersOfLoad({ ...load, arrivalsPerSecond: load.arrivalsPerSecond / 3 });
  const queues = [
    { ...plainQueue, ...both, ...first },
    { ...plainQueue, ...both, id: 'other' },
  ];
  return {
    ...scenario,
    handlingBy: 'start',
    classes: [
      { ...third, id: 'standard', value: 20 },
      { ...third, id: 'mixed', vipShare: 0.3, value: 80, urgency: 'high' },
      { ...third, id: 'elsewhere', queueId: 'other', urgency: 'critical', vipShare: 0.1 },
    ],
    policies: [{ name, queues, groups: [promptGroup(agentsOf(load.agents, ['line', 'other']))] }],
  };
}

/** Σ ρᵢ·Wᵢ over the kinds of callers, seconds; every call of all replications counts, from the first to the last. */
function weightedWait(rows: readonly Replication[], scenario: Scenario): number {
  const hours = (scenario.durationMs / 3_600_000) * rows.length;
  const sum = (name: string) =>
    rows.reduce((total, row) => total + cellOf(row, name).meanWaitMs * cellOf(row, name).offered, 0);
  return scenario.classes.reduce(
    (total, { id }) => total + (sum(`callers:${id}`) / 1000 / hours / 3600) * (load.handlingS / load.agents),
    0,
  );
}

/** What holds under each of these policies; with the n-th conversation equally long under all, to the millisecond. */
export function playInvariants(extent: Extent, options: PlayOptions): readonly Gate[] {
  const gates: Gate[] = [];
  let firstWait: number | undefined;
  for (const policy of policies) {
    const scenario = floorOf({ ...extent, warmUpHours: 0 }, policy);
    const beside = idleBesideWaiting();
    const rows = playAll(scenario, { ...options, inspect: beside.inspect });
    const wait = weightedWait(rows, scenario);
    firstWait ??= wait;
    gates.push(
      exactGate('conservation', `Σ ρᵢ·Wᵢ, s: ${policy.name}`, firstWait, wait),
      exactGate('work conserving', `idle agent beside a waiting call: ${policy.name}`, 0, beside.count()),
      exactGate('no call lost', `calls without an end: ${policy.name}`, 0, unfinished(rows)),
    );
  }
  return gates;
}

const unfinished = (rows: readonly Replication[]): number =>
  rows.reduce((sum, row) => sum + cellOf(row, 'all').unfinished, 0);
