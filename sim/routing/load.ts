import { readText, readYaml, toQueue } from '../../config/index.ts';
import type { AgentEdge } from '../../src/routing/index.ts';
import { toFolding } from '../../src/rules/index.ts';
import type { Distribution } from '../chance/distribution.ts';
import { checkScenario } from './check-scenario.ts';
import { readArrivals, readDurations } from './csv.ts';
import { completePolicies } from './overlay.ts';
import type { AgentGroup, Arrivals, CallerClass, PolicyUnderTest, Scenario, Shift } from './scenario.ts';
import {
  type AgentsData,
  agentIds,
  type CallersData,
  type DurationData,
  type ScenarioData,
  ScenarioFile,
} from './schema.ts';
import { dayTimeMs } from './times.ts';

/** Reads a scenario file. Throws `config.unreadable`, `config.invalid` with line, key and mend for each fault, `sim.csv`. */
export function loadScenario(path: string): Scenario {
  return parseScenario(readText(path), path);
}

/** The same for a text at hand; the folder of `path` is where relative paths start. */
export function parseScenario(text: string, path: string): Scenario {
  const data = readYaml({ schema: ScenarioFile, text, path, env: {}, prepare: completePolicies, check: checkScenario });
  return toScenario(data);
}

function toScenario(data: ScenarioData): Scenario {
  return {
    name: data.name,
    seed: data.seed,
    replications: data.replications,
    startMs: dayTimeMs(data.start),
    durationMs: data.duration,
    warmUpMs: data.warmUp,
    linesMax: data.lines,
    answerWithinMs: data.answerWithin,
    classes: data.callers.map(toClass),
    policies: toPolicies(data),
    handlingBy: 'call',
  };
}

/** Without policies of its own the file describes one. With them, those are compared, and what stands above is their base. */
function toPolicies(data: ScenarioData): readonly PolicyUnderTest[] {
  const given = data.policies.length > 0 ? data.policies : [{ name: data.name, queues: [], agents: [] }];
  return given.map(({ name, queues, agents }) => {
    const own = replaced(data.queues, queues, ({ id }) => id);
    const groups = replaced(data.agents, agents, ({ group }) => group);
    const folding = own.flatMap((queue) => {
      const found = toFolding(queue);
      return found ? [[queue.id, found] as const] : [];
    });
    return {
      name,
      queues: own.map((queue) => toQueue({ ...queue, edges: { ...edgesOf(groups, queue.id), ...queue.edges } })),
      ...(folding.length > 0 ? { folding: new Map(folding) } : {}),
      groups: groups.map(toGroup),
    };
  });
}

/** What groups say of a queue, for each of their agents. */
function edgesOf(groups: readonly AgentsData[], queueId: string): Readonly<Record<string, AgentEdge>> {
  return Object.fromEntries(
    groups.flatMap((data) => {
      const edge = data.edges[queueId];
      return edge ? agentIds(data).map((id) => [id, edge] as const) : [];
    }),
  );
}

function replaced<T>(base: readonly T[], own: readonly T[], name: (item: T) => string): readonly T[] {
  const mine = new Map(own.map((item) => [name(item), item]));
  const kept = base.map((item) => {
    const other = mine.get(name(item));
    mine.delete(name(item));
    return other ?? item;
  });
  return [...kept, ...mine.values()];
}

function toClass(callers: CallersData): CallerClass {
  const { id, needs, priority, tier, language, value, urgency, vipShare, stickyShare, wrapUp, patience } = callers;
  return {
    id,
    queueId: callers.queue,
    needs,
    priority,
    tier,
    language,
    value,
    urgency,
    vipShare,
    stickyShare,
    arrivals: toArrivals(callers),
    atStart: 0,
    handling: toDistribution(callers.handling),
    ...(wrapUp ? { wrapUp: toDistribution(wrapUp) } : {}),
    ...(patience ? { patience: toDistribution(patience) } : {}),
  };
}

function toArrivals({ id, arrivals }: CallersData): Arrivals {
  const { perHour, profile, csv, draw } = arrivals;
  if (csv !== undefined) return readArrivals(csv, id, draw);
  if (perHour !== undefined) return { kind: 'poisson', steps: [{ fromMs: 0, callsPerHour: perHour }] };
  const steps = profile.map(({ from, perHour: callsPerHour }) => ({ fromMs: dayTimeMs(from), callsPerHour }));
  return { kind: 'poisson', steps };
}

function toDistribution({ constant, exponential, lognormal, empirical }: DurationData): Distribution {
  if (exponential !== undefined) return { kind: 'exponential', meanMs: exponential };
  if (lognormal) return { kind: 'lognormal', meanMs: lognormal.mean, variation: lognormal.variation };
  if (empirical !== undefined) return { kind: 'empirical', sortedMs: readDurations(empirical) };
  return { kind: 'constant', ms: constant ?? 0 };
}

function toGroup(data: AgentsData): AgentGroup {
  const { group, skills, attributes, queues, shifts, breaks, ringTime, rejectShare, noAnswerShare, backAfter } = data;
  const agents = agentIds(data).map((id) => ({ id, name: id, endpoint: `PJSIP/${id}`, skills, attributes, queues }));
  return {
    id: group,
    agents,
    ...(shifts.length > 0 ? { shifts: shifts.map(toShift) } : {}),
    breaks: breaks.map(toShift),
    ringTime: toDistribution(ringTime ?? {}),
    rejectShare,
    noAnswerShare,
    backAfterMs: backAfter,
  };
}

const toShift = ({ from, to }: { from: string; to: string }): Shift => ({
  fromMs: dayTimeMs(from),
  toMs: dayTimeMs(to),
});
