import {
  type Agent,
  type AgentInput,
  type AgentRecord,
  isAtRest,
  isOnAnotherCall,
  restoredAgent,
} from '../agents/index.ts';
import { type OfferToken, sameOffer } from '../call/index.ts';
import { unreachable } from '../kernel/index.ts';
import { advise } from './advising.ts';
import { reserveForConsult } from './consult.ts';
import { type DryRun, dryRun, type Examined } from './dry-run.ts';
import { endGrace, watchAll, watchEmptiness } from './emptiness.ts';
import { enqueue, reassess, wait } from './entering.ts';
import type { LineFacts } from './estimate.ts';
import { type Due, Floor, type FloorOptions } from './floor.ts';
import type { RoutingInput, RoutingOutput } from './interface.ts';
import { lineFacts } from './line-facts.ts';
import { inOrder, matchAgent, readmit, serve } from './matching.ts';
import { expireOffer, faultCooldownMinMs, leave, offerAnswered, offerEnded, overflow, withdraw } from './offers.ts';
import { type QueuePolicy, wrapUpMsOf } from './policy.ts';
import type { RoutingRequest } from './request.ts';
import type { Slot } from './slot.ts';
import type { RoutingStats } from './stats.ts';
import { hold, type WaitingCall } from './waiting-call.ts';

/** Inputs that look for somebody free: who has become so meanwhile first serves those who wait already. */
const asksForAgents: ReadonlySet<RoutingInput['kind']> = new Set(['enqueue', 'advise', 'consult']);

const wrapUpEnded = { kind: 'wrapUpEnded' } as const;

/**
 * Decides which agent is offered which call. A single-writer reducer: `step(input, nowMs)` changes the state and gives
 * back what should be done; no clock, no chance, no I/O. Owns the rule that an agent and a call have at most one offer,
 * but for a call whose queue rings several phones together.
 */
export class RoutingEngine {
  private readonly floor: Floor;
  private lastMs = 0;

  constructor(options: FloorOptions) {
    this.floor = new Floor(options);
  }

  step(input: RoutingInput, atMs: number): readonly RoutingOutput[] {
    const { floor } = this;
    const nowMs = this.timeOf(atMs);
    const due = this.takeDue(nowMs);
    if (due && asksForAgents.has(input.kind))
      for (const item of due) if (item.kind === 'agent') matchAgent(floor, item, nowMs);
    this.apply(input, nowMs);
    if (due) for (const item of due) this.onDue(item, nowMs);
    for (let item = floor.takeDue(nowMs); item; item = floor.takeDue(nowMs)) this.onDue(item, nowMs);
    this.settle(nowMs);
    return floor.outputs.take();
  }

  /** When `step` wants to be called again even if nothing happens, Unix milliseconds. */
  nextDueMs(): number | undefined {
    return this.floor.due.nextAtMs;
  }

  agent(agentId: string): Agent | undefined {
    return this.floor.crowd.get(agentId)?.seen;
  }

  *allAgents(): Iterable<Agent> {
    for (const { seen } of this.floor.crowd.all()) yield seen;
  }

  /** The version of the rules that a call without one gets. */
  get policyVersion(): string {
    return this.floor.book.currentVersion;
  }

  hasQueue(queueId: string): boolean {
    return this.floor.book.current.has(queueId);
  }

  /** Whether a call that comes to this queue now finds no room. */
  isFull(queueId: string): boolean {
    const policy = this.floor.book.current.get(queueId)?.policy;
    return policy !== undefined && this.floor.lineOf(queueId).waiting >= policy.waitingCallsMax;
  }

  queuePolicy(queueId: string): QueuePolicy | undefined {
    return this.floor.book.current.get(queueId)?.policy;
  }

  *queuePolicies(): Iterable<QueuePolicy> {
    for (const { policy } of this.floor.book.current.values()) yield policy;
  }

  /** Calls that wait, in the order in which they would be served, also those being offered. Sorts them: not for each event. */
  waitingCalls(nowMs = this.lastMs): Iterable<WaitingCall> {
    return inOrder(this.floor.calls.values(), nowMs);
  }

  /** The calls of one queue, in no order. */
  callsOf(queueId: string): Iterable<WaitingCall> {
    const { floor } = this;
    return floor.lineOf(queueId).numbers.map((number) => floor.calls.at(number));
  }

  /** Where a call stands, and who there is for it. Looks at everybody: only for calls that are told. */
  lineFacts(request: RoutingRequest, places: Iterable<RoutingRequest>, nowMs: number): LineFacts | undefined {
    return lineFacts(this.floor, request, places, nowMs);
  }

  stats(): Readonly<RoutingStats> {
    return this.floor.stats;
  }

