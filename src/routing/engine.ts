import {
  type Agent,
  type AgentInput,
  type AgentProfile,
  type AgentRecord,
  newAgent,
  reduceAgent,
} from '../agents/index.ts';
import { type OfferOutcome, type OfferToken, sameOffer, type Target } from '../call/index.ts';
import { unreachable } from '../kernel/index.ts';
import { type Due, DueTimes } from './due-times.ts';
import { ineligibility, isAtWork, unavailability, unfitness } from './eligibility.ts';
import { explain } from './explain.ts';
import type { RoutingInput, RoutingOutput } from './interface.ts';
import { byLongestIdle } from './longest-idle.ts';
import { joinNeeds, orderKey } from './order.ts';
import type { QueuePolicy } from './policy.ts';
import type { RoutingRequest, WaitingCall } from './waiting-call.ts';
import { WaitingLine } from './waiting-line.ts';

const hopsMax = 5;
/** How long a transfer waits for the agent it names before anybody of the queue may take it. */
const onlyAgentWaitMs = 30_000;
/** A phone that refuses at once must not be rung in a tight circle, whatever the config says. */
const faultCooldownMinMs = 1000;

/**
 * Decides which agent is offered which call. A single-writer reducer: `step(input, nowMs)` changes the state and gives
 * back what should be done; no clock, no chance, no I/O. Owns the rule that an agent and a call have at most one offer.
 */
export class RoutingEngine {
  readonly epoch: string;
  private readonly queues: ReadonlyMap<string, QueuePolicy>;
  private readonly agents = new Map<string, Agent>();
  private readonly calls = new Map<string, WaitingCall>();
  private readonly line = new WaitingLine();
  private readonly due = new DueTimes();
  private readonly nodesDown = new Set<string>();
  private outputs: RoutingOutput[] = [];
  /** Somebody stopped working in this step: calls that leave others out for their sake must look again. */
  private someoneStopped = false;

  constructor(options: {
    epoch: string;
    queues: readonly QueuePolicy[];
    agents: readonly AgentProfile[];
    nowMs: number;
  }) {
    this.epoch = options.epoch;
    this.queues = new Map(options.queues.map((queue) => [queue.id, queue]));
    for (const profile of options.agents) this.agents.set(profile.id, newAgent(profile, options.nowMs));
  }

  step(input: RoutingInput, nowMs: number): readonly RoutingOutput[] {
    this.outputs = [];
    this.apply(input, nowMs);
    for (let due = this.due.takeDue(nowMs); due; due = this.due.takeDue(nowMs)) this.onDue(due, nowMs);
    if (this.someoneStopped) this.matchExcluding(nowMs);
    return this.outputs;
  }

  /** When `step` wants to be called again even if nothing happens, Unix milliseconds. */
  nextDueMs(): number | undefined {
    return this.due.nextAtMs();
  }

  agent(agentId: string): Agent | undefined {
    return this.agents.get(agentId);
  }

  allAgents(): Iterable<Agent> {
    return this.agents.values();
  }

  hasQueue(queueId: string): boolean {
    return this.queues.has(queueId);
  }

  queuePolicies(): Iterable<QueuePolicy> {
    return this.queues.values();
  }

  /** Calls that wait, in the order in which they would be served, also those being offered. */
  waitingCalls(): Iterable<WaitingCall> {
    return this.line;
  }

  private apply(input: RoutingInput, nowMs: number): void {
    switch (input.kind) {
      case 'enqueue':
        return this.enqueue(input.request, nowMs);
      case 'reassess':
        return this.reassess(input.request, nowMs);
      case 'leave':
        return this.leave(input.callId, nowMs);
      case 'offerAnswered':
        return this.offerAnswered(input.token, nowMs);
      case 'offerEnded':
        return this.offerEnded(input.token, input.outcome, nowMs);
      case 'talkEnded':
        return this.talkEnded(input, nowMs);
      case 'agent':
        return this.agentInput(input.agentId, input.input, nowMs);
      case 'restoreAgent':
        return this.restoreAgent(input.record, input.agentId);
      case 'restoreOffer':
        return this.restoreOffer(input.token, nowMs);
      case 'node':
        return this.nodeChanged(input.nodeId, input.up, nowMs);
      case 'tick':
        return;
      default:
        return unreachable(input);
    }
  }

