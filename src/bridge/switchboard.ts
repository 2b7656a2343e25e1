import type { AgentProfile, AgentRecord } from '../agents/index.ts';
import {
  type ArrivalFact,
  arrive,
  type Call,
  type CallEffect,
  type CallInput,
  type CallPolicy,
  type CallStep,
  type CommandResult,
  callIdPrefix,
  type DeviceFact,
  type EntryPolicy,
  type PbxCommand,
  type PbxFact,
  type PbxSnapshot,
  reduceCall,
} from '../call/index.ts';
import { type Clock, errorText, type Logger, type Timer } from '../kernel/index.ts';
import { type QueuePolicy, RoutingEngine } from '../routing/index.ts';
import { CallRegistry } from './call-registry.ts';
import { Mailboxes } from './mailboxes.ts';
import type { CustomerLookup, DevicePort, Journal, LinkChange, PbxPort } from './ports.ts';
import { reconcile } from './reconcile.ts';
import { Recorder } from './recorder.ts';
import { RoutingDesk, routingRequest } from './routing-desk.ts';

export interface SwitchboardOptions {
  readonly tenant: string;
  readonly entries: readonly EntryPolicy[];
  readonly queues: readonly QueuePolicy[];
  readonly agents: readonly AgentProfile[];
  readonly transferContext: string;
  /** An agent whose leg ends so soon after the join has dropped the caller. */
  readonly dropGraceMs: number;
  /** Live calls at most; more are sent to their entry's fallback. */
  readonly callsMax: number;
  readonly pbxs: readonly PbxPort[];
  readonly devices: readonly DevicePort[];
  readonly lookup: CustomerLookup;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly logger: Logger;
  /** Told how long a message of the PBX took to be decided and its requests sent, microseconds. */
  readonly onDecision?: (tookUs: number) => void;
}

const unroutableEntry: EntryPolicy = {
  id: 'none',
  number: '*',
  queueId: '',
  answer: 'withAgent',
  greeting: [],
  greetingMaxMs: 0,
  priority: 0,
  needs: {},
  blacklisted: { kind: 'hangup' },
  fallback: { kind: 'hangup' },
};

/** Counts of what should not happen often; shown as metrics. */
export interface SwitchboardStats {
  factsForNobody: number;
  strayLegsHungUp: number;
  commandsFailed: number;
  defects: number;
}

/**
 * Joins the pure core to the world: facts of the PBX go to the mailbox of their call, what the reducer asks for is
 * carried out, what it tells is written to the journal. Nothing here waits on anything but the PBX.
 */
export class Switchboard {
  readonly calls = new CallRegistry();
  readonly desk: RoutingDesk;
  readonly recorder: Recorder;
  readonly stats: SwitchboardStats = { factsForNobody: 0, strayLegsHungUp: 0, commandsFailed: 0, defects: 0 };
  draining = false;
  private readonly options: SwitchboardOptions;
  private readonly entriesById: ReadonlyMap<string, EntryPolicy>;
  private readonly entriesByNumber: ReadonlyMap<string, EntryPolicy>;
  private readonly queuesById: ReadonlyMap<string, QueuePolicy>;
  private readonly pbxs: ReadonlyMap<string, PbxPort>;
  private readonly mailboxes = new Mailboxes((callId, input) => this.deliver(callId, input));
  private readonly greetingTimers = new Map<string, Timer>();
  private readonly linkStates = new Map<string, LinkChange['state']>();
  private readonly fresh = new Set<string>();
  private readonly replacedNodes = new Set<string>();

  constructor(options: SwitchboardOptions) {
    this.options = options;
    this.entriesById = new Map(options.entries.map((entry) => [entry.id, entry]));
    this.entriesByNumber = new Map(options.entries.map((entry) => [entry.number, entry]));
    this.queuesById = new Map(options.queues.map((queue) => [queue.id, queue]));
    this.pbxs = new Map(options.pbxs.map((pbx) => [pbx.nodeId, pbx]));
    this.recorder = new Recorder(options.journal, (entryId) => this.entriesById.get(entryId)?.priority ?? 0);
    const { queues, agents, clock, newId } = options;
    const engine = new RoutingEngine({ epoch: newId(), queues, agents, nowMs: clock.nowMs() });
    this.desk = new RoutingDesk(engine, clock, {
      post: (callId, input) => this.mailboxes.post(callId, input),
      hold: (work) => this.mailboxes.hold(work),
      agentChanged: (agentId) => this.agentChanged(agentId),
      queueFigures: (figures) =>
        this.recorder.event('queue.stats.v1', `queue/${figures.id}`, clock.nowMs(), { queue: { ...figures } }),
    });
  }

