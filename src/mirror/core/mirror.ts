import type { CustomerResult } from '../../call/index.ts';
import { CallBook } from './book.ts';
import type { MirroredCall, MirroredTold, Party } from './call.ts';
import { MirroredDraft } from './draft.ts';
import type { CallerLeg, QueueFact, QueueSnapshot } from './facts.ts';
import { Floor, type FloorOptions, type FloorOutput, memberKey } from './floor.ts';
import { countMembers, type MemberCounts, type MirroredQueue } from './members.ts';
import type { Pause, Presence } from './pauses.ts';
import { compareCalls, type Finding, type PhoneAt } from './comparing.ts';

/** Which queues of app_queue are mirrored, whose members are whose, and how much is kept. */
export interface MirrorOptions extends FloorOptions {
  readonly newId: () => string;
  /** Calls at once; of further ones nothing is told. */
  readonly callsMax: number;
  /** app_queue does not tell how long it rings: after this a phone counts as not answered. */
  readonly ringMaxMs: number;
  /** How long what belongs together may take to come: an answer after the leaving, a hangup after the abandoning. */
  readonly graceMs: number;
  /** A call of a node that is out of reach for so long counts as over. */
  readonly staleMaxMs: number;
}

export type MirrorInput =
  | { readonly kind: 'fact'; readonly fact: QueueFact }
  | { readonly kind: 'snapshot'; readonly snapshot: QueueSnapshot }
  /** The reading of a node begins; what facts tell from now on is newer than what it will find. */
  | { readonly kind: 'reading'; readonly nodeId: string }
  | { readonly kind: 'linkLost'; readonly nodeId: string }
  | { readonly kind: 'customer'; readonly callId: string; readonly customer: CustomerResult; readonly late: boolean }
  | { readonly kind: 'presence'; readonly agentId: string; readonly presence: Presence; readonly learnt: boolean }
  | { readonly kind: 'tick' };

export type MirrorOutput =
  | FloorOutput
  /** One change of one call, with all that is told of it; an ended call is kept no more. */
  | {
      readonly kind: 'call';
      readonly call: MirroredCall;
      readonly told: readonly MirroredTold[];
      readonly inferred: boolean;
    }
  | { readonly kind: 'lookup'; readonly call: MirroredCall }
  | { readonly kind: 'talks'; readonly agentId: string; readonly call: MirroredCall }
  | { readonly kind: 'hungUp'; readonly agentId: string; readonly call: MirroredCall }
  | {
      readonly kind: 'compared';
      readonly nodeId: string;
      readonly kept: number;
      readonly adopted: number;
      readonly ended: number;
    };

type FactOf<Kind extends QueueFact['kind']> = Extract<QueueFact, { readonly kind: Kind }>;

/**
 * What app_queue routes, as told by its events and read anew after each gap: calls by their channel, queues with their
 * members, the agents' pauses. No clock, no chance, no I/O: a step takes an input and the time, and gives back what
 * follows from it. Late, repeated and unknown news change nothing that is known better.
 */
export class QueueMirror {
  readonly floor: Floor;
  readonly book = new CallBook();
  /** Calls that found no room. */
  shed = 0;
  private readonly options: MirrorOptions;
  private readonly lostAtMs = new Map<string, number>();
  /** By node, while it is read: channels and members of which facts have told since. */
  private readonly touched = new Map<string, Set<string>>();
  private out: MirrorOutput[] = [];
  private inferred = false;

  constructor(options: MirrorOptions) {
    this.options = options;
    this.floor = new Floor(options);
  }

  /** A call as the store kept it; `nowMs` is the time of the start. */
  restore(call: MirroredCall, nowMs: number): void {
    this.book.put(call);
    this.lostAtMs.set(call.nodeId, nowMs);
  }

  restorePause(agentId: string, seen: Pause): void {
    this.floor.pauses.restore(agentId, seen);
  }

  step(input: MirrorInput, nowMs: number): readonly MirrorOutput[] {
    this.out = [];
    this.inferred = false;
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
    const queue = [...this.floor.all()].find(({ id }) => id === queueId);
    return { waiting, offering, longestWaitMs, ...countMembers(queue?.members.values() ?? []) };
  }