  private enqueue(request: RoutingRequest, nowMs: number): void {
    const policy = this.queues.get(request.queueId);
    const before = this.forget(request.callId);
    // The agent stays reserved until the call has taken the phone back.
    if (before?.offer) this.outputs.push({ kind: 'withdraw', token: before.offer });
    if (!policy || request.hops > hopsMax) {
      this.outputs.push({ kind: 'overflow', callId: request.callId, target: { kind: 'hangup' }, reason: 'noQueue' });
      return;
    }
    if (!request.returned && this.waitingIn(policy.id) >= policy.waitingCallsMax) {
      return this.passOn(request.callId, policy.whenFull, 'queueFull');
    }
    const call: WaitingCall = {
      request,
      orderKey: orderKey(request, policy),
      needs: joinNeeds(policy.needs, request.needs),
      queueEnteredAtMs: nowMs,
      excluded: before?.excluded ?? new Set(),
      offer: undefined,
      passedOn: false,
      overdue: false,
      onlyAgentId: request.onlyAgentId,
      attempts: Math.max(request.attempts, before?.attempts ?? 0),
    };
    this.calls.set(request.callId, call);
    this.line.add(call);
    this.due.add({ kind: 'maxWait', id: request.callId, atMs: nowMs + policy.maxWaitMs });
    if (request.onlyAgentId) this.due.add({ kind: 'onlyAgent', id: request.callId, atMs: nowMs + onlyAgentWaitMs });
    this.queueChanged(policy.id);
    this.matchCall(call, nowMs);
  }

  /** What is known of the caller changed while the call waits: its place and its needs may change, its age does not. */
  private reassess(request: RoutingRequest, nowMs: number): void {
    const call = this.calls.get(request.callId);
    if (!call) return;
    const policy = this.policyOf(call);
    call.request = { ...request, queueId: call.request.queueId };
    call.needs = joinNeeds(policy.needs, request.needs);
    this.line.remove(call);
    call.orderKey = orderKey(call.request, policy);
    this.line.add(call);
    this.matchCall(call, nowMs);
  }

  private leave(callId: string, nowMs: number): void {
    const call = this.forget(callId);
    if (!call?.offer) return;
    this.freeAgent(call.offer, 'callerLeft', 0, Number.POSITIVE_INFINITY, nowMs);
  }

  private offerAnswered(token: OfferToken, nowMs: number): void {
    const call = this.calls.get(token.callId);
    if (!call || !sameOffer(call.offer, token)) return;
    this.forget(token.callId);
    this.change(token.agentId, { kind: 'offerAnswered', token }, nowMs);
  }

  private offerEnded(token: OfferToken, outcome: OfferOutcome, nowMs: number): void {
    const call = this.calls.get(token.callId);
    const policy = call ? this.policyOf(call) : undefined;
    const cooldownMs = policy && isFault(outcome) ? Math.max(faultCooldownMinMs, policy.cooldownMs[outcome]) : 0;
    const current = call !== undefined && sameOffer(call.offer, token);
    if (current) {
      call.offer = undefined;
      call.onlyAgentId = undefined;
      if (isFault(outcome)) call.excluded.add(token.agentId);
      this.queueChanged(call.request.queueId);
    }
    this.freeAgent(token, outcome, cooldownMs, policy?.noAnswerLimit ?? Number.POSITIVE_INFINITY, nowMs);
    if (!current) return;
    if (call.overdue && this.isOpen(call)) return this.overflow(call);
    this.matchCall(call, nowMs);
  }

  private talkEnded(input: Extract<RoutingInput, { kind: 'talkEnded' }>, nowMs: number): void {
    const policy = this.queues.get(input.queueId);
    const wrapUpMs = input.outcome === 'talked' ? (policy?.wrapUpMs ?? 0) : 0;
    const restMs = Math.max(faultCooldownMinMs, policy?.cooldownMs.unreachable ?? 0);
    const cooldownMs = input.outcome === 'dropped' ? restMs : 0;
    this.change(input.agentId, { kind: 'talkEnded', callId: input.callId, wrapUpMs, cooldownMs }, nowMs);
    const agent = this.agents.get(input.agentId);
    if (cooldownMs > 0) this.due.add({ kind: 'agentReady', id: input.agentId, atMs: nowMs + cooldownMs });
    if (agent?.routing === 'wrapUp' && agent.wrapUpUntilMs !== undefined) {
      this.due.add({ kind: 'wrapUp', id: input.agentId, atMs: agent.wrapUpUntilMs });
    }
    this.matchAgent(input.agentId, nowMs);
  }

