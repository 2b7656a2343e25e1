import { type CallBook, nameOf } from './book.ts';
import type { MirroredCall } from './call.ts';
import { MirroredCalls } from './calls.ts';
import type { CallerLeg, QueueFact, QueueSnapshot } from './facts.ts';
import { Floor, memberKey } from './floor.ts';
import type { FactOf, MirrorInput, MirrorOptions, MirrorOutput } from './io.ts';
import { countMembers, type MemberCounts, type MirroredQueue } from './members.ts';
import { type NodeState, Reading } from './reading.ts';
import { compareCalls, type Finding } from './comparing.ts';

/**
 * What app_queue routes, as told by its events and read anew after each gap: calls by their channel, queues with their
 * members, the agents' pauses. No clock, no chance, no I/O: a step takes an input and the time, and gives back what
 * follows from it. Late, repeated and unknown news change nothing that is known better.
 */
export class QueueMirror {
  readonly floor: Floor;
  private readonly calls: MirroredCalls;
  private readonly options: MirrorOptions;
  private readonly nodes = new Map<string, NodeState>();
  private out: MirrorOutput[] = [];

  constructor(options: MirrorOptions) {
    this.options = options;
    this.floor = new Floor(options);
    this.calls = new MirroredCalls(options, this.floor, (output) => this.out.push(output));
  }

  get book(): CallBook {
    return this.calls.book;
  }

  /** What found no room, since the start. */
  get shed(): { readonly calls: number; readonly members: number } {
    return { calls: this.calls.shed.count, members: this.floor.shed.count };
  }

  /** A call as the store kept it; `nowMs` is the time of the start. */
  restore(call: MirroredCall, nowMs: number): void {
    this.book.put(call);
    this.node(call.nodeId).lostAtMs = nowMs;
  }

  restorePause(agentId: string, kept: object): void {
    this.floor.pauses.restore(agentId, kept);
  }

  restorePassedOn(channel: string): void {
    this.calls.passedOn.add(channel);
  }

  step(input: MirrorInput, nowMs: number): readonly MirrorOutput[] {
    this.out = [];
    this.calls.inferred = false;
    this.take(input, nowMs);
    return this.out;
  }

  figures(queueId: string, nowMs: number): { waiting: number; offering: number; longestWaitMs: number } & MemberCounts {
    let [waiting, offering, longestWaitMs] = [0, 0, 0];
    for (const call of this.book.calls.values()) {
      if (call.queueId !== queueId || (call.phase !== 'waiting' && call.phase !== 'offering')) continue;
      if (call.phase === 'waiting') waiting += 1;
      else offering += 1;
      longestWaitMs = Math.max(longestWaitMs, nowMs - call.queuedAtMs);
    }
    return { waiting, offering, longestWaitMs, ...countMembers(this.floor.ofId(queueId)?.members.values() ?? []) };
  }

  /** While a node is out of reach nobody knows what has become of its calls. */
  isStale({ nodeId }: Pick<MirroredCall, 'nodeId'>): boolean {
    return this.nodes.get(nodeId)?.lostAtMs !== undefined;
  }

  private take(input: MirrorInput, nowMs: number): void {
    switch (input.kind) {
      case 'fact':
        return this.onFact(input.fact, nowMs);
      case 'snapshot':
        return this.onSnapshot(input.snapshot, nowMs);
      case 'reading':
        this.node(input.nodeId).reading = new Reading();
        return;
      case 'linkLost': {
        const node = this.node(input.nodeId);
        node.reading = undefined;
        node.lostAtMs ??= nowMs;
        return;
      }
      case 'customer': {
        const call = this.book.get(input.callId);
        if (call) this.calls.change(call, nowMs, (draft) => draft.knows(input.customer, input.late));
        return;
      }
      case 'presence':
        this.out.push(...this.floor.presence(input.agentId, input.presence, input.news, nowMs));
        return;
      case 'pauseFailed':
        return this.floor.pauseFailed(input.membership, input.pause);
      case 'remap':
        this.out.push(...this.floor.remap(input.agentOf, nowMs));
        return;
      case 'tick':
        for (const call of this.book.calls.values()) this.due(call, nowMs);
    }
  }

