import type { Agent } from '../agents/index.ts';
import type { DecisionExplanation } from '../call/index.ts';
import { ineligibility } from './eligibility.ts';
import { byLongestIdle } from './longest-idle.ts';
import type { WaitingCall } from './waiting-call.ts';

const candidatesMax = 10;
const excludedMax = 20;

/** Reasons that say nothing of this moment: told only where there is room, or a large site would tell nothing else. */
const remote: ReadonlySet<string> = new Set(['signedOut', 'notInQueue', 'otherNode', 'notTheOneAsked']);

/** Everybody looked at for a call, once. */
export interface Survey {
  readonly considered: number;
  /** Who could take it, at most ten, who has been idle for longest first. */
  readonly able: readonly Agent[];
  readonly excluded: DecisionExplanation['excluded'];
}

export function survey(call: WaitingCall, agents: Iterable<Agent>, nowMs: number): Survey {
  const able: Agent[] = [];
  const near: { agentId: string; reason: string }[] = [];
  const far: { agentId: string; reason: string }[] = [];
  let considered = 0;
  for (const agent of agents) {
    considered += 1;
    const reason = ineligibility(agent, call, nowMs);
    if (reason === undefined) {
      addByIdle(able, agent);
      continue;
    }
    const excluded = remote.has(reason) ? far : near;
    if (excluded.length < excludedMax) excluded.push({ agentId: agent.profile.id, reason });
  }
  return { considered, able, excluded: [...near, ...far].slice(0, excludedMax) };
}

/** Keeps the first candidates in order; sorting a whole shift for each call would cost more than the rest of the decision. */
function addByIdle(able: Agent[], agent: Agent): void {
  const last = able.at(-1);
  if (able.length === candidatesMax && last && byLongestIdle(last, agent) < 0) return;
  let at = able.length;
  while (at > 0 && byLongestIdle(agent, able[at - 1] as Agent) < 0) at -= 1;
  able.splice(at, 0, agent);
  if (able.length > candidatesMax) able.pop();
}

/** Why this call goes to the first of the candidates, and why to nobody else. */
export function explain(call: WaitingCall, found: Survey, nowMs: number): DecisionExplanation {
  return {
    rule: call.onlyAgentId === undefined ? 'longestIdle' : 'agentAsked',
    waitedMs: Math.max(0, nowMs - call.request.waitingSinceMs),
    orderKey: call.orderKey,
    considered: found.considered,
    candidates: found.able.map((agent) => ({
      agentId: agent.profile.id,
      idleMs: Math.max(0, nowMs - agent.idleSinceMs),
    })),
    excluded: found.excluded,
  };
}