  /**
   * Who would get a call, and why nobody else: of one that waits, by its id, or of one that is made up. Changes
   * nothing. Undefined when there is no such call or queue.
   */
  explain(what: Examined, nowMs: number): DryRun | undefined {
    return dryRun(this.floor, what, nowMs);
  }

  /** Time never goes back; a clock that does is counted and not believed. */
  private timeOf(atMs: number): number {
    if (atMs < this.lastMs) {
      this.floor.stats.timeWentBack += 1;
      return this.lastMs;
    }
    this.lastMs = atMs;
    return atMs;
  }

  /** Who has come free by the clock is so before the input is looked at; all else that is due comes after it. */
  private takeDue(nowMs: number): Due[] | undefined {
    const { floor } = this;
    if (!floor.due.isDue(nowMs)) return undefined;
    let due: Due[] | undefined;
    for (let item = floor.takeDue(nowMs); item; item = floor.takeDue(nowMs)) {
      if (item.kind === 'agent' && item.routing === 'idle') floor.crowd.refresh(item, nowMs);
      if (due) due.push(item);
      else due = [item];
    }
    return due;
  }

  private apply(input: RoutingInput, nowMs: number): void {
    const { floor } = this;
    switch (input.kind) {
      case 'enqueue':
        return enqueue(floor, input.request, nowMs);
      case 'reassess':
        return reassess(floor, input.request, nowMs);
      case 'leave':
        return leave(floor, input.callId, nowMs);
      case 'offerAnswered':
        return offerAnswered(floor, input.token, nowMs);
      case 'offerEnded':
        return this.offerEnded(input, nowMs);
      case 'talkEnded':
        return this.talkEnded(input, nowMs);
      case 'consult':
        return reserveForConsult(floor, input.request, nowMs);
      case 'agent':
        return this.agentInput(input.agentId, input.input, nowMs);
      case 'agentProfile':
        return this.agentProfile(input, nowMs);
      case 'agentRemoved':
        return this.agentRemoved(input.agentId, nowMs);
      case 'policy':
        return floor.book.add(input.version, input.queues, input.current);
      case 'restoreAgent':
        return this.restoreAgent(input.record, input.agentId, nowMs);
      case 'restoreOffer':
        return this.restoreOffer(input.token, nowMs);
      case 'node':
        return this.nodeChanged(input.nodeId, input.up, nowMs);
      case 'advise':
        return advise(floor, input.request, input.holdMs, nowMs);
      case 'adviceUnused':
        return this.agentInput(input.agentId, { kind: 'adviceUnused', callId: input.callId }, nowMs);
      case 'tick':
        return;
      default:
        return unreachable(input);
    }
  }

  private onDue(item: Due, nowMs: number): void {
    const { floor } = this;
    if (item.kind === 'call') {
      if (floor.calls.get(item.request.callId) === item) wait(floor, item, nowMs);
    } else if (item.kind === 'signature') {
      endGrace(floor, item, nowMs);
    } else {
      this.agentDue(item, nowMs);
    }
  }

  private agentDue(slot: Slot, nowMs: number): void {
    const { floor } = this;
    if (slot.watched) expireOffer(floor, slot, nowMs);
    const { wrapUpUntilMs } = slot;
    const isWritten = slot.routing === 'wrapUp' && wrapUpUntilMs !== undefined && wrapUpUntilMs <= nowMs;
    if (isWritten) return this.tellAgent(slot, wrapUpEnded, nowMs);
    floor.refresh(slot, nowMs);
    matchAgent(floor, slot, nowMs);
  }

  /** What follows from the step for others than those it was about. */
  private settle(nowMs: number): void {
    const { floor } = this;
    if (floor.readied.size > 0) {
      for (const slot of floor.readied) matchAgent(floor, slot, nowMs);
      floor.readied.clear();
    }
    if (floor.moved.size === 0) return;
    if (floor.excluding.size > 0) readmit(floor, nowMs);
    if (floor.book.leavesEmpty) watchAll(floor, nowMs);
    for (const slot of floor.moved) {
      if (slot.isLeaving && isAtRest(slot)) this.remove(slot);
    }
    floor.moved.clear();
  }

  /** While a phone rang for it nobody looked whether anybody is left for the call. */
  private offerEnded({ token, outcome }: Extract<RoutingInput, { kind: 'offerEnded' }>, nowMs: number): void {
    const { floor } = this;
    offerEnded(floor, token, outcome, nowMs);
    if (!floor.book.leavesEmpty) return;
    const signature = floor.calls.get(token.callId)?.signature;
    if (signature) watchEmptiness(floor, signature, nowMs);
  }