  /** Reads back what the store kept, then begins to listen to the PBX. Calls go on when their node has been seen. */
  async start(): Promise<void> {
    for (const pbx of this.options.pbxs) {
      this.desk.step({ kind: 'node', nodeId: pbx.nodeId, up: false });
      pbx.onFact((fact) => this.onFact(fact));
      pbx.onSnapshot((snapshot) => this.onSnapshot(snapshot));
      pbx.onLink((change) => this.onLink(change));
    }
    for (const device of this.options.devices) {
      device.onFact((fact) => this.onDeviceFact(fact));
      device.onLink((change) => this.onLink(change));
    }
    await this.restore();
    for (const link of [...this.options.pbxs, ...this.options.devices]) link.start();
  }

  post(callId: string, input: CallInput): void {
    this.mailboxes.post(callId, input);
  }

  /** Whether the call-control link of a node stands, for readiness. */
  linkState(nodeId: string): LinkChange['state'] {
    return this.linkStates.get(nodeId) ?? 'down';
  }

  /** Takes no new calls and sends the waiting ones to their fallback; who talks goes on talking. */
  drain(): void {
    this.draining = true;
    const atMs = this.options.clock.nowMs();
    for (const call of [...this.calls.all()]) this.post(call.id, { kind: 'draining', atMs });
  }

  async stop(): Promise<void> {
    this.desk.stop();
    for (const timer of this.greetingTimers.values()) timer.cancel();
    await Promise.all([...this.options.pbxs, ...this.options.devices].map((link) => link.stop()));
  }

  private async restore(): Promise<void> {
    for (const { kind, id, state } of await this.options.journal.load()) {
      if (state === null) continue;
      if (kind === 'call') this.restoreCall(state as Call);
      else this.restoreAgent(id, state as AgentRecord);
    }
  }

  private restoreCall(call: Call): void {
    this.calls.add(call);
    this.fresh.add(call.id);
  }

  /** Offers are made anew after a restart; conversations and wrap-ups go on. */
  private restoreAgent(agentId: string, record: AgentRecord): void {
    const { offer: _offer, callId: _callId, ...rest } = record;
    const restored: AgentRecord = record.routing === 'offered' ? { ...rest, routing: 'idle' } : record;
    this.desk.step({ kind: 'restoreAgent', agentId, record: restored });
  }

  private onFact(fact: PbxFact): void {
    const startedAt = performance.now();
    if (this.replacedNodes.has(fact.nodeId)) return;
    this.mailboxes.hold(() => (fact.kind === 'legArrived' ? this.onArrival(fact) : this.toOwner(fact)));
    this.options.onDecision?.((performance.now() - startedAt) * 1000);
  }

  private onArrival(fact: ArrivalFact): void {
    if (this.calls.ownerOf(fact.legId) !== undefined) return;
    const id = `${callIdPrefix}${this.options.newId()}`;
    const entry = this.entryFor(fact);
    const step = arrive(id, fact, this.policyFor(entry));
    this.calls.add(step.call);
    this.settle(step, fact.atMs);
    const full = this.calls.size > this.options.callsMax;
    if (this.draining || full) this.post(id, { kind: 'draining', atMs: fact.atMs });
    else if (!this.queuesById.has(entry.queueId)) {
      this.post(id, { kind: 'overflowed', target: entry.fallback, reason: 'noQueue', atMs: fact.atMs });
    }
  }

