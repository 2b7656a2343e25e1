import type { RoutingFacts } from '../call/index.ts';
import {
  type AgentEdge,
  always,
  both,
  type EmptyRule,
  type OrderingPolicy,
  type QueueFolding,
  partsAbout,
  type QueuePolicy,
  type RelaxationStep,
  type Requirement,
  requirementOf,
  type SelectionStrategy,
  type StepCondition,
} from '../routing/index.ts';
import { compileRequirement } from './requirement.ts';
import { routingFactTypes } from './routing-facts.ts';
import { compileStepCondition } from './step-condition.ts';

/** A step of a queue as an operator writes it; docs/routing-rules.md. */
export interface WrittenStep {
  readonly expiresAfterMs?: number;
  readonly needs?: Readonly<Record<string, number>>;
  readonly requires?: string;
  /** `owner`, `last` or the id of an agent. */
  readonly agent?: string;
  readonly queue?: string;
  readonly orderBy?: SelectionStrategy;
  readonly priorityDelta?: number;
  readonly exclude: readonly string[];
  readonly skipIf?: string;
}

/** The rules of a queue as an operator writes them. */
export interface WrittenQueue {
  readonly wrapUpMs: number;
  readonly requires?: string;
  readonly neverRelaxed: readonly string[];
  readonly steps: readonly WrittenStep[];
  readonly edges: Readonly<Record<string, AgentEdge>>;
  readonly selection?: SelectionStrategy;
  readonly ordering?: OrderingPolicy['kind'];
  readonly orderRates: readonly number[];
  readonly vipReserve?: number;
  readonly deadlineMs?: number;
  readonly ringAll?: number;
  readonly joinEmpty?: EmptyRule;
  readonly leaveEmpty?: EmptyRule;
  readonly noAgentGraceMs?: number;
  readonly wrapUp?: { readonly kind: 'fixed' | 'manual' | 'extendable'; readonly maxMs: number };
  readonly outboundResetsIdle?: boolean;
}

/** The rule part of a policy, with all that is the same for every call; the rest is its folding. */
export function toQueueRules(queue: WrittenQueue): Partial<QueuePolicy> {
  const { selection, vipReserve, deadlineMs, ringAll, joinEmpty, leaveEmpty, noAgentGraceMs, wrapUp } = queue;
  const { edges, ordering, outboundResetsIdle, wrapUpMs } = queue;
  const asked = queue.requires === undefined ? undefined : constantOf(queue.requires);
  const steps = queue.steps.length > 0 && !stepsLookAtCall(queue) ? stepsOf(queue) : undefined;
  return defined({
    requirement: asked,
    steps: steps?.(noFacts, {}),
    edges: Object.keys(edges).length > 0 ? edges : undefined,
    selection,
    ordering: ordering === undefined ? undefined : toOrdering(ordering, queue.orderRates),
    vipReserve,
    deadlineMs,
    ringAll,
    joinEmpty,
    leaveEmpty,
    noAgentGraceMs,
    wrapUp: wrapUp && { kind: wrapUp.kind, ms: wrapUpMs, maxMs: Math.max(wrapUp.maxMs, wrapUpMs) },
    outboundResetsIdle,
  });
}

/** What of the queue's rules must be filled in for each call; undefined when nothing must. */
export function toFolding(queue: WrittenQueue): QueueFolding | undefined {
  const asked = queue.requires === undefined ? undefined : compileRequirement(queue.requires, routingFactTypes);
  const requirement = asked?.ok && !asked.constant ? (facts: RoutingFacts) => asked.fold(facts) : undefined;
  const steps = stepsLookAtCall(queue) ? stepsOf(queue) : undefined;
  if (!requirement && !steps) return undefined;
  return { ...(requirement ? { requirement } : {}), ...(steps ? { steps } : {}) };
}

/** Whether a step of this queue goes to who talked with the number last. */
export const asksForLastAgent = ({ steps, requires = '' }: WrittenQueue): boolean =>
  [requires, ...steps.flatMap(({ requires: own = '', skipIf = '' }) => [own, skipIf])].some((text) =>
    text.includes('lastAgentId'),
  ) || steps.some(({ agent }) => agent === 'last');

