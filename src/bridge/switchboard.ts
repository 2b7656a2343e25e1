import {
  type ArrivalFact,
  arrive,
  type Call,
  type CallInput,
  type CallPolicy,
  type CallStep,
  type CommandResult,
  callIdPrefix,
  type DeviceFact,
  type EntryPolicy,
  type OutboundOrder,
  type PbxCommand,
  type PbxFact,
  type QueueCare,
  placeCall,
  reduceCall,
} from '../call/index.ts';
import { type Clock, errorText, type Logger } from '../kernel/index.ts';
import { RoutingEngine, type RoutingRequest } from '../routing/index.ts';
import { AdvisedCalls } from './advised-calls.ts';
import type { Board } from './board.ts';
import { CallRegistry, strayLegOf } from './call-registry.ts';
import { CallTimers } from './call-timers.ts';
import { EffectRunner } from './effect-runner.ts';
import { forgetful, type LastAgentOptions, LastAgents } from './last-agents.ts';
import { type LinkListener, Links } from './links.ts';
import { Mailboxes } from './mailboxes.ts';
import { Phones } from './phones.ts';
import type {
  AfterCall,
  CheckPort,
  CustomerLookup,
  DevicePort,
  Journal,
  LinkChange,
  OutboundPort,
  PbxPort,
} from './ports.ts';
import { Recorder } from './recorder.ts';
import { Recovery } from './recovery.ts';
import { Redials } from './redials.ts';
import { type AroundStep, RoutingDesk, type RoutingDeskListener } from './routing-desk.ts';
import { type GivenRules, type House, RuleBooks, type RulesAtWork } from './rule-books.ts';
import { RuleDesk } from './rule-desk.ts';
import { WaitDesk } from './wait-desk.ts';

export interface SwitchboardOptions extends House, GivenRules {
  readonly tenant: string;
  /** Live calls at most; more are sent to their entry's fallback. */
  readonly callsMax: number;
  /** How it is remembered who talked with a number last; without it nobody is. */
  readonly lastAgent?: LastAgentOptions;
  readonly pbxs: readonly PbxPort[];
  readonly devices: readonly DevicePort[];
  readonly lookup: CustomerLookup;
  readonly journal: Journal;
  /** Without it every check of typed digits is unavailable. */
  readonly checks?: CheckPort | undefined;
  /** Without it nothing is dialled out. */
  readonly outbound?: OutboundPort;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly logger: Logger;
  /** What calls leave behind when they end. */
  readonly afterCall?: AfterCall | undefined;
  /** What the store kept of a change of rules that was under way; null when nothing. */
  readonly onKeptRules?: (kept: object | null) => void;
  /** Told of every change of a link. */
  readonly onLinkChange?: (change: LinkChange) => void;
  /** Runs the handling of one PBX message; a place to measure how long a decision takes. */
  readonly aroundFact?: (handle: () => void) => void;
  /** The same for one step of the routing engine. */
  readonly aroundStep?: AroundStep;
}

/** Counts of what should not happen often; shown as metrics. */
export interface SwitchboardStats {
  factsForNobody: number;
  strayLegsHungUp: number;
  defects: number;
}

/**
 * Joins the pure core to the world: facts of the PBX go to the mailbox of their call, what the reducer asks for is
 * carried out, what it tells is written to the journal. Nothing here waits on anything but the PBX.
 */
export class Switchboard implements Board, LinkListener {
  readonly calls = new CallRegistry();
  readonly advised = new AdvisedCalls();
  readonly books: RuleBooks;
  readonly lastAgents: LastAgents;
  readonly redials: Redials;
  readonly desk: RoutingDesk;
  readonly rules: RuleDesk;
  readonly recorder: Recorder;
  readonly stats: SwitchboardStats = { factsForNobody: 0, strayLegsHungUp: 0, defects: 0 };
  draining = false;
  private readonly options: SwitchboardOptions;
  private readonly links: Links;
  private readonly timers: CallTimers;
  private readonly mailboxes = new Mailboxes((callId, input) => this.deliver(callId, input));
  private readonly effects: EffectRunner;
  private readonly recovery: Recovery;
  private readonly phones: Phones;
  private readonly aroundFact: (handle: () => void) => void;