  /** `Stasis(app,<entry or number>)` names the entry; otherwise the number dialled does, otherwise `*`. */
  private entryFor(fact: ArrivalFact): EntryPolicy {
    const asked = fact.args[0];
    return (
      (asked === undefined ? undefined : (this.entriesById.get(asked) ?? this.entriesByNumber.get(asked))) ??
      this.entriesByNumber.get(fact.dialledNumber) ??
      this.entriesByNumber.get('*') ??
      unroutableEntry
    );
  }

  private toOwner(fact: PbxFact): void {
    const pbxId = 'legId' in fact ? fact.legId : 'playbackId' in fact ? fact.playbackId : fact.bridgeId;
    const callId = this.calls.ownerOf(pbxId);
    if (callId !== undefined) return this.post(callId, { kind: 'pbx', fact, atMs: fact.atMs });
    this.stats.factsForNobody += 1;
    const isOurs = pbxId.startsWith(callIdPrefix);
    if (isOurs && (fact.kind === 'legEntered' || fact.kind === 'legAnswered')) {
      // A leg of ours whose call is over: nobody would ever hang it up.
      this.stats.strayLegsHungUp += 1;
      this.send(fact.nodeId, pbxId, { kind: 'hangup', legId: pbxId, reason: 'normal' });
    }
  }

  private deliver(callId: string, input: CallInput): void {
    const call = this.calls.get(callId);
    if (!call) return this.deliverToNobody(input);
    try {
      const step = reduceCall(call, input, this.policyFor(this.entriesById.get(call.entryId) ?? unroutableEntry));
      if (step.call !== call || step.effects.length > 0) this.settle(step, input.atMs);
    } catch (error) {
      // A defect of ours must not take the other calls with it.
      this.stats.defects += 1;
      this.options.logger.error({ callId, input: input.kind, error: errorText(error) }, 'call input failed');
    }
  }

  /** The call ended while routing decided: the agent must not stay reserved. */
  private deliverToNobody(input: CallInput): void {
    if (input.kind === 'offered') this.desk.step({ kind: 'offerEnded', token: input.token, outcome: 'callerLeft' });
  }

  private settle(step: CallStep, atMs: number): void {
    const { call } = step;
    this.calls.update(call);
    for (const effect of step.effects) this.carryOut(call, effect);
    this.recorder.callStep(step, atMs);
    this.logDecisions(step);
    if (call.phase === 'ended') this.forget(call);
  }

  private carryOut(call: Call, effect: CallEffect): void {
    switch (effect.kind) {
      case 'pbx':
        return this.command(call, effect.command);
      case 'lookup':
        return this.lookUp(call);
      case 'watchGreeting':
        return this.watchGreeting(call.id, effect.maxMs);
      case 'enqueue':
      case 'reassess':
        return this.desk.step({ kind: effect.kind, request: routingRequest(call, this.entryOf(call)) });
      case 'leaveQueue':
        return this.desk.step({ kind: 'leave', callId: call.id });
      case 'offerAnswered':
        return this.desk.step({ kind: 'offerAnswered', token: effect.token });
      case 'offerEnded':
        return this.desk.step({ kind: 'offerEnded', token: effect.token, outcome: effect.outcome });
      case 'talkEnded':
        return this.desk.step({ ...effect, callId: call.id, queueId: call.queueId ?? '' });
    }
  }

  private command(call: Call, command: PbxCommand): void {
    if (command.kind === 'dial') this.calls.own(command.legId, call.id);
    this.send(call.nodeId, call.id, command, (result) => {
      const atMs = this.options.clock.nowMs();
      if (!result.ok) this.post(call.id, { kind: 'commandFailed', command, failure: result.failure, atMs });
      else if (command.kind === 'join') this.post(call.id, { kind: 'joined', legIds: command.legIds, atMs });
    });
  }

  private send(nodeId: string, callId: string, command: PbxCommand, then?: (result: CommandResult) => void): void {
    const pbx = this.pbxs.get(nodeId);
    if (!pbx || this.replacedNodes.has(nodeId)) return then?.({ ok: false, failure: 'unavailable' });
    void pbx.send(callId, command).then((result) => {
      if (!result.ok) this.stats.commandsFailed += 1;
      then?.(result);
    });
  }

