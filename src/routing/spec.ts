import type { SelectionStrategy } from './selection/strategy.ts';
import { type Requirement, requirementKey } from './requirement.ts';
import type { QueueRules } from './rules.ts';

/** All that decides which agents may take a call now, and how one is chosen. Calls that agree in it are interchangeable. */
export interface Spec {
  readonly rules: QueueRules;
  /** Whose agents are asked: the call's queue, or the one that a step names. */
  readonly asked: QueueRules;
  readonly requirement: Requirement;
  readonly nodeId: string;
  readonly channel: string;
  /** Only this agent, whatever his queues and skills. */
  readonly agentId: string | undefined;
  /** The agent's own wish to dial out: he may be paused. */
  readonly byAgent: boolean;
  /** Agents whose edge has a longer delay are not asked yet. */
  readonly delayMs: number;
  /** Never asked for this call. */
  readonly barred: readonly string[];
  /** More than so many fitting agents must be free. */
  readonly reserve: number | undefined;
  /** How fast waiting counts; others' counts 1. */
  readonly rate: number;
  readonly strategy: SelectionStrategy;
}

const requirementKeys = new WeakMap<Requirement, string>();

function keyOfRequirement(requirement: Requirement): string {
  const known = requirementKeys.get(requirement);
  if (known !== undefined) return known;
  const key = requirementKey(requirement);
  requirementKeys.set(requirement, key);
  return key;
}

/** Whether two are the same, told without making their keys; may say no of two that are. */
export function sameSpec(a: Spec, b: Spec): boolean {
  return (
    a.rules === b.rules &&
    a.asked === b.asked &&
    a.requirement === b.requirement &&
    a.nodeId === b.nodeId &&
    a.channel === b.channel &&
    a.agentId === b.agentId &&
    a.byAgent === b.byAgent &&
    a.delayMs === b.delayMs &&
    a.barred.length + b.barred.length === 0 &&
    a.reserve === b.reserve &&
    a.rate === b.rate &&
    a.strategy === b.strategy
  );
}

/** The same text for the same spec. */
export function specKey(spec: Spec): string {
  const { rules, asked, requirement, nodeId, channel, strategy, delayMs, rate } = spec;
  const plain = `${rules.serial} ${asked.serial} ${delayMs} ${rate} ${strategy} ${JSON.stringify(nodeId)} ${keyOfRequirement(requirement)}`;
  const isPlain =
    channel === 'voice' &&
    spec.agentId === undefined &&
    !spec.byAgent &&
    spec.reserve === undefined &&
    spec.barred.length === 0;
  if (isPlain) return plain;
  const { agentId, byAgent, reserve, barred } = spec;
  return `${plain}\n${JSON.stringify([channel, agentId ?? null, byAgent, reserve ?? null, barred])}`;
}