  /** While a node is out of reach nobody knows what has become of its calls. */
  isStale({ nodeId }: Pick<MirroredCall, 'nodeId'>): boolean {
    return this.lostAtMs.has(nodeId);
  }

  private take(input: MirrorInput, nowMs: number): void {
    switch (input.kind) {
      case 'fact':
        return this.onFact(input.fact, nowMs);
      case 'snapshot':
        return this.onSnapshot(input.snapshot, nowMs);
      case 'reading':
        this.touched.set(input.nodeId, new Set());
        return;
      case 'linkLost':
        this.touched.delete(input.nodeId);
        if (!this.lostAtMs.has(input.nodeId)) this.lostAtMs.set(input.nodeId, nowMs);
        return;
      case 'customer': {
        const call = this.book.get(input.callId);
        if (call) this.change(call, nowMs, (draft) => draft.knows(input.customer, input.late));
        return;
      }
      case 'presence':
        this.out.push(...this.floor.presence(input.agentId, input.presence, input.learnt, nowMs));
        return;
      case 'tick':
        for (const call of this.book.calls.values()) this.due(call, nowMs);
    }
  }

  private onFact(fact: QueueFact, nowMs: number): void {
    if (fact.kind === 'channelGone') return this.gone(fact.nodeId, fact.uniqueId, fact.cause, nowMs);
    const queue = this.floor.queue(fact.nodeId, fact.queue);
    if (!queue) return;
    switch (fact.kind) {
      case 'memberChanged':
        this.touched.get(fact.nodeId)?.add(memberKey(queue, fact.member.interface));
        this.out.push(...this.floor.changed(queue, fact.member, nowMs));
        return;
      case 'memberRemoved':
        this.touched.get(fact.nodeId)?.add(memberKey(queue, fact.interface));
        this.out.push(...this.floor.removed(queue, fact.interface, nowMs));
        return;
      case 'callerJoined':
        return this.joined(queue, fact.caller, nowMs);
      case 'memberCalled':
      case 'memberConnected':
        return this.dialled(queue, fact, nowMs);
      case 'callerLeft':
      case 'callerAbandoned':
      case 'memberNoAnswer':
      case 'memberCompleted': {
        const call = this.touch(fact.nodeId, fact.uniqueId);
        if (call?.queueId === queue.id) this.ofKnown(call, fact, nowMs);
      }
    }
  }

  private dialled(queue: MirroredQueue, fact: FactOf<'memberCalled' | 'memberConnected'>, nowMs: number): void {
    const { caller, interface: dialled, stateInterface, legId } = fact;
    const call = this.touch(queue.nodeId, caller.uniqueId) ?? this.begin(queue, caller, nowMs);
    if (!call || call.talk?.legId === legId) return;
    const party = this.floor.party(queue, dialled, stateInterface);
    if (fact.kind === 'memberConnected') {
      return this.change(call, nowMs, (draft) => draft.connects(party, dialled, legId));
    }
    if (call.phase === 'talking' || call.leftAtMs !== undefined || call.offers.some((one) => one.legId === legId))
      return;
    this.change(call, nowMs, (draft) => draft.rings(party, dialled, legId));
  }

  private ofKnown(
    call: MirroredCall,
    fact: FactOf<'callerLeft' | 'callerAbandoned' | 'memberNoAnswer' | 'memberCompleted'>,
    nowMs: number,
  ): void {
    const talks = call.phase === 'talking';
    if (fact.kind === 'memberNoAnswer') {
      const offer = call.offers.find(({ legId }) => legId === fact.legId);
      if (offer) this.change(call, nowMs, (draft) => draft.stopped(offer, { unanswered: true }));
    } else if (fact.kind !== 'memberCompleted') {
      if (!talks) this.change(call, nowMs, (draft) => draft.leaves(fact.kind === 'callerAbandoned'));
    } else if (talks ? call.talk?.legId === fact.legId : call.leftAtMs !== undefined) {
      // Else of an earlier conversation of a caller who waits again.
      this.end(call, fact.reason === 'transfer' ? 'transferred' : 'completed', nowMs);
    }
  }

