import { isTimeZone } from '../src/calendar/index.ts';
import type { Target } from '../src/call/index.ts';
import {
  compileCondition,
  compileRequirement,
  compileStepCondition,
  type FactTypes,
  mayMeet,
  type NamedThing,
  routingFactTypes,
  type Sketch,
} from '../src/rules/index.ts';
import type { Problems } from './problems.ts';
import type { QueueData, StepData } from './queue-rules.ts';
import type { RoutingData } from './routing.ts';

type Refer = (what: NamedThing['what'], name: string, key: string) => void;

/** An agent as requirements see it, with the queues served. */
export interface RuledAgent {
  readonly id: string;
  readonly skills: Readonly<Record<string, number>>;
  readonly attributes: Readonly<Record<string, string>>;
  readonly queues: readonly string[];
}

export interface Checks {
  readonly refer: Refer;
  readonly referTarget: (target: Target | undefined, key: string) => void;
  readonly referSkills: (levels: Readonly<Record<string, number>>, key: string) => void;
  readonly problems: Problems;
}

/** The team is an attribute like others. */
export function attributesOf({
  team,
  attributes,
}: {
  readonly team?: string | undefined;
  readonly attributes: Readonly<Record<string, string>>;
}): Readonly<Record<string, string>> {
  return team === undefined ? attributes : { ...attributes, team };
}

export type Naming = Pick<Checks, 'refer' | 'problems'>;

interface Asked {
  readonly sketch?: Sketch | undefined;
  readonly needs: Readonly<Record<string, number>>;
}

/** Rules of one queue: each text is read, each name must exist, and somebody must be able to take the call in the end. */
export function checkQueueRules(queue: QueueData, key: string, agents: readonly RuledAgent[], checks: Checks): void {
  const { refer, referTarget, problems } = checks;
  const sketch = checkRequirement(queue.requires, `${key}.requires`, checks);
  queue.neverRelaxed.forEach((skill, at) => refer('skill', skill, `${key}.neverRelaxed[${at}]`));
  for (const agent of Object.keys(queue.edges)) refer('agent', agent, `${key}.edges.${agent}`);
  referTarget(queue.joinEmpty?.target, `${key}.joinEmpty.target`);
  referTarget(queue.leaveEmpty?.target, `${key}.leaveEmpty.target`);
  if (queue.ordering === 'accumulating' && queue.orderRates.length === 0) {
    const mend = 'Add orderRates: [1, 3], a rate for each class; VIPs are class 1.';
    problems.report('missing', `${key}.orderRates`, 'accumulating priority needs a rate for each class', mend);
  }
  const own: Asked = { sketch, needs: queue.needs };
  const asked = queue.steps.map((step, at) => checkStep(step, `${key}.steps[${at}]`, own, checks));
  checkOrderOfSteps(queue.steps, key, problems);
  const uses = queue.requires !== undefined || queue.steps.length > 0;
  if (!uses || problems.isBroken(key)) return;
  const last = asked.at(-1) ?? own;
  checkSomebody(
    queue,
    last,
    queue.steps.length > 0 ? `${key}.steps[${queue.steps.length - 1}]` : `${key}.requires`,
    agents,
    problems,
  );
}

function checkStep(step: StepData, key: string, queue: Asked, checks: Checks): Asked {
  const { refer, referSkills, problems } = checks;
  if (step.needs) referSkills(step.needs, `${key}.needs`);
  const sketch = checkRequirement(step.requires, `${key}.requires`, checks);
  if (step.agent !== undefined && step.agent !== 'owner' && step.agent !== 'last')
    refer('agent', step.agent, `${key}.agent`);
  if (step.queue !== undefined) refer('queue', step.queue, `${key}.queue`);
  step.exclude.forEach((agent, at) => refer('agent', agent, `${key}.exclude[${at}]`));
  if (step.skipIf !== undefined) {
    const compiled = compileStepCondition(step.skipIf, routingFactTypes);
    if (!compiled.ok) problems.report('bad_form', `${key}.skipIf`, compiled.message, compiled.mend);
    else checkNames(compiled, `${key}.skipIf`, checks);
  }
  return step.needs === undefined && step.requires === undefined ? queue : { sketch, needs: step.needs ?? {} };
}

function checkRequirement(text: string | undefined, key: string, checks: Checks): Sketch | undefined {
  if (text === undefined) return undefined;
  const compiled = compileRequirement(text, routingFactTypes);
  if (!compiled.ok) {
    checks.problems.report('bad_form', key, compiled.message, compiled.mend);
    return undefined;
  }
  checkNames(compiled, key, checks);
  return compiled.sketch;
}