  constructor(options: SwitchboardOptions) {
    this.options = options;
    const { queues, agents, clock, newId } = options;
    const { journal, lastAgent = forgetful } = options;
    this.lastAgents = new LastAgents(lastAgent, journal, () => clock.nowMs());
    this.redials = new Redials(lastAgent.keyOf, journal);
    this.books = new RuleBooks(options, options, (number) => this.lastAgents.of(number));
    this.recorder = new Recorder(
      options.journal,
      (entryId) => this.books.current.entries.priorityOf(entryId),
      options.afterCall,
    );
    this.links = new Links({ ...options, recorder: this.recorder }, this);
    this.timers = new CallTimers(clock, (callId, timer) =>
      this.post(callId, { kind: 'timerFired', timer, atMs: clock.nowMs() }),
    );
    const engine = new RoutingEngine({
      epoch: newId(),
      queues,
      agents,
      nowMs: clock.nowMs(),
      version: this.books.first,
    });
    const listener: RoutingDeskListener = {
      post: (callId, input) => this.mailboxes.post(callId, input),
      hold: (work) => this.mailboxes.hold(work),
      agentChanged: (agentId) => this.agentChanged(agentId),
      phoneChanged: (agentId) => this.phones.changed(agentId),
      queueFigures: (figures) =>
        this.recorder.event('queue.stats.v1', `queue/${figures.id}`, clock.nowMs(), { queue: { ...figures } }),
      failed: (error) => this.failed('routing timer failed', { error: errorText(error) }),
    };
    this.desk = new RoutingDesk(engine, clock, listener, options.aroundStep);
    this.phones = new Phones(options, this.desk, clock, (agentId) => this.tellPhone(agentId));
    this.rules = new RuleDesk(this.books, this.desk, this.phones);
    this.effects = new EffectRunner({
      ...options,
      timers: this.timers,
      desk: this.desk,
      waits: new WaitDesk(this, clock),
      post: (callId, input) => this.post(callId, input),
      send: (nodeId, callId, command, then) => this.send(nodeId, callId, command, then),
      entryOf: (call) => this.entryOf(call),
      versionOf: (call) => this.books.versionOf(call),
      requestOf: (call) => this.requestOf(call),
    });
    this.recovery = new Recovery(this, options.logger);
    this.aroundFact = options.aroundFact ?? ((handle) => handle());
  }

  /** Reads back what the store kept, then begins to listen to the PBX. Calls go on when their node has been seen. */
  async start(): Promise<void> {
    for (const pbx of this.options.pbxs) {
      this.desk.step({ kind: 'node', nodeId: pbx.nodeId, up: false });
      pbx.onFact((fact) => this.onFact(fact));
      pbx.onBroadcast(({ dialledNumber }) => this.wants(dialledNumber));
      pbx.onSnapshot((snapshot) => this.recovery.onSnapshot(snapshot));
    }
    for (const device of this.options.devices) device.onFact((fact) => this.onDeviceFact(fact));
    await this.recovery.restore(this.options.journal, this.options.clock.nowMs());
    this.links.start();
  }

  restoreRules(kept: object | null): void {
    this.options.onKeptRules?.(kept);
  }

  post(callId: string, input: CallInput): void {
    this.mailboxes.post(callId, input);
  }

  /** A call goes out. False when there is no room for it, or the server is shutting down. */
  place(order: OutboundOrder): boolean {
    if (this.draining || this.calls.size >= this.options.callsMax) return false;
    const atMs = this.options.clock.nowMs();
    const rules = this.books.forNew(order.callId);
    const entry = rules.entries.byIdOrNone(order.entryId);
    this.mailboxes.hold(() => {
      const step = placeCall(order, this.books.policyFor(rules, entry, order.nodeId), atMs);
      this.calls.add(step.call);
      this.settle(step, atMs);
    });
    return true;
  }

  /** The state of the call-control link of a node. */
  linkState(nodeId: string): LinkChange['state'] {
    return this.links.state(nodeId);
  }

