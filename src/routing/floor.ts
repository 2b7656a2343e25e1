import { type Agent, type AgentInput, type AgentProfile, newAgent, reduceAgent } from '../agents/index.ts';
import { DueTimes } from './due-times.ts';
import { isAtWork } from './eligibility.ts';
import type { RoutingOutput } from './interface.ts';
import type { QueuePolicy } from './policy.ts';
import type { RoutingRequest } from './request.ts';
import { type WaitingCall, waitingCall } from './waiting-call.ts';
import { WaitingLine } from './waiting-line.ts';

export interface FloorOptions {
  /** Names this life of the server in offer tokens. */
  readonly epoch: string;
  readonly queues: readonly QueuePolicy[];
  readonly agents: readonly AgentProfile[];
  readonly nowMs: number;
  /** Names the rules in `queues`; absent: `1`. */
  readonly version?: string | undefined;
}

/** Versions of the rules that are kept for calls that came in with them. */
const versionsMax = 8;

/** Who works and who waits, and the small changes that keep both consistent and told. Owned by the engine. */
export class Floor {
  readonly epoch: string;
  /** The newest rules. */
  queues: ReadonlyMap<string, QueuePolicy>;
  currentVersion: string;
  private readonly versions = new Map<string, ReadonlyMap<string, QueuePolicy>>();
  readonly agents = new Map<string, Agent>();
  readonly calls = new Map<string, WaitingCall>();
  readonly line = new WaitingLine();
  readonly due = new DueTimes();
  readonly nodesDown = new Set<string>();
  /** What this step wants done, in order. */
  outputs: RoutingOutput[] = [];
  /** Somebody stopped working in this step: calls that leave others out for their sake must look again. */
  someoneStopped = false;

  constructor({ epoch, queues, agents, nowMs, version = '1' }: FloorOptions) {
    this.epoch = epoch;
    this.queues = new Map(queues.map((queue) => [queue.id, queue]));
    this.currentVersion = version;
    this.versions.set(version, this.queues);
    for (const profile of agents) this.agents.set(profile.id, newAgent(profile, nowMs));
  }

  addPolicies(version: string, queues: readonly QueuePolicy[], isCurrent: boolean): void {
    const byId = new Map(queues.map((queue) => [queue.id, queue]));
    this.versions.delete(version);
    this.versions.set(version, byId);
    if (isCurrent) {
      this.queues = byId;
      this.currentVersion = version;
    }
    for (const old of this.versions.keys()) {
      if (this.versions.size <= versionsMax) break;
      if (old !== this.currentVersion) this.versions.delete(old);
    }
  }

  /** The version that counts for who names this one. */
  versionFor(version: string | undefined): string {
    return version !== undefined && this.versions.has(version) ? version : this.currentVersion;
  }

  policyOf(version: string | undefined, queueId: string): QueuePolicy | undefined {
    return this.versions.get(this.versionFor(version))?.get(queueId);
  }

  /** The call that a request makes; undefined when there is no such queue. */
  callFor(request: RoutingRequest, nowMs: number): WaitingCall | undefined {
    const version = this.versionFor(request.policyVersion);
    const policy = this.policyOf(version, request.queueId);
    return policy && waitingCall(request, policy, version, nowMs);
  }

  /** Whether somebody may be looked for: not offered, not on its way elsewhere, and within our reach. */
  isOpen(call: WaitingCall): boolean {
    return !call.offer && !call.passedOn && !this.nodesDown.has(call.request.nodeId);
  }

  /** How long a call may wait in its queue. */
  maxWaitMs(call: WaitingCall): number {
    return call.request.outbound?.waitMaxMs ?? call.policy.maxWaitMs;
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
