import type { AgentProfile } from '../../../src/agents/index.ts';
import type { Load } from '../../statistics/erlang.ts';
import type { AgentGroup, Scenario } from '../scenario.ts';
import { exactGate, type Gate } from './gate.ts';
import { idleBesideWaiting } from './idle-beside-waiting.ts';
import { agentsOf, callersOfLoad, type Extent, modelOf, plainQueue, promptGroup } from './models.ts';
import { cellOf, type PlayOptions, playAll } from './play.ts';

const load: Load = { arrivalsPerSecond: 110 / 3600, handlingS: 180, agents: 8 };
const name = 'skills, patience, declined and unanswered offers';

/** Nothing about this one is known exactly, but what must always hold: no agent who may take a call is idle beside it. */
export function playUntidyFloor(extent: Extent, options: PlayOptions): readonly Gate[] {
  const beside = idleBesideWaiting();
  const rows = playAll(untidyFloor(extent), { ...options, inspect: beside.inspect });
  const unfinished = rows.reduce((sum, row) => sum + cellOf(row, 'all').unfinished, 0);
  return [
    exactGate('work conserving', `idle agent beside a waiting call: ${name}`, 0, beside.count()),
    exactGate('no call lost', `calls without an end: ${name}`, 0, unfinished),
  ];
}

export function untidyFloor(extent: Extent): Scenario {
  const callers = {
    ...callersOfLoad({ ...load, arrivalsPerSecond: load.arrivalsPerSecond / 2 }),
    patience: { kind: 'exponential', meanMs: 240_000 },
    vipShare: 0.1,
  } as const;
  const cooldownMs = { declined: 10_000, busy: 5_000, noAnswer: 15_000, unreachable: 30_000 };
  const queue = { ...plainQueue, vipBoostMs: 60_000, wrapUpMs: 10_000, noAnswerLimit: 2, cooldownMs };
  return {
    ...modelOf(name, load, extent),
    classes: [
      { ...callers, id: 'chinese', needs: { mandarin: 60 } },
      { ...callers, id: 'english', needs: { english: 60 } },
    ],
    policies: [{ name, queues: [queue], groups: groups() }],
  };
}

function groups(): readonly AgentGroup[] {
  const speaking = (id: string, count: number, skills: AgentProfile['skills']): AgentGroup => ({
    ...promptGroup(agentsOf(count).map((agent) => ({ ...agent, id: `${id}-${agent.id}`, skills }))),
    id,
    ringTime: { kind: 'exponential', meanMs: 4_000 },
    rejectShare: 0.05,
    noAnswerShare: 0.05,
    backAfterMs: 120_000,
  });
  return [
    speaking('chinese', 3, { mandarin: 90 }),
    speaking('english', 3, { english: 90 }),
    speaking('both', 2, { mandarin: 70, english: 70 }),
  ];
}
