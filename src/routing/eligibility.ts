import { type Agent, deviceIsFree } from '../agents/index.ts';
import { meets, type Requirement } from './requirement.ts';
import { edgeOf } from './rules.ts';
import type { Spec } from './spec.ts';

/** Why an agent cannot be offered a call; the words stand in explanations. */
export type Ineligible =
  | 'signedOut'
  | 'paused'
  | 'offered'
  | 'talking'
  | 'wrapUp'
  | 'phoneBusy'
  | 'phoneUnavailable'
  | 'cooldown'
  | 'advised'
  | 'otherNode'
  | 'notInQueue'
  | 'notTheOneAsked'
  | 'notAskedYet'
  | 'barred'
  /** Free, and kept so for callers who matter more. */
  | 'reserved'
  | 'declinedBefore'
  | 'requirement'
  | `skill:${string}`
  | `attribute:${string}`;

/** Whether the agent could take any call now, whatever the call. */
export function unavailability(agent: Agent, nowMs: number): Ineligible | undefined {
  if (agent.presence === 'paused') return 'paused';
  return occupation(agent, nowMs) ?? (agent.cooldownUntilMs > nowMs ? 'cooldown' : undefined);
}

/** Why the agent could not dial out himself: what stops others too, but for a pause and the rest after an offer. */
export function occupation(agent: Agent, nowMs: number): Ineligible | undefined {
  if (agent.presence === 'signedOut') return 'signedOut';
  if (agent.routing !== 'idle') return agent.routing;
  if (!deviceIsFree(agent.device)) return agent.device === 'unavailable' ? 'phoneUnavailable' : 'phoneBusy';
  if (agent.advised !== undefined && agent.advised.untilMs > nowMs) return 'advised';
  return undefined;
}

/** Whether the agent, busy or not, is somebody to wait for: not away, and with a phone that exists. */
export function isAtWork({ presence, device }: Agent): boolean {
  return presence === 'available' && device !== 'unavailable' && device !== 'invalid';
}

/** Whether the agent is one for this call at all, free or not. A skill that is missing never matches. */
export function unfitness({ profile }: Agent, spec: Spec): Ineligible | undefined {
  if (spec.agentId !== undefined) {
    if (spec.agentId !== profile.id) return 'notTheOneAsked';
  } else if (!profile.queues.includes(spec.asked.policy.id)) {
    return 'notInQueue';
  }
  if (profile.nodeId !== undefined && profile.nodeId !== spec.nodeId) return 'otherNode';
  if (spec.barred.includes(profile.id)) return 'barred';
  if (spec.agentId !== undefined) return undefined;
  if (!meets(spec.requirement, profile)) return missing(spec.requirement, profile);
  return edgeOf(spec.asked, profile.id).delayMs > spec.delayMs ? 'notAskedYet' : undefined;
}

/** The first part of a requirement that is not met. */
function missing(requirement: Requirement, profile: Agent['profile']): Ineligible {
  switch (requirement.kind) {
    case 'all': {
      const part = requirement.of.find((one) => !meets(one, profile));
      return part ? missing(part, profile) : 'requirement';
    }
    case 'skill':
      return `skill:${requirement.skill}`;
    case 'attribute':
      return `attribute:${requirement.name}`;
    default:
      return 'requirement';
  }
}

/** All that speaks against an agent, the first thing first: not at hand now, then not one for the call. */
export function objections(
  agent: Agent,
  spec: Spec,
  declined: ReadonlySet<string>,
  nowMs: number,
): readonly Ineligible[] {
  const now = spec.byAgent ? occupation(agent, nowMs) : unavailability(agent, nowMs);
  const ever = unfitness(agent, spec);
  const before = declined.has(agent.profile.id) ? ('declinedBefore' as const) : undefined;
  return [now, ever, before].filter((reason) => reason !== undefined);
}