  /** Whether a call may be made on a node: it is in reach, and whoever is on the phone there would be seen. */
  mayDialOn(nodeId: string): boolean {
    return !this.draining && this.links.state(nodeId) === 'up' && this.links.seesPhones(nodeId);
  }

  /** Takes no new calls and sends the waiting ones to their fallback; who talks goes on talking. */
  drain(): void {
    this.draining = true;
    const atMs = this.options.clock.nowMs();
    for (const call of this.calls.all()) this.post(call.id, { kind: 'draining', atMs });
  }

  async stop(): Promise<void> {
    this.desk.stop();
    this.phones.stop();
    this.timers.stopAll();
    await this.links.stop();
  }

  onFact(fact: PbxFact): void {
    if (this.links.isReplaced(fact.nodeId)) return;
    this.aroundFact(() =>
      this.mailboxes.hold(() => (fact.kind === 'legArrived' ? this.onArrival(fact) : this.toOwner(fact))),
    );
  }

  /** Counts since the start, for the metrics. */
  figures(): Readonly<Record<string, number>> {
    return { ...this.stats, commandsFailed: this.links.commandsFailed, ...this.desk.impossible() };
  }

  newCallId(): string {
    return `${callIdPrefix}${this.options.newId()}`;
  }

  /** Whether we claim a call that several servers are offered: one for our numbers, that we have room for. */
  private wants(dialledNumber: string): boolean {
    const hasRoom = !this.draining && this.calls.size < this.options.callsMax;
    return hasRoom && this.books.current.entries.find(undefined, dialledNumber) !== undefined;
  }

  private onArrival(fact: ArrivalFact): void {
    if (this.calls.isHeld(fact.legId)) return;
    const id = this.advised.take(fact.nodeId, fact.legId, this.desk) ?? this.newCallId();
    const rules = this.books.forNew(id);
    const entry = rules.entries.of(fact);
    if (this.draining || this.calls.size >= this.options.callsMax) return this.turnAway(id, fact, entry, rules);
    const resumedMs = this.redials.take(fact.callerNumber, entry.id, fact.atMs);
    const step = arrive(id, fact, this.books.policyFor(rules, entry, fact.nodeId), resumedMs);
    this.calls.add(step.call);
    this.settle(step, fact.atMs);
    if (!rules.entries.hasQueue(entry.queueId)) {
      this.post(id, { kind: 'overflowed', target: entry.fallback, reason: 'noQueue', atMs: fact.atMs });
    }
  }

  /** A call that we have no room for goes to its fallback unanswered; neither the CRM nor the PBX is asked for more. */
  private turnAway(id: string, fact: ArrivalFact, entry: EntryPolicy, rules: RulesAtWork): void {
    const closed = { ...entry, answer: 'withAgent', greeting: [], hours: undefined, flow: undefined } as const;
    const step = arrive(id, fact, this.books.policyFor(rules, closed, fact.nodeId));
    this.calls.add(step.call);
    this.settle({ ...step, effects: [] }, fact.atMs);
    this.post(id, { kind: 'draining', atMs: fact.atMs });
  }

  private toOwner(fact: PbxFact): void {
    const callId = this.calls.ownerOfFact(fact);
    if (callId !== undefined) return this.post(callId, { kind: 'pbx', fact, atMs: fact.atMs });
    // A recording ends with the bridge, after the call that it was of.
    if (fact.kind === 'recordingEnded') return;
    this.stats.factsForNobody += 1;
    const legId = strayLegOf(fact);
    if (legId === undefined) return;
    this.stats.strayLegsHungUp += 1;
    this.send(fact.nodeId, legId, { kind: 'hangup', legId, reason: 'normal' });
  }

  private deliver(callId: string, input: CallInput): void {
    const call = this.calls.get(callId);
    if (!call) return this.deliverToNobody(input);
    try {
      const step = reduceCall(call, input, this.policyOf(call));
      if (step.call !== call || step.effects.length > 0) this.settle(step, input.atMs);
      // Back from an agent who dropped it: the queue is closed by now.
      if (this.draining && step.call !== call && step.call.phase === 'waiting')
        this.post(callId, { kind: 'draining', atMs: input.atMs });
    } catch (error) {
      this.failed('call input failed', { callId, input: input.kind, error: errorText(error) });
    }
  }