const toOrdering = (kind: OrderingPolicy['kind'], rates: readonly number[]): OrderingPolicy =>
  kind === 'accumulating' ? { kind, rates } : { kind };

/** For what asks nothing of the call. */
const noFacts = {} as RoutingFacts;

function constantOf(text: string): Requirement | undefined {
  const compiled = compileRequirement(text, routingFactTypes);
  return compiled.ok && compiled.constant ? compiled.fold(noFacts) : undefined;
}

function stepsLookAtCall({ steps, neverRelaxed }: WrittenQueue): boolean {
  return steps.some(({ agent, requires, needs, skipIf }) => {
    if (agent === 'owner' || agent === 'last') return true;
    if (neverRelaxed.length > 0 && (needs !== undefined || requires !== undefined)) return true;
    const asked = requires === undefined ? undefined : compileRequirement(requires, routingFactTypes);
    const skipped = skipIf === undefined ? undefined : compileStepCondition(skipIf, routingFactTypes);
    return (asked?.ok && !asked.constant) || (skipped?.ok && !skipped.constant) || false;
  });
}

type Steps = NonNullable<QueueFolding['steps']>;

function stepsOf({ steps, neverRelaxed, requires }: WrittenQueue): Steps {
  const skills = new Set(neverRelaxed);
  const asked = requires === undefined ? undefined : compileRequirement(requires, routingFactTypes);
  const isOf = (skill: string): boolean => skills.has(skill);
  const held = (facts: RoutingFacts, needs: Needs): Requirement => {
    const needed = requirementOf(Object.fromEntries(Object.entries(needs).filter(([skill]) => isOf(skill))));
    return asked?.ok ? both(needed, partsAbout(asked.fold(facts), isOf)) : needed;
  };
  const made = steps.map((step) => stepOf(step, skills.size > 0 ? held : () => always));
  return (facts, needs) => made.map((step) => step(facts, needs));
}

type Needs = Readonly<Record<string, number>>;

/** `held`: what stays in force of what queue and call ask for. */
function stepOf(
  step: WrittenStep,
  held: (facts: RoutingFacts, needs: Needs) => Requirement,
): (...given: Parameters<Steps>) => RelaxationStep {
  const asked = step.requires === undefined ? undefined : compileRequirement(step.requires, routingFactTypes);
  const skipped = step.skipIf === undefined ? undefined : compileStepCondition(step.skipIf, routingFactTypes);
  const plain = defined({
    expiresAfterMs: step.expiresAfterMs,
    targetQueueId: step.queue,
    orderBy: step.orderBy,
    priorityDelta: step.priorityDelta,
    exclude: step.exclude.length > 0 ? step.exclude : undefined,
  });
  const own = step.needs !== undefined || asked !== undefined;
  return (facts, needs) => {
    const agentId = agentOf(step.agent, facts);
    const requirement = own
      ? [requirementOf(step.needs ?? {}), ...(asked?.ok ? [asked.fold(facts)] : []), held(facts, needs)].reduce(both)
      : undefined;
    const skipIf = skipped?.ok ? skipped.fold(facts) : skipOf(step.agent, agentId);
    return { ...plain, ...defined({ agentId: agentId === '' ? undefined : agentId, requirement, skipIf }) };
  };
}

function agentOf(asked: string | undefined, facts: RoutingFacts): string | undefined {
  if (asked === 'owner') return facts.caller.ownerAgentId;
  return asked === 'last' ? facts.caller.lastAgentId : asked;
}

/** A step for one agent is passed over when there is none, or the agent is not at work. */
function skipOf(asked: string | undefined, agentId: string | undefined): StepCondition | undefined {
  if (asked === undefined) return undefined;
  if (agentId === undefined || agentId === '') return { kind: 'constant', value: true };
  return { kind: 'agents', counted: 'atWork', op: '<', count: 1 };
}

/** Without the keys whose value is undefined. */
function defined<T extends object>(given: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
