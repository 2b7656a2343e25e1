import { isTimeZone } from '../src/calendar/index.ts';
import type { Destination, Target } from '../src/call/index.ts';
import type { NamedThing } from '../src/rules/index.ts';
import { checkCondition } from './check-rules.ts';
import { type FlowData, flowFactTypes, type StepData } from './flows.ts';
import { nearest } from '../src/kernel/index.ts';
import type { Problems } from './problems.ts';

interface Around {
  readonly refer: (what: NamedThing['what'] | 'check', name: string, key: string) => void;
  readonly referTarget: (target: Target | undefined, key: string) => void;
  readonly problems: Problems;
}

/** Where a step may lead, and whether a key of the caller is needed for it. */
interface Edge {
  readonly to: Destination;
  readonly key: string;
  readonly byKey: boolean;
}

const kinds = ['say', 'menu', 'collect', 'decide'] as const;

/** Flows in which a call could go round for ever, or steps that no call reaches, are refused, as are names that nothing has. */
export function checkFlows(flows: readonly FlowData[], around: Around): void {
  flows.forEach((flow, index) => checkFlow(flow, `flows[${index}]`, around));
}

function checkFlow(flow: FlowData, key: string, around: Around): void {
  const { problems, referTarget } = around;
  const names = Object.keys(flow.steps);
  const [first] = names;
  if (first === undefined) {
    return problems.report('missing', `${key}.steps`, 'a flow without steps leads nowhere', 'Add a step.');
  }
  referTarget(flow.vip, `${key}.vip`);
  referTarget(flow.otherwise, `${key}.otherwise`);
  if (!isTimeZone(flow.timeZone)) {
    const mend = 'Write a name of the IANA list, such as Asia/Shanghai or Europe/Berlin.';
    problems.report('bad_form', `${key}.timeZone`, `there is no time zone "${flow.timeZone}"`, mend);
  }
  const stepKey = (name: string) => `${key}.steps.${name}`;
  const edges = new Map(names.map((name) => [name, edgesOf(flow.steps[name] ?? {}, stepKey(name))]));
  for (const name of names) {
    checkStep(flow.steps[name] ?? {}, stepKey(name), around);
    for (const edge of edges.get(name) ?? []) checkEdge(edge, names, around);
  }
  if (flow.start !== undefined && !names.includes(flow.start)) unknownStep(flow.start, `${key}.start`, names, problems);
  else checkReach(flow.start ?? first, edges, { names, stepKey, problems });
  checkLoops(edges, stepKey, problems);
}

function checkStep(step: StepData, key: string, { refer, problems }: Around): void {
  const given = kinds.filter((kind) => step[kind] !== undefined);
  if (given.length !== 1) {
    const message = given.length === 0 ? 'a step without content' : `a step cannot be ${given.join(' and ')} at once`;
    return problems.report('contradiction', key, message, `Give it one of ${kinds.join(', ')}.`);
  }
  const { menu, collect, decide = [] } = step;
  if (menu && Object.keys(menu.keys).length === 0) {
    problems.report('missing', `${key}.menu.keys`, 'a menu without keys cannot be chosen from', 'Add a key, e.g. "1".');
  }
  if (collect && collect.digitsMax < collect.digitsMin) {
    const mend = 'Make digitsMax at least digitsMin.';
    problems.report('contradiction', `${key}.collect.digitsMax`, 'no answer has so few digits', mend);
  }
  if (collect?.check !== undefined) refer('check', collect.check, `${key}.collect.check`);
  decide.forEach((branch, at) => {
    const here = `${key}.decide[${at}]`;
    const conditions = [branch.if, branch.open].filter((part) => part !== undefined).length;
    const isLast = at === decide.length - 1;
    if (conditions !== (isLast ? 0 : 1)) {
      const message = isLast ? 'the last must have no condition, or callers are left over' : 'needs either if or open';
      problems.report('contradiction', here, message, isLast ? 'Add { target: … } below it.' : 'Give one of them.');
    }
    if (branch.open !== undefined) refer('schedule', branch.open, `${here}.open`);
    if (branch.if !== undefined) checkCondition(branch.if, flowFactTypes, `${here}.if`, { refer, problems });
  });
}

function edgesOf({ say, menu, collect, decide = [] }: StepData, key: string): readonly Edge[] {
  const one = (to: Destination | undefined, name: string, byKey = false): Edge[] =>
    to ? [{ to, key: `${key}.${name}`, byKey }] : [];
  return [
    ...one(say?.next, 'say.next'),
    ...Object.entries(menu?.keys ?? {}).flatMap(([name, { target }]) => one(target, `menu.keys.${name}.target`, true)),
    ...one(menu?.otherwise, 'menu.otherwise'),
    ...one(collect?.next, 'collect.next', true),
    ...one(collect?.otherwise, 'collect.otherwise'),
    ...decide.flatMap(({ target }, at) => one(target, `decide[${at}].target`)),
  ];
}

function checkEdge({ to, key }: Edge, names: readonly string[], { referTarget, problems }: Around): void {
  if (to.kind === 'step') {
    if (!names.includes(to.stepId)) unknownStep(to.stepId, key, names, problems);
  } else if (to.kind !== 'back' && to.kind !== 'repeat') {
    referTarget(to, key);
  } else if (!key.includes('.menu.keys.')) {
    const mend = 'Name a step or a target; back and repeat are for the keys of a menu.';
    problems.report('contradiction', key, `${to.kind} without a key of the caller would go round for ever`, mend);
  }
}

function unknownStep(name: string, key: string, names: readonly string[], problems: Problems): void {
  const near = nearest(name, [...names, 'back', 'repeat', 'hangup']);
  const mend = near === undefined ? `Known here: ${names.join(', ')}.` : `Did you mean "${near}"?`;
  problems.report('dangling', key, `there is no step "${name}"`, mend);
}

type Edges = ReadonlyMap<string, readonly Edge[]>;

const stepsAfter = (edges: Edges, name: string, isWanted: (edge: Edge) => boolean): readonly string[] =>
  (edges.get(name) ?? []).filter(isWanted).flatMap(({ to }) => (to.kind === 'step' ? [to.stepId] : []));

function checkReach(
  start: string,
  edges: Edges,
  {
    names,
    stepKey,
    problems,
  }: { readonly names: readonly string[]; readonly stepKey: (name: string) => string; readonly problems: Problems },
): void {
  const reached = new Set([start]);
  for (const name of reached) for (const next of stepsAfter(edges, name, () => true)) reached.add(next);
  for (const name of names) {
    if (reached.has(name)) continue;
    const mend = `Lead a step to ${name}, or remove it.`;
    problems.report('contradiction', stepKey(name), `no caller reaches this step from "${start}"`, mend);
  }
}

/** A ring that turns without a key of the caller would turn until the limit. */
function checkLoops(edges: Edges, stepKey: (name: string) => string, problems: Problems): void {
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): void => {
    const from = path.indexOf(name);
    if (from >= 0) {
      const ring = [...path.slice(from), name].join(' → ');
      const mend = 'Let one of them lead out of the ring, or ask for a key.';
      return problems.report('contradiction', stepKey(name), `these steps go round without a key: ${ring}`, mend);
    }
    if (done.has(name)) return;
    done.add(name);
    for (const next of stepsAfter(edges, name, ({ byKey }) => !byKey)) visit(next, [...path, name]);
  };
  for (const name of edges.keys()) visit(name, []);
}
