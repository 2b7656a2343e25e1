import type { OfferToken } from '../call/index.ts';
import type { Agent } from '../agents/index.ts';
import { explain, survey } from './explain.ts';
import type { Floor } from './floor.ts';
import type { QueuePolicy } from './policy.ts';
import type { RoutingRequest } from './request.ts';

/**
 * Reserves an agent whom another one asks for advice: the same rules as for an offer, but nobody waits in line. Who is
 * not free now is not asked. The call itself stays where it is.
 */
export function reserveForConsult(floor: Floor, request: RoutingRequest, nowMs: number): void {
  const asking = floor.callFor(request, nowMs);
  if (!asking || floor.nodesDown.has(request.nodeId)) return;
  const everybody = survey(asking, floor.agents.values(), nowMs);
  const [agent] = everybody.able;
  if (!agent) return;
  const { id: queueId, ringTimeoutMs } = queueOf(floor, agent, asking.policy);
  const explanation = { ...explain(asking, everybody, nowMs), rule: 'consult' };
  const token: OfferToken = {
    callId: request.callId,
    agentId: agent.profile.id,
    attempt: request.attempts + 1,
    epoch: floor.epoch,
    expiresAtMs: nowMs + ringTimeoutMs,
  };
  floor.change(token.agentId, { kind: 'offered', token }, nowMs);
  const { endpoint } = agent.profile;
  floor.outputs.push({ kind: 'consult', token, queueId, endpoint, ringTimeoutMs, explanation });
}

/** Who is asked by name and serves other queues than the call's works by the first of its own. */
function queueOf(floor: Floor, { profile }: Agent, asked: QueuePolicy): QueuePolicy {
  const [first] = profile.queues;
  return profile.queues.includes(asked.id) || first === undefined ? asked : (floor.queues.get(first) ?? asked);
}
