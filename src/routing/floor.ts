import type { Agent, AgentInput, AgentProfile } from '../agents/index.ts';
import { countBoth, hasBit } from './bits.ts';
import { Calls } from './calls.ts';
import { Crowd } from './crowd.ts';
import { isAtWork } from './eligibility.ts';
import { Line } from './line.ts';
import { Outputs } from './outputs.ts';
import type { QueuePolicy } from './policy.ts';
import type { RoutingRequest } from './request.ts';
import { RuleBook } from './rules.ts';
import { Signatures } from './signatures.ts';
import type { Signature } from './signature.ts';
import type { Slot } from './slot.ts';
import { type RoutingStats, newStats } from './stats.ts';
import { Timers } from './timers.ts';
import { nobody, progressOf, WaitingCall } from './waiting-call.ts';

export interface FloorOptions {
  /** Names this life of the server in offer tokens. */
  readonly epoch: string;
  readonly queues: readonly QueuePolicy[];
  readonly agents: readonly AgentProfile[];
  readonly nowMs: number;
  /** Names the rules in `queues`; absent: `1`. */
  readonly version?: string | undefined;
}

/** As many come while as many go. */
const usedMax = 1024;

export type Due = WaitingCall | Slot | Signature;

/** Who works and who waits, and the small changes that keep both consistent and told. Owned by the engine. */
export class Floor {
  readonly epoch: string;
  readonly book: RuleBook;
  readonly crowd = new Crowd();
  readonly calls = new Calls();
  readonly signatures = new Signatures(this.crowd, this.calls);
  readonly due = new Timers();
  readonly stats: RoutingStats = newStats();
  private readonly lines = new Map<string, Line>();
  private sequence = 0;
  /** Calls that are over, for those to come: the collector would copy each new one twice. */
  private readonly used: WaitingCall[] = [];
  readonly outputs = new Outputs();
  /** Calls that somebody declined or let ring. */
  readonly excluding = new Set<WaitingCall>();
  /** Who may have come free in this step. */
  readonly readied = new Set<Slot>();
  /** Who came to work or went in this step: who leaves others out, or waits for anybody at all, must look again. */
  readonly moved = new Set<Slot>();

  constructor({ epoch, queues, agents, nowMs, version = '1' }: FloorOptions) {
    this.epoch = epoch;
    this.book = new RuleBook(version, queues);
    for (const profile of agents) this.crowd.add(profile, nowMs);
  }

  lineOf(queueId: string): Line {
    let line = this.lines.get(queueId);
    if (!line) {
      line = new Line(queueId, this.calls.inLine);
      this.lines.set(queueId, line);
    }
    return line;
  }

  /** Whether somebody may be looked for: not offered, not on its way elsewhere, and within our reach. */
  isOpen(call: WaitingCall): boolean {
    return this.isInHeap(call) && !this.signatures.isClosed(call.request.nodeId);
  }

  /** How long a call may wait in its queue. Who was dropped by an agent is not sent away for the wait before. */
  maxWaitMs({ request: { outbound, returned, queueEnteredAtMs }, rules }: WaitingCall): number {
    const maxMs = outbound?.waitMaxMs ?? rules.policy.maxWaitMs;
    return returned && queueEnteredAtMs !== undefined ? 2 * maxMs : maxMs;
  }

  /** The call that a request makes, in no line yet; undefined when there is no such queue. */
  callFor(request: RoutingRequest, nowMs: number): WaitingCall | undefined {
    const rules = this.book.find(request.policyVersion, request.queueId);
    if (!rules) return undefined;
    const line = this.lineOf(request.queueId);
    this.sequence += 1;
    const used = this.used.pop();
    if (!used) return new WaitingCall(request, rules, line, this.sequence, nowMs);
    used.begin(request, rules, line, this.sequence, nowMs);
    return used;
  }

  admit(call: WaitingCall): void {
    const { line } = call;
    this.calls.add(call);
    line.add(call);
    this.outputs.push(line.changed);
  }