  private lookUp(call: Call): void {
    const { lookup, tenant, clock } = this.options;
    const { id: callId, callerNumber, dialledNumber } = call;
    lookup.lookup(
      { callId, tenant, callerNumber, dialledNumber },
      (result) => this.post(callId, { kind: 'customerFound', result, late: false, atMs: clock.nowMs() }),
      (result) => this.post(callId, { kind: 'customerFound', result, late: true, atMs: clock.nowMs() }),
    );
  }

  private watchGreeting(callId: string, maxMs: number): void {
    const timer = this.options.clock.after(maxMs, () => {
      this.greetingTimers.delete(callId);
      this.post(callId, { kind: 'greetingOverdue', atMs: this.options.clock.nowMs() });
    });
    this.greetingTimers.set(callId, timer);
  }

  private forget(call: Call): void {
    this.calls.remove(call);
    this.fresh.delete(call.id);
    this.greetingTimers.get(call.id)?.cancel();
    this.greetingTimers.delete(call.id);
  }

  private agentChanged(agentId: string): void {
    const agent = this.desk.engine.agent(agentId);
    if (agent) this.recorder.agent(agent, this.options.clock.nowMs());
  }

  private onDeviceFact(fact: DeviceFact): void {
    if (fact.kind === 'pbxStarted' && fact.restarted) {
      this.recorder.event('pbx.restarted.v1', `node/${fact.nodeId}`, fact.atMs, { nodeId: fact.nodeId });
    }
    if (fact.kind !== 'deviceStateChanged') return;
    for (const { profile } of [...this.desk.engine.allAgents()]) {
      const here = profile.nodeId === undefined || profile.nodeId === fact.nodeId;
      if (here && profile.endpoint === fact.device) {
        this.desk.agentInput(profile.id, { kind: 'deviceChanged', state: fact.state });
      }
    }
  }

  private onLink(change: LinkChange): void {
    const { nodeId, link, state, atMs } = change;
    const key = link === 'ari' ? nodeId : `${nodeId}/${link}`;
    const before = this.linkStates.get(key);
    this.linkStates.set(key, state);
    if (state === before) return;
    const subject = `node/${nodeId}`;
    if (state === 'up') {
      if (before !== undefined) this.recorder.event('pbx.link.restored.v1', subject, atMs, { nodeId, link });
      return;
    }
    const code = change.code ?? `${link}.${state}`;
    this.options.logger.warn({ nodeId, link, code }, 'link to the PBX is down');
    if (before !== undefined || state === 'replaced') {
      this.recorder.event('pbx.link.lost.v1', subject, atMs, { nodeId, link, code });
    }
    if (link === 'ami') return this.forgetDevices(nodeId);
    this.desk.step({ kind: 'node', nodeId, up: false });
    if (state === 'replaced') this.stepBack(nodeId);
  }

  /** Phones whose state nobody tells us any more count as unknown, so that nobody is stuck as busy. */
  private forgetDevices(nodeId: string): void {
    for (const { profile } of [...this.desk.engine.allAgents()]) {
      if (profile.nodeId !== undefined && profile.nodeId !== nodeId) continue;
      this.desk.agentInput(profile.id, { kind: 'deviceChanged', state: 'unknown' });
    }
  }

  /** Another server owns the node's calls now: we forget them without a word to the PBX or the log. */
  private stepBack(nodeId: string): void {
    this.replacedNodes.add(nodeId);
    for (const call of [...this.calls.all()]) {
      if (call.nodeId !== nodeId) continue;
      this.desk.step({ kind: 'leave', callId: call.id });
      this.forget(call);
    }
  }