  private agentInput(agentId: string, input: AgentInput, nowMs: number): void {
    const before = this.agents.get(agentId);
    if (!before) return;
    this.change(agentId, input, nowMs);
    if (input.kind === 'signOut' && before.offer) this.outputs.push({ kind: 'withdraw', token: before.offer });
    if (input.kind === 'wrapUpEnded' && before.routing === 'wrapUp' && before.callId !== undefined) {
      this.outputs.push({ kind: 'wrapUpEnded', agentId, callId: before.callId });
    }
    this.matchAgent(agentId, nowMs);
  }

  private restoreAgent(record: AgentRecord, agentId: string): void {
    const agent = this.agents.get(agentId);
    if (!agent) return;
    const restored: Agent = { ...record, profile: agent.profile, device: agent.device };
    this.agents.set(agentId, restored);
    if (restored.wrapUpUntilMs !== undefined) {
      this.due.add({ kind: 'wrapUp', id: agentId, atMs: restored.wrapUpUntilMs });
    }
    if (restored.cooldownUntilMs > 0) this.due.add({ kind: 'agentReady', id: agentId, atMs: restored.cooldownUntilMs });
  }

  /** An offer of an earlier life of the server whose phone was answered while we were away. */
  private restoreOffer(token: OfferToken, nowMs: number): void {
    const call = this.calls.get(token.callId);
    const agent = this.agents.get(token.agentId);
    if (!call || call.offer || !agent || (agent.routing === 'offered' && !sameOffer(agent.offer, token))) return;
    call.offer = token;
    this.change(token.agentId, { kind: 'offered', token }, nowMs);
  }

  private nodeChanged(nodeId: string, up: boolean, nowMs: number): void {
    if (!up) this.nodesDown.add(nodeId);
    else if (this.nodesDown.delete(nodeId)) this.matchAll(nodeId, nowMs);
  }

  private onDue(due: Due, nowMs: number): void {
    switch (due.kind) {
      case 'offer': {
        const call = this.calls.get(due.id);
        if (!call?.offer || call.offer.expiresAtMs > nowMs) return;
        // While the node is out of sight nobody can know whether the phone was answered: not the agent's fault.
        const kind = this.nodesDown.has(call.request.nodeId) ? 'withdraw' : 'offerExpired';
        this.outputs.push({ kind, token: call.offer });
        return;
      }
      case 'maxWait': {
        const call = this.calls.get(due.id);
        if (!call || call.queueEnteredAtMs + this.policyOf(call).maxWaitMs > nowMs) return;
        // A node out of sight could not be told to send the caller away.
        if (call.offer || this.nodesDown.has(call.request.nodeId)) call.overdue = true;
        else this.overflow(call);
        return;
      }
      case 'onlyAgent': {
        const call = this.calls.get(due.id);
        if (!call?.onlyAgentId || call.queueEnteredAtMs + onlyAgentWaitMs > nowMs) return;
        call.onlyAgentId = undefined;
        this.matchCall(call, nowMs);
        return;
      }
      case 'agentReady':
        return this.matchAgent(due.id, nowMs);
      case 'wrapUp': {
        const untilMs = this.agents.get(due.id)?.wrapUpUntilMs;
        if (untilMs !== undefined && untilMs <= nowMs) this.agentInput(due.id, { kind: 'wrapUpEnded' }, nowMs);
        return;
      }
      default:
        return unreachable(due.kind);
    }
  }

  private overflow(call: WaitingCall): void {
    call.passedOn = true;
    this.passOn(call.request.callId, this.policyOf(call).overflow, 'maxWait');
  }

  /** Tells the call to go elsewhere. If that is another queue, it comes back by `enqueue` with its hops counted. */
  private passOn(callId: string, target: Target, reason: 'maxWait' | 'queueFull'): void {
    this.outputs.push({ kind: 'overflow', callId, target, reason });
  }

  private matchAll(nodeId: string, nowMs: number): void {
    for (const call of this.line) {
      if (call.request.nodeId !== nodeId) continue;
      if (call.overdue && this.isOpen(call)) this.overflow(call);
      else this.matchCall(call, nowMs);
    }
  }

  private matchExcluding(nowMs: number): void {
    this.someoneStopped = false;
    for (const call of this.line) if (call.excluded.size > 0) this.matchCall(call, nowMs);
  }