  /** A defect of ours must not take the other calls with it, nor go by in silence. */
  private failed(what: string, about: object): void {
    this.stats.defects += 1;
    this.options.logger.error(about, what);
  }

  /** The call ended while routing decided: the agent must not stay reserved, nor anybody be looked for again. */
  private deliverToNobody(input: CallInput): void {
    if (input.kind !== 'offered') return;
    this.desk.step({ kind: 'leave', callId: input.token.callId });
    this.desk.step({ kind: 'offerEnded', token: input.token, outcome: 'callerLeft' });
  }

  private settle(step: CallStep, atMs: number): void {
    const { call } = step;
    this.calls.update(call);
    for (const effect of step.effects) this.effects.run(call, effect);
    this.recorder.callStep(step, atMs);
    if (this.books.askForLastAgent) this.lastAgents.note(step);
    if (call.phase !== 'ended') return;
    if (call.endReason === 'abandoned') this.redials.note(call, this.careOf(call), atMs);
    this.forget(call);
  }

  endWrapUpOfNobody(call: Call, agentId: string): void {
    this.effects.endWrapUpOfNobody(call, agentId);
  }

  /** Resolves when the PBX has answered everything asked of it so far. */
  settled(): Promise<void> {
    return this.links.settled();
  }

  send(nodeId: string, callId: string, command: PbxCommand, then?: (result: CommandResult) => void): void {
    this.links.send(nodeId, callId, command, then);
  }

  private forget(call: Call): void {
    this.calls.remove(call);
    this.recovery.forget(call, this.options.clock.nowMs());
    this.timers.forget(call.id);
  }

  agentChanged(agentId: string): void {
    const agent = this.desk.engine.agent(agentId);
    if (!agent) return;
    this.phones.told(agentId);
    this.recorder.agent(agent, this.options.clock.nowMs());
  }

  profileChanged(agentId: string): void {
    this.rules.skillsGiven(agentId);
  }

  private tellPhone(agentId: string): void {
    const agent = this.desk.engine.agent(agentId);
    if (agent) this.recorder.agentEvent(agent, this.options.clock.nowMs());
  }

  private onDeviceFact(fact: DeviceFact): void {
    if (fact.kind === 'deviceStateChanged') return this.phones.onFact(fact);
    if (fact.kind === 'pbxStarted' && fact.restarted) {
      this.recorder.event('pbx.restarted.v1', `node/${fact.nodeId}`, fact.atMs, { nodeId: fact.nodeId });
    }
  }

  devicesLost(nodeId: string): void {
    this.phones.forget(nodeId);
  }

  controlLost(nodeId: string, atMs: number, replaced: boolean): void {
    this.desk.step({ kind: 'node', nodeId, up: false });
    this.recovery.linkLost(nodeId, atMs);
    if (replaced) this.stepBack(nodeId);
  }

  /** Another server owns the node's calls now: we forget them without a word to the PBX or the log. */
  private stepBack(nodeId: string): void {
    for (const call of this.calls.all()) {
      if (call.nodeId !== nodeId) continue;
      this.desk.step({ kind: 'leave', callId: call.id });
      this.forget(call);
    }
    this.recovery.freeStuckAgents();
  }

  /** What the config says of the queue of this call. */
  careOf(call: Call, queueId = call.queueId ?? ''): QueueCare {
    return this.policyOf(call).queue(queueId);
  }

  /** What the config says of this call. */
  policyOf(call: Call): CallPolicy {
    return this.books.policyOf(call);
  }

  entryOf(call: Call): EntryPolicy {
    return this.books.entryOf(call);
  }

  /** What a call asks of routing now, with what its rules make of it. */
  requestOf(call: Call, queueId = call.queueId ?? ''): RoutingRequest {
    return this.books.requestOf(call, queueId, this.options.clock.nowMs());
  }
}