  private talkEnded(input: Extract<RoutingInput, { kind: 'talkEnded' }>, nowMs: number): void {
    const { floor } = this;
    const slot = this.slotOf(input.agentId);
    if (!slot) return;
    const policy = floor.book.find(input.policyVersion, input.queueId)?.policy;
    const wrapUpMs = policy && input.outcome === 'talked' ? wrapUpMsOf(policy) : 0;
    const restMs = Math.max(faultCooldownMinMs, policy?.cooldownMs.unreachable ?? 0);
    const cooldownMs = input.outcome === 'dropped' ? restMs : 0;
    const { callId } = input;
    const wrapUpMaxMs = policy?.wrapUp?.kind === 'extendable' ? policy.wrapUp.maxMs : undefined;
    const hasEnded = floor.change(slot, { kind: 'talkEnded', callId, wrapUpMs, wrapUpMaxMs, cooldownMs }, nowMs);
    if (!hasEnded) floor.stats.endsOfNoTalk += 1;
    matchAgent(floor, slot, nowMs);
  }

  private agentInput(agentId: string, input: AgentInput, nowMs: number): void {
    const slot = this.slotOf(agentId);
    if (slot) this.tellAgent(slot, input, nowMs);
  }

  private tellAgent(slot: Slot, input: AgentInput, nowMs: number): void {
    const { floor } = this;
    const { offer, device, callId } = slot;
    const isChanged = floor.change(slot, input, nowMs);
    if (offer && (input.kind === 'signOut' || isOnAnotherCall(slot, device))) {
      floor.outputs.push({ kind: 'withdraw', token: offer });
    }
    if (input.kind === 'wrapUpEnded' && isChanged && callId !== undefined) {
      floor.outputs.push({ kind: 'wrapUpEnded', agentId: slot.id, callId });
    }
    if (slot.isLeaving) floor.moved.add(slot);
    matchAgent(floor, slot, nowMs);
  }

  private agentProfile({ profile, phones }: Extract<RoutingInput, { kind: 'agentProfile' }>, nowMs: number): void {
    const { floor } = this;
    const { crowd, signatures } = floor;
    const known = crowd.get(profile.id);
    if (known) {
      crowd.reprofile(known, profile, nowMs, phones);
      known.isLeaving = false;
    } else if (crowd.add(profile, nowMs)) {
      signatures.rebuild();
    }
    const slot = known ?? crowd.get(profile.id);
    if (!slot) return;
    signatures.reprofile(slot, true);
    floor.refresh(slot, nowMs);
    floor.outputs.push(slot.changed);
    floor.moved.add(slot);
    matchAgent(floor, slot, nowMs);
  }

  private agentRemoved(agentId: string, nowMs: number): void {
    const slot = this.slotOf(agentId);
    if (!slot) return;
    slot.isLeaving = true;
    this.agentInput(agentId, { kind: 'signOut' }, nowMs);
  }

  private remove(slot: Slot): void {
    const { floor } = this;
    floor.due.agents.remove(slot.place);
    floor.signatures.reprofile(slot, false);
    floor.forgetTurns(slot.place);
    floor.crowd.remove(slot);
  }

  private restoreAgent(record: AgentRecord, agentId: string, nowMs: number): void {
    const { floor } = this;
    const slot = this.slotOf(agentId);
    if (!slot) return;
    slot.become(restoredAgent(slot, record), nowMs);
    const { watched } = slot;
    if (watched && !sameOffer(slot.offer, watched)) withdraw(floor, watched, nowMs);
    floor.refresh(slot, nowMs);
    matchAgent(floor, slot, nowMs);
  }

  /** An offer of an earlier life of the server whose phone was answered while we were away. */
  private restoreOffer(token: OfferToken, nowMs: number): void {
    const { floor } = this;
    const call = floor.calls.get(token.callId);
    const slot = floor.crowd.get(token.agentId);
    if (call?.offer || !slot) return;
    if (slot.routing === 'offered' && !sameOffer(slot.offer, token)) return;
    if (!call && slot.routing !== 'idle') return;
    if (call) {
      floor.lift(call);
      hold(call, token);
    }
    floor.change(slot, { kind: 'offered', token }, nowMs);
  }

  private nodeChanged(nodeId: string, isUp: boolean, nowMs: number): void {
    const { floor } = this;
    const wasUp = !floor.signatures.isClosed(nodeId);
    if (isUp === wasUp) return;
    floor.signatures.closeNode(nodeId, !isUp);
    if (!isUp) return;
    const there = [...floor.calls.values()].filter(({ request }) => request.nodeId === nodeId);
    for (const call of inOrder(there, nowMs)) {
      if (call.progress.overdue && floor.isOpen(call)) overflow(floor, call);
      else serve(floor, call, nowMs);
      if (call.signature) watchEmptiness(floor, call.signature, nowMs);
    }
  }

  private slotOf(agentId: string): Slot | undefined {
    const slot = this.floor.crowd.get(agentId);
    if (!slot) this.floor.stats.unknownAgents += 1;
    return slot;
  }
}
