import { type Agent, type AgentInput, type AgentProfile, type AgentRecord, newAgent } from '../agents/index.ts';
import { type OfferOutcome, type OfferToken, sameOffer, type Target } from '../call/index.ts';
import { unreachable } from '../kernel/index.ts';
import { advise } from './advising.ts';
import { reserveForConsult } from './consult.ts';
import { type DryRun, verdicts } from './dry-run.ts';
import type { Due } from './due-times.ts';
import { Floor, type FloorOptions } from './floor.ts';
import type { RoutingInput, RoutingOutput } from './interface.ts';
import { matchAgent, matchCall, matchExcluding } from './matching.ts';
import { joinNeeds, orderKey } from './order.ts';
import type { QueuePolicy } from './policy.ts';
import type { RoutingRequest } from './request.ts';
import type { WaitingCall } from './waiting-call.ts';

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
  private readonly floor: Floor;

  constructor(options: FloorOptions) {
    this.floor = new Floor(options);
  }

  step(input: RoutingInput, nowMs: number): readonly RoutingOutput[] {
    const { floor } = this;
    floor.outputs = [];
    this.apply(input, nowMs);
    for (let due = floor.due.takeDue(nowMs); due; due = floor.due.takeDue(nowMs)) this.onDue(due, nowMs);
    if (floor.someoneStopped) matchExcluding(floor, nowMs);
    return floor.outputs;
  }

  /** When `step` wants to be called again even if nothing happens, Unix milliseconds. */
  nextDueMs(): number | undefined {
    return this.floor.due.nextAtMs();
  }

  agent(agentId: string): Agent | undefined {
    return this.floor.agents.get(agentId);
  }

  allAgents(): Iterable<Agent> {
    return this.floor.agents.values();
  }

  /** The version of the rules that a call without one gets. */
  get policyVersion(): string {
    return this.floor.currentVersion;
  }

  hasQueue(queueId: string): boolean {
    return this.floor.queues.has(queueId);
  }

  /** Whether a call that comes to this queue now finds no room. */
  isFull(queueId: string): boolean {
    const policy = this.floor.queues.get(queueId);
    return policy !== undefined && this.floor.waitingIn(queueId) >= policy.waitingCallsMax;
  }

  queuePolicies(): Iterable<QueuePolicy> {
    return this.floor.queues.values();
  }

  /** Calls that wait, in the order in which they would be served, also those being offered. */
  waitingCalls(): Iterable<WaitingCall> {
    return this.floor.line;
  }

  /**
   * Who would get a call, and why nobody else: of one that waits, by its id, or of one that is made up. Changes
   * nothing. Undefined when there is no such call or queue.
   */
  explain(what: { readonly callId: string } | { readonly request: RoutingRequest }, nowMs: number): DryRun | undefined {
    const { floor } = this;
    const call = 'callId' in what ? floor.calls.get(what.callId) : floor.callFor(what.request, nowMs);
    if (!call) return undefined;
    const agents = verdicts(call, floor.agents.values(), nowMs);
    const [first] = agents.filter(({ reasons }) => reasons.length === 0).map(({ agentId }) => agentId);
    const chosen = call.offer ? [call.offer.agentId] : floor.isOpen(call) && first !== undefined ? [first] : [];
    return {
      queueId: call.request.queueId,
      policyVersion: call.policyVersion,
      step: 0,
      selection: call.onlyAgentId === undefined ? 'longestIdle' : 'agentAsked',
      orderKey: call.orderKey,
      decision: call.offer ? 'offered' : call.passedOn ? 'passedOn' : chosen.length > 0 ? 'offer' : 'wait',
      chosen,
      agents,
    };
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
      case 'consult':
        return reserveForConsult(this.floor, input.request, nowMs);
      case 'agent':
        return this.agentInput(input.agentId, input.input, nowMs);
      case 'agentProfile':
        return this.agentProfile(input.profile, nowMs);
      case 'agentRemoved':
        return this.agentInput(input.agentId, { kind: 'signOut' }, nowMs);
      case 'policy':
        return this.floor.addPolicies(input.version, input.queues, input.current);
      case 'restoreAgent':
        return this.restoreAgent(input.record, input.agentId);
      case 'restoreOffer':
        return this.restoreOffer(input.token, nowMs);
      case 'node':
        return this.nodeChanged(input.nodeId, input.up, nowMs);
      case 'advise':
        return advise(this.floor, input.request, input.holdMs, nowMs);
      case 'adviceUnused':
        return this.agentInput(input.agentId, { kind: 'adviceUnused', callId: input.callId }, nowMs);
      case 'tick':
        return;
      default:
        return unreachable(input);
    }
  }

  private enqueue(request: RoutingRequest, nowMs: number): void {
    const { floor } = this;
    const call = floor.callFor(request, nowMs);
    const before = floor.forget(request.callId);
    // The agent stays reserved until the call has taken the phone back.
    if (before?.offer) floor.outputs.push({ kind: 'withdraw', token: before.offer });
    if (!call || request.hops > hopsMax) {
      floor.outputs.push({ kind: 'overflow', callId: request.callId, target: { kind: 'hangup' }, reason: 'noQueue' });
      return;
    }
    const { policy } = call;
    if (!request.returned && !request.outbound && floor.waitingIn(policy.id) >= policy.waitingCallsMax) {
      return this.passOn(request.callId, policy.whenFull, 'queueFull');
    }
    if (before) call.excluded = before.excluded;
    call.attempts = Math.max(request.attempts, before?.attempts ?? 0);
    floor.calls.set(request.callId, call);
    floor.line.add(call);
    floor.due.add({ kind: 'maxWait', id: request.callId, atMs: nowMs + floor.maxWaitMs(call) });
    if (request.onlyAgentId && !request.outbound) {
      floor.due.add({ kind: 'onlyAgent', id: request.callId, atMs: nowMs + onlyAgentWaitMs });
    }
    floor.queueChanged(policy.id);
    matchCall(floor, call, nowMs);
  }

  /** What is known of the caller changed while the call waits: its place and its needs may change, its age does not. */
  private reassess(request: RoutingRequest, nowMs: number): void {
    const { floor } = this;
    const call = floor.calls.get(request.callId);
    if (!call) return;
    const { policy } = call;
    call.request = { ...request, queueId: call.request.queueId };
    call.needs = joinNeeds(policy.needs, request.needs);
    floor.line.remove(call);
    call.orderKey = orderKey(call.request, policy);
    floor.line.add(call);
    matchCall(floor, call, nowMs);
  }

  private leave(callId: string, nowMs: number): void {
    const call = this.floor.forget(callId);
    if (!call?.offer) return;
    this.freeAgent(call.offer, 'callerLeft', 0, Number.POSITIVE_INFINITY, nowMs);
  }

  private offerAnswered(token: OfferToken, nowMs: number): void {
    const { floor } = this;
    const call = floor.calls.get(token.callId);
    // Who is asked for advice belongs to a call that is not in line.
    if (call && !sameOffer(call.offer, token)) return;
    floor.forget(token.callId);
    floor.change(token.agentId, { kind: 'offerAnswered', token }, nowMs);
  }

  private offerEnded(token: OfferToken, outcome: OfferOutcome, nowMs: number): void {
    const { floor } = this;
    const call = floor.calls.get(token.callId);
    const policy = call?.policy;
    const cooldownMs = policy && isFault(outcome) ? Math.max(faultCooldownMinMs, policy.cooldownMs[outcome]) : 0;
    const current = call !== undefined && sameOffer(call.offer, token);
    if (current) {
      call.offer = undefined;
      call.onlyAgentId = undefined;
      if (isFault(outcome)) call.excluded.add(token.agentId);
      floor.queueChanged(call.request.queueId);
    }
    this.freeAgent(token, outcome, cooldownMs, policy?.noAnswerLimit ?? Number.POSITIVE_INFINITY, nowMs);
    if (!current) return;
    if (call.overdue && floor.isOpen(call)) return this.overflow(call);
    matchCall(floor, call, nowMs);
  }

  private talkEnded(input: Extract<RoutingInput, { kind: 'talkEnded' }>, nowMs: number): void {
    const { floor } = this;
    const policy = floor.policyOf(input.policyVersion, input.queueId);
    const wrapUpMs = input.outcome === 'talked' ? (policy?.wrapUpMs ?? 0) : 0;
    const restMs = Math.max(faultCooldownMinMs, policy?.cooldownMs.unreachable ?? 0);
    const cooldownMs = input.outcome === 'dropped' ? restMs : 0;
    floor.change(input.agentId, { kind: 'talkEnded', callId: input.callId, wrapUpMs, cooldownMs }, nowMs);
    const agent = floor.agents.get(input.agentId);
    if (cooldownMs > 0) floor.due.add({ kind: 'agentReady', id: input.agentId, atMs: nowMs + cooldownMs });
    if (agent?.routing === 'wrapUp' && agent.wrapUpUntilMs !== undefined) {
      floor.due.add({ kind: 'wrapUp', id: input.agentId, atMs: agent.wrapUpUntilMs });
    }
    matchAgent(floor, input.agentId, nowMs);
  }

  private agentInput(agentId: string, input: AgentInput, nowMs: number): void {
    const { floor } = this;
    const before = floor.agents.get(agentId);
    if (!before) return;
    floor.change(agentId, input, nowMs);
    if (input.kind === 'signOut' && before.offer) floor.outputs.push({ kind: 'withdraw', token: before.offer });
    if (input.kind === 'wrapUpEnded' && before.routing === 'wrapUp' && before.callId !== undefined) {
      floor.outputs.push({ kind: 'wrapUpEnded', agentId, callId: before.callId });
    }
    matchAgent(floor, agentId, nowMs);
  }

  private agentProfile(profile: AgentProfile, nowMs: number): void {
    const { floor } = this;
    const before = floor.agents.get(profile.id);
    floor.agents.set(
      profile.id,
      before ? { ...before, profile, version: before.version + 1 } : newAgent(profile, nowMs),
    );
    floor.outputs.push({ kind: 'agentChanged', agentId: profile.id });
    floor.someoneStopped = true;
    matchAgent(floor, profile.id, nowMs);
  }

  private restoreAgent(record: AgentRecord, agentId: string): void {
    const { floor } = this;
    const agent = floor.agents.get(agentId);
    if (!agent) return;
    const restored: Agent = { ...record, profile: agent.profile, device: agent.device };
    floor.agents.set(agentId, restored);
    if (restored.wrapUpUntilMs !== undefined) {
      floor.due.add({ kind: 'wrapUp', id: agentId, atMs: restored.wrapUpUntilMs });
    }
    if (restored.cooldownUntilMs > 0)
      floor.due.add({ kind: 'agentReady', id: agentId, atMs: restored.cooldownUntilMs });
    if (restored.advised) floor.due.add({ kind: 'agentReady', id: agentId, atMs: restored.advised.untilMs });
  }

  /** An offer of an earlier life of the server whose phone was answered while we were away. */
  private restoreOffer(token: OfferToken, nowMs: number): void {
    const { floor } = this;
    const call = floor.calls.get(token.callId);
    const agent = floor.agents.get(token.agentId);
    if (call?.offer || !agent || (agent.routing === 'offered' && !sameOffer(agent.offer, token))) return;
    if (call) call.offer = token;
    else if (agent.routing !== 'idle') return;
    floor.change(token.agentId, { kind: 'offered', token }, nowMs);
  }

  private nodeChanged(nodeId: string, up: boolean, nowMs: number): void {
    const { floor } = this;
    if (!up) floor.nodesDown.add(nodeId);
    else if (floor.nodesDown.delete(nodeId)) this.matchAll(nodeId, nowMs);
  }

  private onDue(due: Due, nowMs: number): void {
    const { floor } = this;
    switch (due.kind) {
      case 'offer': {
        const call = floor.calls.get(due.id);
        if (!call?.offer || call.offer.expiresAtMs > nowMs) return;
        // While the node is out of sight nobody can know whether the phone was answered: not the agent's fault.
        const kind = floor.nodesDown.has(call.request.nodeId) ? 'withdraw' : 'offerExpired';
        floor.outputs.push({ kind, token: call.offer });
        return;
      }
      case 'maxWait': {
        const call = floor.calls.get(due.id);
        if (!call || call.queueEnteredAtMs + floor.maxWaitMs(call) > nowMs) return;
        // A node out of sight could not be told to send the caller away.
        if (call.offer || floor.nodesDown.has(call.request.nodeId)) call.overdue = true;
        else this.overflow(call);
        return;
      }
      case 'onlyAgent': {
        const call = floor.calls.get(due.id);
        if (!call?.onlyAgentId || call.queueEnteredAtMs + onlyAgentWaitMs > nowMs) return;
        call.onlyAgentId = undefined;
        matchCall(floor, call, nowMs);
        return;
      }
      case 'agentReady':
        return matchAgent(floor, due.id, nowMs);
      case 'wrapUp': {
        const untilMs = floor.agents.get(due.id)?.wrapUpUntilMs;
        if (untilMs !== undefined && untilMs <= nowMs) this.agentInput(due.id, { kind: 'wrapUpEnded' }, nowMs);
        return;
      }
      default:
        return unreachable(due.kind);
    }
  }

  private overflow(call: WaitingCall): void {
    call.passedOn = true;
    this.passOn(call.request.callId, call.policy.overflow, 'maxWait');
  }

  /** Tells the call to go elsewhere. If that is another queue, it comes back by `enqueue` with its hops counted. */
  private passOn(callId: string, target: Target, reason: 'maxWait' | 'queueFull'): void {
    this.floor.outputs.push({ kind: 'overflow', callId, target, reason });
  }

  private matchAll(nodeId: string, nowMs: number): void {
    const { floor } = this;
    for (const call of floor.line) {
      if (call.request.nodeId !== nodeId) continue;
      if (call.overdue && floor.isOpen(call)) this.overflow(call);
      else matchCall(floor, call, nowMs);
    }
  }

  private freeAgent(token: OfferToken, outcome: OfferOutcome, cooldownMs: number, limit: number, nowMs: number): void {
    const { floor } = this;
    floor.change(token.agentId, { kind: 'offerEnded', token, outcome, cooldownMs, noAnswerLimit: limit }, nowMs);
    floor.due.add({ kind: 'agentReady', id: token.agentId, atMs: nowMs + cooldownMs });
  }
}

function isFault(outcome: OfferOutcome): outcome is 'declined' | 'busy' | 'noAnswer' | 'unreachable' {
  return outcome === 'declined' || outcome === 'busy' || outcome === 'noAnswer' || outcome === 'unreachable';
}