  private onFact(fact: QueueFact, nowMs: number): void {
    const reading = this.nodes.get(fact.nodeId)?.reading;
    if (fact.kind === 'channelGone') return this.gone(fact, reading, nowMs);
    if (fact.kind === 'channelReplaced') {
      for (const channel of [...fact.halves, fact.by]) reading?.channels.add(channel);
      for (const half of fact.halves) this.calls.replaced(fact.nodeId, half, fact.by, nowMs);
      return;
    }
    const queue = this.floor.queue(fact.nodeId, fact.queue);
    if (!queue) return;
    switch (fact.kind) {
      case 'memberChanged':
        reading?.members.add(memberKey(queue, fact.member.interface));
        this.out.push(...this.floor.changed(queue, fact.member, nowMs));
        return;
      case 'memberRemoved':
        reading?.members.add(memberKey(queue, fact.interface));
        this.out.push(...this.floor.removed(queue, fact.interface, nowMs));
        return;
      default: {
        const uniqueId = 'caller' in fact ? fact.caller.uniqueId : fact.uniqueId;
        const fitted = this.ofCaller(queue, fact, this.book.ofChannel(queue.nodeId, uniqueId), nowMs);
        if (!reading) return;
        reading.channels.add(uniqueId);
        if (!fitted && !this.book.isGone(queue.nodeId, uniqueId)) reading.isDoubtful = true;
      }
    }
  }

  /** Whether the fact fits what is known: else one of both is old. */
  private ofCaller(
    queue: MirroredQueue,
    fact: Exclude<QueueFact, { kind: 'channelGone' | 'channelReplaced' | 'memberChanged' | 'memberRemoved' }>,
    call: MirroredCall | undefined,
    nowMs: number,
  ): boolean {
    switch (fact.kind) {
      case 'callerJoined':
        this.joined(queue, fact.caller, call, nowMs);
        return true;
      case 'memberCalled':
      case 'memberConnected':
        return this.dialled(queue, fact, call, nowMs);
      default:
        return call?.queueId === queue.id && this.ofKnown(call, fact, nowMs);
    }
  }

  private dialled(
    queue: MirroredQueue,
    fact: FactOf<'memberCalled' | 'memberConnected'>,
    known: MirroredCall | undefined,
    nowMs: number,
  ): boolean {
    const { interface: dialled, legId } = fact;
    const call = known ?? this.calls.begin(queue, fact.caller, nowMs);
    if (!call) return false;
    if (call.talk?.legId === legId) return true;
    if (fact.kind === 'memberConnected') {
      this.calls.connect(call, fact, nowMs);
      return true;
    }
    if (call.offers.some((one) => one.legId === legId)) return true;
    if (call.phase === 'talking' || call.leftAtMs !== undefined) return false;
    const party = this.floor.party(queue, dialled);
    this.calls.change(call, nowMs, (draft) => draft.rings(party, dialled, legId));
    return true;
  }

  private ofKnown(
    call: MirroredCall,
    fact: FactOf<'callerLeft' | 'callerAbandoned' | 'memberNoAnswer' | 'memberCompleted'>,
    nowMs: number,
  ): boolean {
    switch (fact.kind) {
      case 'memberNoAnswer': {
        const offer = call.offers.find(({ legId }) => legId === fact.legId);
        if (offer) this.calls.change(call, nowMs, (draft) => draft.stopped(offer, { unanswered: true }));
        return offer !== undefined;
      }
      case 'callerLeft':
      case 'callerAbandoned':
        if (call.phase === 'talking') return false;
        this.calls.change(call, nowMs, (draft) => draft.leaves(fact.kind === 'callerAbandoned'));
        return true;
      case 'memberCompleted':
        // Else of an earlier conversation of a caller who waits again.
        if (!isItsEnd(call, fact)) return false;
        this.calls.end(call, fact.reason === 'transfer' ? 'transferred' : 'completed', nowMs);
        return true;
    }
  }

  private joined(queue: MirroredQueue, caller: CallerLeg, known: MirroredCall | undefined, nowMs: number): void {
    if (known?.phase === 'talking') this.calls.end(known, 'transferred', nowMs);
    else if (known) {
      const again = known.queueId === queue.id;
      if (again && known.leftAtMs === undefined) return;
      return this.calls.change(known, nowMs, (draft) => draft.queued(queue.id, again ? 'returned' : 'overflow'));
    }
    this.calls.begin(queue, caller, nowMs);
  }

  private gone({ nodeId, uniqueId, cause }: FactOf<'channelGone'>, reading: Reading | undefined, nowMs: number): void {
    reading?.channels.add(uniqueId);
    this.calls.forgetPassedOn(nameOf(nodeId, uniqueId));
    const call = this.book.ofChannel(nodeId, uniqueId);
    if (call) this.calls.end(call, call.phase === 'talking' ? 'completed' : 'abandoned', nowMs);
    // What the reading finds may be older than this.
    if (call || reading) this.book.channelGone(nodeId, uniqueId);
    if (!call) this.calls.phoneGone(nodeId, uniqueId, cause, nowMs);
  }

