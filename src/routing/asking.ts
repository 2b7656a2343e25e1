import { classOf, rateOf } from './order.ts';
import type { RelaxationStep } from './relaxation.ts';
import { both, type Requirement, requirementOf } from './requirement.ts';
import type { QueueRules, RuleBook } from './rules.ts';
import type { Spec } from './spec.ts';
import type { WaitingCall } from './waiting-call.ts';

const none: readonly never[] = [];

export function stepsOf({ request, rules }: WaitingCall): readonly RelaxationStep[] {
  return request.steps ?? rules.policy.steps ?? none;
}

/** Whom a call asks for as it stands now, or as it would stand in another step. */
export function specOf(call: WaitingCall, book: RuleBook, step = call.progress.step): Spec {
  const { request, rules } = call;
  const { policy } = rules;
  const relaxed = stepsOf(call)[step];
  const target = relaxed?.targetQueueId;
  const asked = target === undefined ? rules : (book.find(rules.version, target) ?? rules);
  return {
    rules,
    asked,
    requirement: relaxed?.requirement ?? joined(call, rules),
    nodeId: request.nodeId,
    channel: request.channel ?? 'voice',
    agentId: call.progress.onlyAgentId ?? relaxed?.agentId,
    byAgent: request.outbound?.byAgent === true,
    delayMs: asked === rules ? delayOf(call) : Number.POSITIVE_INFINITY,
    barred: namesOf(request.exclude, relaxed?.exclude),
    reserve: classOf(request) > 0 || call.progress.isStarved ? undefined : policy.vipReserve,
    rate: rateOf(call),
    strategy: relaxed?.orderBy ?? policy.selection ?? 'longestIdle',
  };
}

/** Whether nothing but queue, node and needs says whom a call asks for. It is so for most. */
export function isPlain({ request, rules, progress: { onlyAgentId, delaysPassed } }: WaitingCall): boolean {
  const { policy } = rules;
  return (
    request.requirement === undefined &&
    request.steps === undefined &&
    request.channel === undefined &&
    request.outbound === undefined &&
    request.exclude === undefined &&
    onlyAgentId === undefined &&
    delaysPassed === 0 &&
    policy.steps === undefined &&
    policy.vipReserve === undefined &&
    policy.ordering?.kind !== 'accumulating'
  );
}

/** Whom it would ask in a step once it has waited for long: every edge's delay, and the agent whom a transfer names. */
export function widestSpecOf(call: WaitingCall, book: RuleBook, step: number): Spec {
  const spec = specOf(call, book, step);
  const { rules, delayMs, agentId } = spec;
  return {
    ...spec,
    agentId: call.request.outbound ? agentId : stepsOf(call)[step]?.agentId,
    delayMs: rules.delaysMs.length > 1 ? Number.POSITIVE_INFINITY : delayMs,
  };
}

const delayOf = ({ rules, progress: { delaysPassed } }: WaitingCall): number => rules.delaysMs[delaysPassed] ?? 0;

function joined({ request }: WaitingCall, rules: QueueRules): Requirement {
  let needed = rules.joined.get(request.needs);
  if (!needed) {
    needed = both(rules.requirement, requirementOf(request.needs));
    rules.joined.set(request.needs, needed);
  }
  return request.requirement === undefined ? needed : both(needed, request.requirement);
}

function namesOf(a: readonly string[] | undefined, b: readonly string[] | undefined): readonly string[] {
  return a === undefined && b === undefined ? none : [...new Set([...(a ?? none), ...(b ?? none)])].sort();
}