  private joined(queue: MirroredQueue, caller: CallerLeg, nowMs: number): void {
    const known = this.touch(queue.nodeId, caller.uniqueId);
    if (known?.phase === 'talking') this.end(known, 'transferred', nowMs);
    else if (known) {
      const again = known.queueId === queue.id;
      if (again && known.leftAtMs === undefined) return;
      return this.change(known, nowMs, (draft) => draft.queued(queue.id, again ? 'returned' : 'overflow'));
    }
    this.begin(queue, caller, nowMs);
  }

  /** Undefined when its channel is gone already, or there is no room. */
  private begin(queue: MirroredQueue, caller: CallerLeg, nowMs: number, waitedMs = 0): MirroredCall | undefined {
    if (this.book.isGone(queue.nodeId, caller.uniqueId)) return undefined;
    if (this.book.calls.size >= this.options.callsMax) {
      this.shed += 1;
      return undefined;
    }
    const draft = MirroredDraft.begin(this.options.newId(), queue, caller, nowMs, waitedMs);
    this.keep(draft);
    this.out.push({ kind: 'lookup', call: draft.call });
    return draft.call;
  }

  private gone(nodeId: string, uniqueId: string, cause: number, nowMs: number): void {
    const call = this.touch(nodeId, uniqueId);
    if (call) {
      this.end(call, call.phase === 'talking' ? 'completed' : 'abandoned', nowMs);
      return this.book.channelGone(nodeId, uniqueId);
    }
    // What the reading finds may be older than this.
    if (this.touched.has(nodeId)) this.book.channelGone(nodeId, uniqueId);
    const ringing = this.book.ofPhone(nodeId, uniqueId);
    const offer = ringing?.offers.find(({ legId }) => legId === uniqueId);
    if (ringing && offer) this.change(ringing, nowMs, (draft) => draft.stopped(offer, { cause }));
  }

  /** Marks what is known, takes what was found for true, sweeps the rest; all but what facts have told meanwhile. */
  private onSnapshot(snapshot: QueueSnapshot, nowMs: number): void {
    const { nodeId } = snapshot;
    const touched = this.touched.get(nodeId) ?? new Set();
    this.touched.delete(nodeId);
    this.lostAtMs.delete(nodeId);
    this.inferred = true;
    this.out.push(...this.floor.read(snapshot, touched, nowMs));
    const counts = { kept: 0, adopted: 0, ended: 0 };
    const known = [...this.book.calls.values()].filter((call) => call.nodeId === nodeId && !touched.has(call.uniqueId));
    for (const finding of compareCalls(known, snapshot)) this.apply(finding, snapshot, touched, counts, nowMs);
    this.out.push({ kind: 'compared', nodeId, ...counts });
    this.inferred = false;
  }

  private apply(
    finding: Finding,
    { nodeId }: QueueSnapshot,
    touched: ReadonlySet<string>,
    counts: { kept: number; adopted: number; ended: number },
    nowMs: number,
  ): void {
    switch (finding.kind) {
      case 'kept':
        counts.kept += 1;
        return;
      case 'over':
        counts.ended += 1;
        return this.end(finding.call, finding.reason, nowMs);
      case 'talks':
        counts.kept += 1;
        return this.connect(finding.call, finding.phone, nowMs);
      case 'waits': {
        counts.kept += 1;
        const queue = this.floor.queue(nodeId, finding.queue);
        if (queue) this.waits(finding.call, queue, finding.phones, nowMs);
        return;
      }
      case 'newWaits':
      case 'newTalks': {
        const queue = this.floor.queue(nodeId, finding.queue);
        if (!queue || touched.has(finding.caller.uniqueId)) return;
        const waitedMs = finding.kind === 'newWaits' ? finding.waitedMs : 0;
        const call = this.begin(queue, finding.caller, nowMs, waitedMs);
        if (!call) return;
        counts.adopted += 1;
        if (finding.kind === 'newTalks') this.connect(call, finding.phone, nowMs);
        else this.waits(call, queue, finding.phones, nowMs);
      }
    }
  }

