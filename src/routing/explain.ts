import type { Agent } from '../agents/index.ts';
import type { DecisionExplanation } from '../call/index.ts';
import { ineligibility } from './eligibility.ts';
import { byLongestIdle } from './longest-idle.ts';
import type { WaitingCall } from './waiting-call.ts';

const candidatesMax = 10;
const excludedMax = 20;

/** Why this call goes to the first of the candidates, and why to nobody else. */
export function explain(call: WaitingCall, agents: Iterable<Agent>, nowMs: number): DecisionExplanation {
  const able: Agent[] = [];
  const excluded: { agentId: string; reason: string }[] = [];
  let considered = 0;
  for (const agent of agents) {
    considered += 1;
    const reason = ineligibility(agent, call, nowMs);
    if (reason === undefined) able.push(agent);
    else if (excluded.length < excludedMax) excluded.push({ agentId: agent.profile.id, reason });
  }
  able.sort(byLongestIdle);
  return {
    rule: call.onlyAgentId === undefined ? 'longestIdle' : 'agentAsked',
    waitedMs: Math.max(0, nowMs - call.request.queuedAtMs),
    orderKey: call.orderKey,
    considered,
    candidates: able.slice(0, candidatesMax).map((agent) => ({
      agentId: agent.profile.id,
      idleMs: Math.max(0, nowMs - agent.idleSinceMs),
    })),
    excluded,
  };
}
