import { type Agent, type AgentInput, type AgentProfile, newAgent, reduceAgent } from '../agents/index.ts';
import { DueTimes } from './due-times.ts';
import { isAtWork } from './eligibility.ts';
import type { RoutingOutput } from './interface.ts';
import type { QueuePolicy } from './policy.ts';
import type { WaitingCall } from './waiting-call.ts';
import { WaitingLine } from './waiting-line.ts';

export interface FloorOptions {
  /** Names this life of the server in offer tokens. */
  readonly epoch: string;
  readonly queues: readonly QueuePolicy[];
  readonly agents: readonly AgentProfile[];
  readonly nowMs: number;
}

/** Who works and who waits, and the small changes that keep both consistent and told. Owned by the engine. */
export class Floor {
  readonly epoch: string;
  readonly queues: ReadonlyMap<string, QueuePolicy>;
  readonly agents = new Map<string, Agent>();
  readonly calls = new Map<string, WaitingCall>();
  readonly line = new WaitingLine();
  readonly due = new DueTimes();
  readonly nodesDown = new Set<string>();
  /** What this step wants done, in order. */
  outputs: RoutingOutput[] = [];
  /** Somebody stopped working in this step: calls that leave others out for their sake must look again. */
  someoneStopped = false;

  constructor({ epoch, queues, agents, nowMs }: FloorOptions) {
    this.epoch = epoch;
    this.queues = new Map(queues.map((queue) => [queue.id, queue]));
    for (const profile of agents) this.agents.set(profile.id, newAgent(profile, nowMs));
  }

  policyOf(call: WaitingCall): QueuePolicy {
    return this.queues.get(call.request.queueId) as QueuePolicy;
  }

  /** Whether somebody may be looked for: not offered, not on its way elsewhere, and within our reach. */
  isOpen(call: WaitingCall): boolean {
    return !call.offer && !call.passedOn && !this.nodesDown.has(call.request.nodeId);
  }

  /** How long a call may wait in its queue. */
  maxWaitMs(call: WaitingCall): number {
    return call.request.outbound?.waitMaxMs ?? this.policyOf(call).maxWaitMs;
  }

  waitingIn(queueId: string): number {
    let count = 0;
    for (const { request } of this.line) if (request.queueId === queueId && !request.outbound) count += 1;
    return count;
  }

  forget(callId: string): WaitingCall | undefined {
    const call = this.calls.get(callId);
    if (!call) return undefined;
    this.calls.delete(callId);
    this.line.remove(call);
    this.queueChanged(call.request.queueId);
    return call;
  }

  change(agentId: string, input: AgentInput, nowMs: number): void {
    const before = this.agents.get(agentId);
    if (!before) return;
    const after = reduceAgent(before, input, nowMs);
    if (after === before) return;
    this.agents.set(agentId, after);
    if (isAtWork(before) && !isAtWork(after)) this.someoneStopped = true;
    this.outputs.push({ kind: 'agentChanged', agentId });
  }

  queueChanged(queueId: string): void {
    this.outputs.push({ kind: 'queueChanged', queueId });
  }
}