  /** Marks what is known, takes what was found for true, sweeps the rest; all but what facts have told meanwhile. */
  private onSnapshot(snapshot: QueueSnapshot, nowMs: number): void {
    const { nodeId, channels } = snapshot;
    const node = this.node(nodeId);
    const { reading = new Reading(), isRepeated } = node;
    const afterGap = node.lostAtMs !== undefined || !node.wasRead;
    this.nodes.set(nodeId, { isRepeated: reading.isDoubtful && !isRepeated, wasRead: true });
    this.calls.inferred = true;
    this.out.push(...this.floor.read(snapshot, (member) => reading.members.has(member), afterGap, nowMs));
    const counts = { kept: 0, adopted: 0, ended: 0 };
    const known = [...this.book.calls.values()].filter(
      (call) => call.nodeId === nodeId && !reading.channels.has(call.uniqueId),
    );
    if (channels) this.forgetGone(nodeId, channels.alive, reading);
    const findings = compareCalls(known, snapshot, {
      partyIdOf: (call, phone) => this.calls.partyAt(call, this.calls.dialledAt(call, phone.interface)).id,
      isPassedOn: (uniqueId) => this.calls.passedOn.has(nameOf(nodeId, uniqueId)),
    });
    for (const finding of findings) this.apply(finding, nodeId, reading, counts, nowMs);
    this.out.push({ kind: 'compared', nodeId, ...counts, afterGap });
    // Once: what makes no sense again is left to the next reading.
    if (reading.isDoubtful && !isRepeated) this.out.push({ kind: 'reread', nodeId });
    this.calls.inferred = false;
  }

  /** Who was passed on and has hung up in the gap. */
  private forgetGone(nodeId: string, alive: ReadonlySet<string>, { channels }: Reading): void {
    const own = nameOf(nodeId, '');
    for (const channel of this.calls.passedOn.all()) {
      const uniqueId = channel.slice(own.length);
      if (channel.startsWith(own) && !alive.has(uniqueId) && !channels.has(uniqueId))
        this.calls.forgetPassedOn(channel);
    }
  }

  private apply(
    finding: Finding,
    nodeId: string,
    { channels }: Reading,
    counts: { kept: number; adopted: number; ended: number },
    nowMs: number,
  ): void {
    const { calls } = this;
    switch (finding.kind) {
      case 'kept':
        counts.kept += 1;
        return;
      case 'moved':
        counts.kept += 1;
        return calls.move(finding.call, finding.phone.legId, nowMs);
      case 'over':
        counts.ended += 1;
        return calls.end(finding.call, finding.reason, nowMs);
      case 'talks':
        counts.kept += 1;
        return calls.connect(finding.call, finding.phone, nowMs);
      case 'waits': {
        counts.kept += 1;
        const queue = this.floor.queue(nodeId, finding.queue);
        if (queue) calls.waits(finding.call, queue, finding.phones, nowMs);
        return;
      }
      case 'newWaits':
      case 'newTalks': {
        const queue = this.floor.queue(nodeId, finding.queue);
        if (!queue || channels.has(finding.caller.uniqueId)) return;
        const waitedMs = finding.kind === 'newWaits' ? finding.waitedMs : 0;
        const call = calls.begin(queue, finding.caller, nowMs, waitedMs);
        if (!call) return;
        counts.adopted += 1;
        if (finding.kind === 'newTalks') calls.connect(call, finding.phone, nowMs);
        else calls.waits(call, queue, finding.phones, nowMs);
      }
    }
  }

  /** What time decides; calls of a node that nobody can hear are over after a while. */
  private due(call: MirroredCall, nowMs: number): void {
    const lostAtMs = this.nodes.get(call.nodeId)?.lostAtMs;
    // While readings fail events may be heard all the same.
    const isFresh = lostAtMs === undefined || nowMs - Math.max(lostAtMs, call.phaseSinceMs) < this.options.staleMaxMs;
    if (isFresh) {
      return this.calls.due(call, lostAtMs !== undefined, nowMs);
    }
    this.calls.inferred = true;
    this.calls.end(call, call.phase === 'talking' ? 'completed' : 'abandoned', nowMs);
    this.calls.inferred = false;
  }

  private node(nodeId: string): NodeState {
    const node = this.nodes.get(nodeId) ?? { isRepeated: false, wasRead: false };
    this.nodes.set(nodeId, node);
    return node;
  }
}

/** By its phone, or by the member where the phone's Local channel is gone since; of who was never told to be connected, too. */
function isItsEnd(
  { phase, talk, leftAtMs, offers }: MirroredCall,
  { legId, interface: dialled }: FactOf<'memberCompleted'>,
): boolean {
  if (phase !== 'talking') return leftAtMs !== undefined || offers.some((offer) => offer.legId === legId);
  return talk?.legId === legId || (talk?.legIsGone === true && talk.dialled === dialled);
}
