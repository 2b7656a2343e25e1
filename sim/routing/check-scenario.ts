import { checkQueueRules, type Problems, type RuledAgent } from '../../config/index.ts';
import type { Target } from '../../src/call/index.ts';
import { nearest } from '../../src/kernel/index.ts';
import { type AgentsData, agentIds, type CallersData, type DurationData, type ScenarioData } from './schema.ts';
import { dayTimeMs } from './times.ts';

/** What one key of a scenario alone cannot tell. */
export function checkScenario(data: ScenarioData, problems: Problems): void {
  const policies = data.policies;
  const groups = [...data.agents, ...policies.flatMap(({ agents }) => agents)];
  const known: Known = {
    queue: new Set([...data.queues, ...policies.flatMap(({ queues }) => queues)].map(({ id }) => id)),
    skill: new Set(data.skills),
    agent: new Set(groups.flatMap(agentIds)),
    attribute: new Set(groups.flatMap(({ attributes }) => Object.keys(attributes))),
    entry: new Set(data.callers.map(({ id }) => id)),
    schedule: new Set(),
    problems,
  };
  if (data.warmUp >= data.duration)
    problems.report('contradiction', 'warmUp', 'the warm-up is as long as everything', 'Make duration longer.');
  once(data.callers, ({ id }) => id, 'callers', problems);
  once(policies, ({ name }) => name, 'policies', problems);
  data.callers.forEach((callers, index) => checkCallers(callers, `callers[${index}]`, known));
  checkFloor(data, data, '', known);
  policies.forEach((policy, index) => checkFloor(policy, data, `policies[${index}].`, known));
}

type What = 'queue' | 'skill' | 'agent' | 'attribute' | 'entry' | 'schedule';

interface Known extends Readonly<Record<What, ReadonlySet<string>>> {
  readonly problems: Problems;
}

function refer(what: What, name: string, key: string, known: Known): void {
  if (known[what].has(name)) return;
  const near = nearest(name, [...known[what]]);
  const mend = near === undefined ? `Add ${what} "${name}", or name another.` : `Did you mean "${near}"?`;
  known.problems.report('dangling', key, `there is no ${what} "${name}"`, mend);
}

function once<T>(items: readonly T[], name: (item: T) => string, key: string, problems: Problems): void {
  const seen = new Set<string>();
  items.forEach((item, index) => {
    if (seen.has(name(item)))
      problems.report('duplicate', `${key}[${index}]`, `"${name(item)}" is there twice`, 'Give it another name.');
    seen.add(name(item));
  });
}

type FloorData = Pick<ScenarioData, 'queues' | 'agents'>;

/** Queues and groups as written at one place; `base` holds those that a policy does not name. */
function checkFloor(floor: FloorData, base: FloorData, at: string, known: Known): void {
  const { problems } = known;
  once(floor.queues, ({ id }) => id, `${at}queues`, problems);
  once(floor.agents, ({ group }) => group, `${at}agents`, problems);
  floor.agents.forEach((agents, index) => checkAgents(agents, `${at}agents[${index}]`, known));
  const mine = new Set(floor.agents.map(({ group }) => group));
  const agents = [...floor.agents, ...base.agents.filter(({ group }) => !mine.has(group))].flatMap(ruledAgents);
  const checks = {
    problems,
    refer: (what: What, name: string, key: string) => refer(what, name, key, known),
    referTarget: (target: Target | undefined, key: string) => referTarget(target, key, known),
    referSkills: (needs: Readonly<Record<string, number>>, key: string) => referSkills(needs, key, known),
  };
  floor.queues.forEach((queue, index) => {
    const key = `${at}queues[${index}]`;
    referSkills(queue.needs, `${key}.needs`, known);
    referTarget(queue.overflow, `${key}.overflow`, known);
    referTarget(queue.whenFull, `${key}.whenFull`, known);
    checkQueueRules(queue, key, agents, checks);
  });
}

const ruledAgents = (data: AgentsData): readonly RuledAgent[] =>
  agentIds(data).map((id) => ({ id, skills: data.skills, attributes: data.attributes, queues: data.queues }));

function referSkills(needs: Readonly<Record<string, number>>, key: string, known: Known): void {
  for (const skill of Object.keys(needs)) refer('skill', skill, `${key}.${skill}`, known);
}

function referTarget(target: Target | undefined, key: string, known: Known): void {
  if (target?.kind === 'queue') refer('queue', target.queueId, key, known);
}

function checkCallers(callers: CallersData, key: string, known: Known): void {
  refer('queue', callers.queue, `${key}.queue`, known);
  referSkills(callers.needs, `${key}.needs`, known);
  const { perHour, profile, csv } = callers.arrivals;
  const ways = [perHour !== undefined, profile.length > 0, csv !== undefined].filter(Boolean).length;
  const oneWay = 'Give one of perHour, profile and csv.';
  if (ways !== 1)
    known.problems.report('contradiction', `${key}.arrivals`, 'this must say in one way when they call', oneWay);
  profile.forEach(({ from }, index) => {
    const before = profile[index - 1]?.from;
    const at = `${key}.arrivals.profile[${index}].from`;
    if (before !== undefined && from <= before)
      known.problems.report('contradiction', at, 'the times must go up', `Give a time after ${before}.`);
    if (dayTimeMs(from) >= 86_400_000)
      known.problems.report('out_of_range', at, 'this is the next day', 'Give a time before 24:00.');
  });
  checkDuration(callers.handling, `${key}.handling`, known.problems);
  checkDuration(callers.wrapUp, `${key}.wrapUp`, known.problems);
  checkDuration(callers.patience, `${key}.patience`, known.problems);
}

function checkDuration(given: DurationData | undefined, key: string, problems: Problems): void {
  if (!given || Object.keys(given).length === 1) return;
  const mend = 'Give one of constant, exponential, lognormal and empirical.';
  problems.report('contradiction', key, 'this must say in one way how long it takes', mend);
}

function checkAgents(agents: AgentsData, key: string, known: Known): void {
  referSkills(agents.skills, `${key}.skills`, known);
  agents.queues.forEach((queue, index) => refer('queue', queue, `${key}.queues[${index}]`, known));
  for (const queue of Object.keys(agents.edges)) refer('queue', queue, `${key}.edges.${queue}`, known);
  checkDuration(agents.ringTime, `${key}.ringTime`, known.problems);
  checkTimes(agents.shifts, `${key}.shifts`, known.problems);
  checkTimes(agents.breaks, `${key}.breaks`, known.problems);
  if (agents.rejectShare + agents.noAnswerShare > 1)
    known.problems.report(
      'contradiction',
      `${key}.rejectShare`,
      'more offers fail than are made',
      'Keep both shares within 1 together.',
    );
}

/** In order and apart from each other, also from one day to the next. */
function checkTimes(times: AgentsData['shifts'], key: string, problems: Problems): void {
  times.forEach(({ from, to }, index) => {
    const next = times[index + 1]?.from;
    const nextMs = next === undefined ? dayTimeMs(times[0]?.from ?? '00:00') + 86_400_000 : dayTimeMs(next);
    if (dayTimeMs(from) >= dayTimeMs(to))
      problems.report(
        'contradiction',
        `${key}[${index}].to`,
        'this ends before it begins',
        'Over midnight write 24:00 and more: 22:00 to 30:00.',
      );
    else if (dayTimeMs(to) > nextMs)
      problems.report(
        'contradiction',
        `${key}[${index}].to`,
        'this overlaps the next',
        'Give times in order and apart.',
      );
  });
}
