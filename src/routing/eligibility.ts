import { type Agent, capacityFor, deviceIsFree, isFull } from '../agents/index.ts';
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
  /** Has chats or mails in hand, which leave no room for a call. */
  | 'contacts'
  /** Has as many of this channel in hand as the capacity says. */
  | 'full'
  | 'phoneBusy'
  | 'phoneUnavailable'
  | 'cooldown'
  | 'advised'
  | 'otherNode'
  | 'notInQueue'
  /** Takes nothing of this channel. */
  | 'notOnChannel'
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
  if (agent.contacts !== undefined) return 'contacts';
  if (!deviceIsFree(agent.device)) return agent.device === 'unavailable' ? 'phoneUnavailable' : 'phoneBusy';
  if (agent.advised !== undefined && agent.advised.untilMs > nowMs) return 'advised';
  return undefined;
}

/**
 * The same for work of any channel. What is not a call needs no phone, so one that is not there is no hindrance; one
 * that is in use is.
 */
export function unavailabilityFor(agent: Agent, channel: string, nowMs: number): Ineligible | undefined {
  if (channel === 'voice') return unavailability(agent, nowMs);
  const { presence, routing, device, advised } = agent;
  if (presence !== 'available') return presence;
  if (routing !== 'idle') return routing;
  if (!deviceIsFree(device) && !isAbsent(device)) return 'phoneBusy';
  if (advised !== undefined && advised.untilMs > nowMs) return 'advised';
  if (isFull(agent, channel)) return 'full';
  return agent.cooldownUntilMs > nowMs ? 'cooldown' : undefined;
}

const isAbsent = (device: Agent['device']): boolean => device === 'unavailable' || device === 'invalid';

/** Whether the agent, busy or not, is somebody to wait for: not away, and with a phone that exists. */
export function isAtWork({ presence, device }: Agent): boolean {
  return presence === 'available' && !isAbsent(device);
}

/** The same for work of any channel: only calls need a phone. */
export const isAtWorkFor = (agent: Agent, channel: string): boolean =>
  channel === 'voice' ? isAtWork(agent) : agent.presence === 'available';

/** Whether the agent is one for this call at all, free or not. A skill that is missing never matches. */
export function unfitness(agent: Agent, spec: Spec): Ineligible | undefined {
  const { profile } = agent;
  if (spec.agentId !== undefined) {
    if (spec.agentId !== profile.id) return 'notTheOneAsked';
  } else if (!profile.queues.includes(spec.asked.policy.id)) {
    return 'notInQueue';
  }
  if (spec.channel !== 'voice' && capacityFor(agent, spec.channel) === 0) return 'notOnChannel';
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
  const now = spec.byAgent ? occupation(agent, nowMs) : unavailabilityFor(agent, spec.channel, nowMs);
  const ever = unfitness(agent, spec);
  const before = declined.has(agent.profile.id) ? ('declinedBefore' as const) : undefined;
  return [now, ever, before].filter((reason) => reason !== undefined);
}