  private isOpen(call: WaitingCall): boolean {
    return !call.offer && !call.passedOn && !this.nodesDown.has(call.request.nodeId);
  }

  /** A call looks for an agent. */
  private matchCall(call: WaitingCall, nowMs: number): void {
    if (!this.isOpen(call)) return;
    this.readmitExcluded(call);
    let best: Agent | undefined;
    for (const agent of this.agents.values()) {
      if (ineligibility(agent, call, nowMs) !== undefined) continue;
      if (best === undefined || byLongestIdle(agent, best) < 0) best = agent;
    }
    if (best) this.offer(call, best, nowMs);
  }

  /** An agent looks for a call: the first in order that the agent can serve, never only the head of the line. */
  private matchAgent(agentId: string, nowMs: number): void {
    const agent = this.agents.get(agentId);
    if (!agent || this.line.size === 0) return;
    const reason = unavailability(agent, nowMs);
    if (reason === 'cooldown') this.due.add({ kind: 'agentReady', id: agentId, atMs: agent.cooldownUntilMs });
    if (reason !== undefined) return;
    for (const call of this.line) {
      if (!this.isOpen(call)) continue;
      this.readmitExcluded(call);
      if (ineligibility(agent, call, nowMs) === undefined) return this.offer(call, agent, nowMs);
    }
  }

  /** Who declined is left out, until that would leave nobody who is at work and fit for the call. */
  private readmitExcluded(call: WaitingCall): void {
    if (call.excluded.size === 0) return;
    for (const agent of this.agents.values()) {
      if (call.excluded.has(agent.profile.id) || !isAtWork(agent)) continue;
      if (unfitness(agent, call) === undefined) return;
    }
    call.excluded.clear();
  }

  private offer(call: WaitingCall, agent: Agent, nowMs: number): void {
    const policy = this.policyOf(call);
    const explanation = explain(call, this.agents.values(), nowMs);
    call.attempts += 1;
    const token: OfferToken = {
      callId: call.request.callId,
      agentId: agent.profile.id,
      attempt: call.attempts,
      epoch: this.epoch,
      expiresAtMs: nowMs + policy.ringTimeoutMs * (policy.offer === 'accept' ? 2 : 1),
    };
    call.offer = token;
    this.due.add({ kind: 'offer', id: token.callId, atMs: token.expiresAtMs });
    this.change(token.agentId, { kind: 'offered', token }, nowMs);
    this.queueChanged(call.request.queueId);
    this.outputs.push({
      kind: 'offer',
      token,
      endpoint: agent.profile.endpoint,
      mode: policy.offer,
      ringTimeoutMs: policy.ringTimeoutMs,
      explanation,
    });
  }

  private freeAgent(token: OfferToken, outcome: OfferOutcome, cooldownMs: number, limit: number, nowMs: number): void {
    this.change(token.agentId, { kind: 'offerEnded', token, outcome, cooldownMs, noAnswerLimit: limit }, nowMs);
    this.due.add({ kind: 'agentReady', id: token.agentId, atMs: nowMs + cooldownMs });
  }

  private change(agentId: string, input: AgentInput, nowMs: number): void {
    const before = this.agents.get(agentId);
    if (!before) return;
    const after = reduceAgent(before, input, nowMs);
    if (after === before) return;
    this.agents.set(agentId, after);
    if (isAtWork(before) && !isAtWork(after)) this.someoneStopped = true;
    this.outputs.push({ kind: 'agentChanged', agentId });
  }

  private forget(callId: string): WaitingCall | undefined {
    const call = this.calls.get(callId);
    if (!call) return undefined;
    this.calls.delete(callId);
    this.line.remove(call);
    this.queueChanged(call.request.queueId);
    return call;
  }

  private waitingIn(queueId: string): number {
    let count = 0;
    for (const call of this.line) if (call.request.queueId === queueId) count += 1;
    return count;
  }

  private queueChanged(queueId: string): void {
    this.outputs.push({ kind: 'queueChanged', queueId });
  }

  private policyOf(call: WaitingCall): QueuePolicy {
    return this.queues.get(call.request.queueId) as QueuePolicy;
  }
}

function isFault(outcome: OfferOutcome): outcome is 'declined' | 'busy' | 'noAnswer' | 'unreachable' {
  return outcome === 'declined' || outcome === 'busy' || outcome === 'noAnswer' || outcome === 'unreachable';
}