  /** Who takes over a place has not been asked yet. */
  forgetTurns(place: number): void {
    for (const line of this.lines.values()) line.forget(place);
  }

  forget(call: WaitingCall): void {
    const { line, signature } = call;
    this.lift(call);
    if (call.progress.declined.size > 0) this.excluding.delete(call);
    this.due.calls.remove(call.number);
    if (signature) this.signatures.release(signature);
    call.signature = undefined;
    line.remove(call);
    this.calls.remove(call);
    if (this.used.length < usedMax) this.used.push(call);
    this.outputs.push(line.changed);
  }

  /** Takes out who or what is due first. */
  takeDue(nowMs: number): Due | undefined {
    if (!this.due.isDue(nowMs)) return undefined;
    const { earliestMs: atMs, agents, calls, signatures } = this.due;
    if (agents.nextAtMs === atMs) return this.crowd.at(agents.take());
    if (calls.nextAtMs === atMs) return this.calls.at(calls.take());
    return this.signatures.at(signatures.take()) ?? this.takeDue(nowMs);
  }

  /** Puts a call where agents find it who may take it now, or takes it to another place when its wishes or its order changed. */
  place(call: WaitingCall): void {
    this.lift(call);
    const before = call.signature;
    const signature = this.signatures.ofCall(call, this.book);
    if (signature !== before) {
      this.signatures.use(signature);
      if (before) this.leave(before, signature);
      call.signature = signature;
    }
    if (call.progress.declined.size > 0) this.leaveOut(call);
    if (!call.offer && !call.progress.passedOn) this.signatures.put(signature, call);
  }

  /** A call asks for less, or for others: that nobody has been there for it stays so. */
  private leave(before: Signature, after: Signature): void {
    const { emptySinceMs } = before;
    if (emptySinceMs !== undefined) after.emptySinceMs = Math.min(emptySinceMs, after.emptySinceMs ?? emptySinceMs);
    this.signatures.release(before);
  }

  /** Nobody is to find it for now. */
  lift(call: WaitingCall): void {
    if (call.signature && this.isInHeap(call)) this.signatures.take(call.signature, call);
  }

  private isInHeap({ number }: WaitingCall): boolean {
    return this.calls.inHeap.of(number) >= 0;
  }

  /** Who declined is left out, while that leaves somebody who is at work and fit for the call as it stands. */
  private leaveOut(call: WaitingCall): void {
    progressOf(call).excluded = this.hasOthers(call) ? call.progress.declined : nobody;
    this.excluding.add(call);
  }

  /** Whether somebody is at work and fit for the call who has not declined it. */
  hasOthers({ signature, progress: { declined } }: WaitingCall): boolean {
    if (!signature) return false;
    const atWork = this.crowd.atWorkFor(signature.freeKind);
    let leftOut = 0;
    for (const agentId of declined) {
      const slot = this.crowd.get(agentId);
      if (slot && hasBit(signature.agents, slot.place) && hasBit(atWork, slot.place)) leftOut += 1;
    }
    return countBoth(signature.agents, atWork, leftOut) > leftOut;
  }

  /** Says whether the input changed anything. */
  change(slot: Slot, input: AgentInput, nowMs: number): boolean {
    const before = isThere(slot);
    if (!slot.change(input, nowMs)) return false;
    this.refresh(slot, nowMs);
    if (slot.isLeaving || isThere(slot) !== before) this.moved.add(slot);
    this.outputs.push(slot.changed);
    return true;
  }

  /** Brings sets and timer up to what the agent is now. */
  refresh(slot: Slot, nowMs: number): void {
    this.crowd.refresh(slot, nowMs);
    this.due.agents.set(slot.place, slot.nextDueMs(this.crowd.reasonAt(slot.place), nowMs));
  }
}

/** Signed in, at work, and there for calls too: what empty rules and those who declined look at. */
const isThere = (agent: Agent): number =>
  agent.presence === 'signedOut' ? 0 : agent.presence !== 'available' ? 1 : isAtWork(agent) ? 3 : 2;
