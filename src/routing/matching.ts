import type { Agent } from '../agents/index.ts';
import type { DecisionExplanation, OfferToken } from '../call/index.ts';
import { ineligibility, isAtWork, unavailability, unfitness } from './eligibility.ts';
import { explain, survey } from './explain.ts';
import type { Floor } from './floor.ts';
import type { WaitingCall } from './waiting-call.ts';

/** A call looks for an agent. */
export function matchCall(floor: Floor, call: WaitingCall, nowMs: number): void {
  if (!floor.isOpen(call)) return;
  readmitExcluded(floor, call);
  const found = survey(call, floor.agents.values(), nowMs);
  const [best] = found.able;
  if (best) offer(floor, call, best, explain(call, found, nowMs), nowMs);
}

/** An agent looks for a call: the first in order that the agent can serve, never only the head of the line. */
export function matchAgent(floor: Floor, agentId: string, nowMs: number): void {
  const agent = floor.agents.get(agentId);
  if (!agent || floor.line.size === 0) return;
  const reason = unavailability(agent, nowMs);
  if (reason === 'cooldown') floor.due.add({ kind: 'agentReady', id: agentId, atMs: agent.cooldownUntilMs });
  if (reason !== undefined) return;
  for (const call of floor.line) {
    if (!floor.isOpen(call)) continue;
    readmitExcluded(floor, call);
    if (ineligibility(agent, call, nowMs) === undefined) {
      const found = survey(call, floor.agents.values(), nowMs);
      return offer(floor, call, agent, explain(call, found, nowMs), nowMs);
    }
  }
}

/** Calls that leave somebody out look again when the others have stopped working. */
export function matchExcluding(floor: Floor, nowMs: number): void {
  floor.someoneStopped = false;
  for (const call of floor.line) if (call.excluded.size > 0) matchCall(floor, call, nowMs);
}

/** Who declined is left out, until that would leave nobody who is at work and fit for the call. */
function readmitExcluded(floor: Floor, call: WaitingCall): void {
  if (call.excluded.size === 0) return;
  for (const agent of floor.agents.values()) {
    if (call.excluded.has(agent.profile.id) || !isAtWork(agent)) continue;
    if (unfitness(agent, call) === undefined) return;
  }
  call.excluded.clear();
}

/** Reserves the agent for the call, both at once: neither has another offer. */
function offer(floor: Floor, call: WaitingCall, agent: Agent, explanation: DecisionExplanation, nowMs: number): void {
  const { policy } = call;
  call.attempts += 1;
  const token: OfferToken = {
    callId: call.request.callId,
    agentId: agent.profile.id,
    attempt: call.attempts,
    epoch: floor.epoch,
    expiresAtMs: nowMs + policy.ringTimeoutMs * (policy.offer === 'accept' ? 2 : 1),
  };
  call.offer = token;
  floor.due.add({ kind: 'offer', id: token.callId, atMs: token.expiresAtMs });
  floor.change(token.agentId, { kind: 'offered', token }, nowMs);
  floor.queueChanged(call.request.queueId);
  floor.outputs.push({
    kind: 'offer',
    token,
    endpoint: agent.profile.endpoint,
    mode: policy.offer,
    ringTimeoutMs: policy.ringTimeoutMs,
    explanation,
  });
}
