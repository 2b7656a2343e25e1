import type { Agent } from '../agents/index.ts';
import { type Ineligible, occupation, unavailability, unfitness } from './eligibility.ts';
import { byLongestIdle } from './longest-idle.ts';
import type { SelectionStrategy } from './selection/strategy.ts';
import type { WaitingCall } from './waiting-call.ts';

/** Who would get a call, and why everyone else would not: the answer about one call, looked at without touching it. */
export interface DryRun {
  readonly queueId: string;
  /** The rules that the call has or would have. */
  readonly policyVersion: string;
  /** Where the call is in its wait, from 0. */
  readonly step: number;
  readonly selection: SelectionStrategy | 'agentAsked';
  /** Virtual arrival, Unix milliseconds: the lowest goes first. */
  readonly orderKey: number;
  /** `offer`: would be offered now; `offered`: is; `wait`: to nobody now; `passedOn`: is on its way elsewhere. */
  readonly decision: 'offer' | 'offered' | 'wait' | 'passedOn';
  /** Who would be or is asked, the first choice first; several when phones ring together. */
  readonly chosen: readonly string[];
  /** Everybody: those who could take it in the order of choice, then the others by id. */
  readonly agents: readonly AgentVerdict[];
}

export interface AgentVerdict {
  readonly agentId: string;
  /** All that speaks against; nothing means that the agent could take it. */
  readonly reasons: readonly Ineligible[];
  readonly idleMs: number;
}

/** All that speaks against an agent, not only the first thing found. */
export function objections(agent: Agent, call: WaitingCall, nowMs: number): readonly Ineligible[] {
  const byAgent = call.request.outbound?.byAgent === true;
  const reasons = [
    byAgent ? occupation(agent, nowMs) : unavailability(agent, nowMs),
    unfitness(agent, call),
    call.excluded.has(agent.profile.id) ? ('declinedBefore' as const) : undefined,
  ];
  return reasons.filter((reason) => reason !== undefined);
}

export function verdicts(call: WaitingCall, agents: Iterable<Agent>, nowMs: number): readonly AgentVerdict[] {
  const able: Agent[] = [];
  const others: AgentVerdict[] = [];
  for (const agent of agents) {
    const reasons = objections(agent, call, nowMs);
    if (reasons.length === 0) able.push(agent);
    else others.push({ agentId: agent.profile.id, reasons, idleMs: idleMs(agent, nowMs) });
  }
  others.sort((a, b) => (a.agentId < b.agentId ? -1 : 1));
  const chosenFirst = able.sort(byLongestIdle);
  return [
    ...chosenFirst.map((agent) => ({ agentId: agent.profile.id, reasons: [], idleMs: idleMs(agent, nowMs) })),
    ...others,
  ];
}

const idleMs = (agent: Agent, nowMs: number): number =>
  agent.routing === 'idle' ? Math.max(0, nowMs - agent.idleSinceMs) : 0;