  private connect(call: MirroredCall, phone: PhoneAt, nowMs: number): void {
    const party = this.partyAt(call, phone);
    this.change(call, nowMs, (draft) => draft.connects(party, phone.interface, phone.legId));
  }

  /** Who waits, where, and whose phones ring: those that do not are told to have stopped. */
  private waits(call: MirroredCall, queue: MirroredQueue, phones: readonly PhoneAt[] | undefined, nowMs: number): void {
    this.change(call, nowMs, (draft) => {
      const isElsewhere = call.queueId !== queue.id;
      if (isElsewhere || call.leftAtMs !== undefined) draft.queued(queue.id, isElsewhere ? 'overflow' : 'returned');
      if (!phones) return;
      const ringing = new Set(phones.map(({ legId }) => legId));
      for (const offer of draft.call.offers) if (!ringing.has(offer.legId)) draft.endOffer(offer, 'noAnswer');
      for (const phone of phones) {
        if (!draft.offerOf(phone.legId)) draft.rings(this.partyAt(draft.call, phone), phone.interface, phone.legId);
      }
    });
  }

  private partyAt({ nodeId, queueId }: MirroredCall, { interface: dialled }: PhoneAt): Party {
    const queue = [...this.floor.all()].find((one) => one.nodeId === nodeId && one.id === queueId);
    return queue ? this.floor.party(queue, dialled) : { id: dialled };
  }

  /** What time decides: phones that ring for ever, callers who have left and whom nobody has answered, dead links. */
  private due(call: MirroredCall, nowMs: number): void {
    const { graceMs, ringMaxMs, staleMaxMs } = this.options;
    const lostAtMs = this.lostAtMs.get(call.nodeId);
    if (lostAtMs !== undefined && nowMs - lostAtMs >= staleMaxMs) {
      this.inferred = true;
      this.end(call, call.phase === 'talking' ? 'completed' : 'abandoned', nowMs);
      this.inferred = false;
      return;
    }
    const late = call.offers.filter(
      ({ sinceMs, over }) => nowMs - sinceMs >= ringMaxMs || (over && nowMs - over.sinceMs >= graceMs),
    );
    if (late.length > 0) {
      this.change(call, nowMs, (draft) => {
        for (const offer of late) draft.endOffer(offer, 'noAnswer');
      });
    }
    // Still there, or its hangup would have been told: the dialplan goes on with it.
    const hasLeft = call.leftAtMs !== undefined && nowMs - call.leftAtMs >= graceMs;
    if (hasLeft && lostAtMs === undefined) this.end(this.book.get(call.id) ?? call, 'overflowed', nowMs);
  }

  private end(call: MirroredCall, reason: Parameters<MirroredDraft['end']>[0], nowMs: number): void {
    const { talk } = call;
    this.change(call, nowMs, (draft) => draft.end(reason));
    if (talk?.party.agentId !== undefined) this.out.push({ kind: 'hungUp', agentId: talk.party.agentId, call });
  }

  private change(call: MirroredCall, nowMs: number, work: (draft: MirroredDraft) => void): void {
    const draft = new MirroredDraft(this.book.get(call.id) ?? call, nowMs);
    work(draft);
    this.keep(draft);
    const { talk, phase } = draft.call;
    if (phase === 'talking' && talk?.party.agentId !== undefined && talk.legId !== call.talk?.legId)
      this.out.push({ kind: 'talks', agentId: talk.party.agentId, call: draft.call });
  }

  private keep({ call, told }: MirroredDraft): void {
    const before = this.book.put(call);
    if (before === call) return;
    this.out.push({ kind: 'call', call, told, inferred: this.inferred });
    this.out.push({ kind: 'queueChanged', queueId: call.queueId });
    if (before && before.queueId !== call.queueId) this.out.push({ kind: 'queueChanged', queueId: before.queueId });
  }

  /** The call of this channel, about which a fact now tells. */
  private touch(nodeId: string, uniqueId: string): MirroredCall | undefined {
    this.touched.get(nodeId)?.add(uniqueId);
    return this.book.ofChannel(nodeId, uniqueId);
  }
}