interface Readable {
  readonly names: readonly NamedThing[];
  readonly never: string | undefined;
}

function checkNames({ names, never }: Readable, key: string, { refer, problems }: Naming): void {
  for (const { what, name } of names) refer(what, name, key);
  if (never === undefined) return;
  problems.report('contradiction', key, `this can never be true: ${never}`, 'Mend the comparison, or remove it.');
}

/** After a step without an end no other begins. */
function checkOrderOfSteps(steps: readonly StepData[], key: string, problems: Problems): void {
  const endless = steps.findIndex(({ expiresAfterMs }) => expiresAfterMs === undefined);
  if (endless < 0 || endless === steps.length - 1) return;
  const mend = 'Add expiresAfterMs, or remove the steps after it.';
  problems.report('contradiction', `${key}.steps[${endless}]`, 'the steps after it are never reached', mend);
}

/** A queue without agents is a queue that is being set up; one whose agents can all never take a call is a mistake. */
function checkSomebody(
  queue: QueueData,
  asked: Asked,
  key: string,
  agents: readonly RuledAgent[],
  problems: Problems,
): void {
  const last = queue.steps.at(-1);
  // Who is asked by name is asked whatever the skills.
  if (last?.agent !== undefined) return;
  const serving = agents.filter(({ queues }) => queues.includes(last?.queue ?? queue.id));
  if (serving.length === 0 || serving.some((agent) => isAble(agent, asked, last?.exclude ?? []))) return;
  const mend = 'Ask for less, give an agent of the queue what is asked, or add a last step that asks for less.';
  const what = queue.steps.length > 0 ? 'the last step' : 'it';
  problems.report(
    'contradiction',
    key,
    `${what} can never match: none of the ${serving.length} agents of the queue has what is asked`,
    mend,
  );
}

function isAble(agent: RuledAgent, { sketch, needs }: Asked, exclude: readonly string[]): boolean {
  if (exclude.includes(agent.id)) return false;
  const has = Object.entries(needs).every(([skill, level]) => (agent.skills[skill] ?? -1) >= level);
  return has && (sketch === undefined || mayMeet(sketch, agent));
}

/** Rules that place calls: read, with names that exist, each of which can be reached. */
export function checkRouting({ timeZone, rules }: RoutingData, checks: Checks): void {
  const { refer, referSkills, problems } = checks;
  if (!isTimeZone(timeZone)) {
    problems.report(
      'bad_form',
      'routing.timeZone',
      `there is no time zone "${timeZone}"`,
      'Write for example Asia/Shanghai.',
    );
  }
  rules.forEach((rule, at) => {
    const key = `routing.rules[${at}]`;
    if (rule.queue !== undefined) refer('queue', rule.queue, `${key}.queue`);
    if (rule.needs) referSkills(rule.needs, `${key}.needs`);
    rule.entries.forEach((entry, each) => refer('entry', entry, `${key}.entries[${each}]`));
    if (rule.queue === undefined && rule.priority === undefined && rule.needs === undefined) {
      problems.report('missing', key, 'this rule does nothing', 'Add queue, priority or needs.');
    }
    if (rule.when !== undefined) {
      checkCondition(rule.when, routingFactTypes, `${key}.when`, checks, { 'call.entry': rule.entries });
    } else if (rule.entries.length === 0 && at < rules.length - 1) {
      const mend = 'Give it a condition, or put it last.';
      problems.report('contradiction', key, 'it fits every call, so the rules after it are never reached', mend);
    }
  });
}

/** By the name of a fact the values that a rule admits beside its condition; any when there are none. */
type Lists = Readonly<Record<string, readonly string[]>>;

/** A condition: is read, names what there is, and can be true, also together with the lists of its rule. */
export function checkCondition(text: string, types: FactTypes, key: string, checks: Naming, lists: Lists = {}): void {
  const compiled = compileCondition(text, types);
  if (!compiled.ok) return checks.problems.report('bad_form', key, compiled.message, compiled.mend);
  checkNames(compiled, key, checks);
  const beside = Object.entries(lists).flatMap(([fact, values]) =>
    values.length === 0 ? [] : [`${fact} in ${JSON.stringify(values)}`],
  );
  if (compiled.never !== undefined || beside.length === 0) return;
  const together = compileCondition([...beside, `(${text})`].join(' && '), types);
  if (!together.ok || together.never === undefined) return;
  const mend = 'Mend the comparison, or the lists of the rule.';
  checks.problems.report(
    'contradiction',
    key,
    `of the calls of this rule it can never be true: ${together.never}`,
    mend,
  );
}