  private onSnapshot(snapshot: PbxSnapshot): void {
    const { nodeId, atMs } = snapshot;
    const known = [...this.calls.all()].filter((call) => call.nodeId === nodeId);
    const result = reconcile(known, snapshot, this.fresh);
    this.recorder.reconciling = true;
    for (const call of result.adopted) {
      this.calls.add(call);
      this.recorder.callState(call);
      if (call.talk) this.restoreTalk(call, call.talk.agentId, atMs);
      else this.post(call.id, { kind: 'recovered', atMs });
    }
    for (const call of result.revived) this.reviveOffer(call);
    for (const { callId, input } of result.inputs) this.post(callId, input);
    for (const call of known) this.fresh.delete(call.id);
    this.freeStuckAgents(nodeId, known, atMs);
    this.recorder.reconciling = false;
    for (const command of result.sweep) this.send(nodeId, 'sweep', command);
    for (const fact of result.arrivals) this.onFact(fact);
    const { kept, ended } = result;
    const counts = { kept, ended, adopted: result.adopted.length, swept: result.sweep.length };
    this.options.logger.info({ nodeId, ...counts, arrivals: result.arrivals.length }, 'compared with the PBX');
    this.recorder.event('pbx.reconciled.v1', `node/${nodeId}`, atMs, { nodeId, ...counts });
    this.desk.step({ kind: 'node', nodeId, up: true });
  }

  private restoreTalk(call: Call, agentId: string, atMs: number): void {
    const agent = this.desk.engine.agent(agentId);
    if (!agent) return;
    const { profile: _profile, device: _device, ...record } = agent;
    const talking: AgentRecord = {
      ...record,
      presence: agent.presence === 'signedOut' ? 'available' : agent.presence,
      routing: 'talking',
      callId: call.id,
      sinceMs: atMs,
    };
    this.desk.step({ kind: 'restoreAgent', agentId, record: talking });
  }

  private reviveOffer(call: Call): void {
    if (!call.offer) return;
    this.desk.step({ kind: 'enqueue', request: routingRequest(call, this.entryOf(call)) });
    this.desk.step({ kind: 'restoreOffer', token: call.offer.token });
  }

  /** An agent in conversation with a call that is not there, or a call in wrap-up whose agent is not, is let go. */
  private freeStuckAgents(nodeId: string, known: readonly Call[], atMs: number): void {
    for (const agent of [...this.desk.engine.allAgents()]) {
      if (agent.routing !== 'talking' || agent.callId === undefined) continue;
      if (this.calls.get(agent.callId)?.talk?.agentId === agent.profile.id) continue;
      this.desk.step({
        kind: 'talkEnded',
        agentId: agent.profile.id,
        callId: agent.callId,
        queueId: '',
        outcome: 'callerLeft',
      });
    }
    for (const call of known) {
      const agentId = call.talk?.agentId;
      if (call.nodeId !== nodeId || call.phase !== 'wrapUp' || agentId === undefined) continue;
      const agent = this.desk.engine.agent(agentId);
      if (agent?.routing !== 'wrapUp' || agent.callId !== call.id) {
        this.post(call.id, { kind: 'wrapUpEnded', agentId, atMs });
      }
    }
  }

  private logDecisions({ call, events }: CallStep): void {
    for (const { event } of events) {
      if (event.type === 'call.offered.v1') {
        const { agentId, attempt, explanation } = event;
        const { rule, waitedMs, considered } = explanation;
        this.options.logger.info({ callId: call.id, agentId, attempt, rule, waitedMs, considered }, 'offered');
      } else if (event.type === 'call.offer.ended.v1') {
        const { agentId, attempt, outcome } = event;
        this.options.logger.info({ callId: call.id, agentId, attempt, outcome }, 'offer ended');
      } else if (event.type === 'call.overflowed.v1') {
        this.options.logger.info({ callId: call.id, target: event.target, reason: event.reason }, 'overflowed');
      } else if (event.type === 'call.ended.v1') {
        const { reason, waitedMs, talkMs } = event;
        this.options.logger.info({ callId: call.id, reason, waitedMs, talkMs }, 'ended');
      }
    }
  }

  entryOf(call: Call): EntryPolicy {
    return this.entriesById.get(call.entryId) ?? unroutableEntry;
  }

  private policyFor(entry: EntryPolicy): CallPolicy {
    const { transferContext, dropGraceMs } = this.options;
    return { entry, transferContext, dropGraceMs, queue: (queueId) => this.careOf(queueId) };
  }

  private careOf(queueId: string): { musicClass: string; wrapUpMs: number } {
    return this.queuesById.get(queueId) ?? { musicClass: 'default', wrapUpMs: 0 };
  }
}
