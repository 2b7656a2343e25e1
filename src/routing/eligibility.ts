import { type Agent, deviceIsFree } from '../agents/index.ts';
import type { WaitingCall } from './waiting-call.ts';

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
  | 'declinedBefore'
  | `skill:${string}`;

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
export function unfitness(agent: Agent, call: WaitingCall): Ineligible | undefined {
  const { profile } = agent;
  if (call.onlyAgentId !== undefined) {
    if (call.onlyAgentId !== profile.id) return 'notTheOneAsked';
  } else if (!profile.queues.includes(call.request.queueId)) {
    return 'notInQueue';
  }
  if (profile.nodeId !== undefined && profile.nodeId !== call.request.nodeId) return 'otherNode';
  if (call.onlyAgentId === undefined) {
    for (const skill in call.needs) {
      const level = profile.skills[skill];
      if (level === undefined || level < (call.needs[skill] ?? 0)) return `skill:${skill}`;
    }
  }
  return undefined;
}

export function ineligibility(agent: Agent, call: WaitingCall, nowMs: number): Ineligible | undefined {
  const byAgent = call.request.outbound?.byAgent === true;
  return (
    (byAgent ? occupation(agent, nowMs) : unavailability(agent, nowMs)) ??
    unfitness(agent, call) ??
    (call.excluded.has(agent.profile.id) ? 'declinedBefore' : undefined)
  );
}
