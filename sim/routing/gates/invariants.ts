import type { QueuePolicy } from '../../../src/routing/index.ts';
import type { Load } from '../../statistics/erlang.ts';
import type { Replication } from '../result.ts';
import type { Scenario } from '../scenario.ts';
import { exactGate, type Gate } from './gate.ts';
import { idleBesideWaiting } from './idle-beside-waiting.ts';
import { agentsOf, callersOfLoad, type Extent, modelOf, plainQueue, promptGroup } from './models.ts';
import { cellOf, type PlayOptions, playAll } from './play.ts';

const load: Load = { arrivalsPerSecond: 260 / 3600, handlingS: 180, agents: 14 };
const minuteMs = 60_000;

interface Way {
  readonly name: string;
  /** What both queues say. */
  readonly both?: Partial<QueuePolicy>;
  /** What the first queue says besides. */
  readonly first?: Partial<QueuePolicy>;
}

const selections = [
  'longestIdle',
  'leastOccupied',
  'fewestCalls',
  'bestProficiency',
  'leastSkilled',
  'roundRobin',
  'linear',
] as const;

const edge = (priority: number, penalty: number, weight: number) => ({ priority, delayMs: 0, penalty, weight });

/** Ways to order calls and to choose agents that leave nobody idle and do not look at how long a conversation will take. */
export const ways: readonly Way[] = [
  { name: 'in order of arrival' },
  { name: 'VIP 1 min ahead', both: { vipBoostMs: minuteMs } },
  { name: 'VIP strict', both: { ordering: { kind: 'strict' } } },
  { name: 'VIP strict, nobody longer than 2 min', both: { ordering: { kind: 'strict' }, deadlineMs: 2 * minuteMs } },
  { name: 'priority that accumulates', both: { ordering: { kind: 'accumulating', rates: [1, 4] } } },
  { name: 'by customer value', both: { valueBoostMs: 5_000 } },
  { name: 'urgent tickets ahead', both: { urgencyBoostMs: { high: minuteMs, critical: 3 * minuteMs } } },
  { name: 'one queue ahead of the other', first: { priority: 10 } },
  {
    name: 'ahead after a minute',
    first: { steps: [{ expiresAfterMs: minuteMs }, { priorityDelta: 5 }] },
  },
  {
    name: 'edges of agents',
    both: { selection: 'weighted', edges: { 'agent-1': edge(1, 5, 3), 'agent-2': edge(80, 0, 1) } },
    first: { edges: { 'agent-3': edge(10, 2, 1), 'agent-1': edge(70, 0, 1) } },
  },
  { name: 'two phones at once', both: { ringAll: 2 } },
  { name: 'agents by weighted', both: { selection: 'weighted', edges: { 'agent-1': edge(50, 0, 4) } } },
  ...selections.map((selection) => ({ name: `agents by ${selection}`, both: { selection } })),
  {
    name: 'everything at once',
    both: { vipBoostMs: minuteMs, valueBoostMs: 1_000, selection: 'fewestCalls', deadlineMs: 5 * minuteMs },
    first: { priority: 2 },
  },
];

/** All agents fit all calls. Three kinds of callers in two queues that the same agents serve; they differ in all that can put a call ahead. */
export function floorOf(extent: Extent, { name, first, both }: Way): Scenario {
  const scenario = modelOf(name, load, extent);
  const third = callersOfLoad({ ...load, arrivalsPerSecond: load.arrivalsPerSecond / 3 });
  const agents = agentsOf(load.agents, ['line', 'other']).map((agent, index) => ({
    ...agent,
    skills: { english: 10 + 5 * index, ...(index % 3 === 0 ? { billing: 50 } : {}) },
  }));
  const queues = [
    { ...plainQueue, ...both, ...first },
    { ...plainQueue, ...both, id: 'other' },
  ];
  return {
    ...scenario,
    handlingBy: 'start',
    classes: [
      { ...third, id: 'standard', value: 20 },
      { ...third, id: 'mixed', needs: { english: 1 }, vipShare: 0.3, value: 80, urgency: 'high' },
      { ...third, id: 'elsewhere', queueId: 'other', urgency: 'critical', vipShare: 0.1 },
    ],
    policies: [{ name, queues, groups: [promptGroup(agents)] }],
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
export function playInvariants(extent: Extent, options: PlayOptions, all: readonly Way[] = ways): readonly Gate[] {
  const gates: Gate[] = [];
  let firstWait: number | undefined;
  for (const way of all) {
    const scenario = floorOf({ ...extent, warmUpHours: 0 }, way);
    const beside = idleBesideWaiting();
    const rows = playAll(scenario, { ...options, inspect: beside.inspect });
    const wait = weightedWait(rows, scenario);
    firstWait ??= wait;
    gates.push(
      exactGate('conservation', `Σ ρᵢ·Wᵢ, s: ${way.name}`, firstWait, wait),
      exactGate('work conserving', `idle agent beside a waiting call: ${way.name}`, 0, beside.count()),
      exactGate('no call lost', `calls without an end: ${way.name}`, 0, unfinished(rows)),
    );
  }
  return gates;
}

const unfinished = (rows: readonly Replication[]): number =>
  rows.reduce((sum, row) => sum + cellOf(row, 'all').unfinished, 0);
