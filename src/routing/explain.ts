import type { Agent } from '../agents/index.ts';
import type { DecisionExplanation } from '../call/index.ts';
import { ineligibility } from './eligibility.ts';
import { byLongestIdle } from './longest-idle.ts';
import type { WaitingCall } from './waiting-call.ts';

const candidatesMax = 10;
const excludedMax = 20;

/** Reasons that say nothing of this moment: told only where there is room, or a large site would tell nothing else. */
const remote: ReadonlySet<string> = new Set(['signedOut', 'notInQueue', 'otherNode', 'notTheOneAsked']);

/** Why this call goes to the first of the candidates, and why to nobody else. */
export function explain(call: WaitingCall, agents: Iterable<Agent>, nowMs: number): DecisionExplanation {
  const able: Agent[] = [];
  const near: { agentId: string; reason: string }[] = [];
  const far: { agentId: string; reason: string }[] = [];
  let considered = 0;
  for (const agent of agents) {
    considered += 1;
    const reason = ineligibility(agent, call, nowMs);
    if (reason === undefined) {
      able.push(agent);
      continue;
    }
    const excluded = remote.has(reason) ? far : near;
    if (excluded.length < excludedMax) excluded.push({ agentId: agent.profile.id, reason });
  }
  able.sort(byLongestIdle);
  return {
    rule: call.onlyAgentId === undefined ? 'longestIdle' : 'agentAsked',
    waitedMs: Math.max(0, nowMs - call.request.waitingSinceMs),
    orderKey: call.orderKey,
    considered,
    candidates: able.slice(0, candidatesMax).map((agent) => ({
      agentId: agent.profile.id,
      idleMs: Math.max(0, nowMs - agent.idleSinceMs),
    })),
    excluded: [...near, ...far].slice(0, excludedMax),
  };
}
