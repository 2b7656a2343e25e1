import { CallBook, nameOf } from './book.ts';
import type { MirroredCall, MirroredEnd, MirroredTalk, Party } from './call.ts';
import type { PhoneAt } from './comparing.ts';
import { MirroredDraft } from './draft.ts';
import type { CallerLeg } from './facts.ts';
import type { Floor } from './floor.ts';
import type { MirrorOptions, MirrorOutput } from './io.ts';
import type { MirroredQueue } from './members.ts';
import { Recent, Shed } from './recent.ts';

/** Callers who were passed on, until their channels are gone. */
const passedOnMax = 2_000;

/** The calls of app_queue and what changes them; whatever does is put out. */
export class MirroredCalls {
  readonly book = new CallBook();
  /** Calls that found no room. */
  readonly shed = new Shed();
  /** Channels whose call an agent has passed on: Queue() may hold them still, in a conversation that is not its own. */
  readonly passedOn = new Recent(passedOnMax);
  /** Whether what changes now was found by a reading or concluded from silence. */
  inferred = false;
  private readonly options: MirrorOptions;
  private readonly floor: Floor;
  private readonly out: (output: MirrorOutput) => void;

  constructor(options: MirrorOptions, floor: Floor, out: (output: MirrorOutput) => void) {
    this.options = options;
    this.floor = floor;
    this.out = out;
  }

  /** Undefined when its channel is gone already, or there is no room. */
  begin(queue: MirroredQueue, caller: CallerLeg, nowMs: number, waitedMs = 0): MirroredCall | undefined {
    const { nodeId } = queue;
    if (this.book.isGone(nodeId, caller.uniqueId)) return undefined;
    if (this.book.calls.size >= this.options.callsMax) {
      this.shed.note(nameOf(nodeId, caller.uniqueId));
      return undefined;
    }
    this.forgetPassedOn(nameOf(nodeId, caller.uniqueId));
    const draft = MirroredDraft.begin(this.options.newId(), queue, caller, nowMs, waitedMs);
    this.keep(draft);
    this.out({ kind: 'lookup', call: draft.call });
    return draft.call;
  }

  end(call: MirroredCall, reason: MirroredEnd, nowMs: number): void {
    const { talk } = call;
    this.change(call, nowMs, (draft) => draft.end(reason));
    if (talk?.party.agentId !== undefined) this.hungUp(talk.party.agentId, call);
    if (reason === 'transferred') this.passOn(nameOf(call.nodeId, call.uniqueId));
  }

  change(call: MirroredCall, nowMs: number, work: (draft: MirroredDraft) => void): void {
    const before = this.book.get(call.id) ?? call;
    const draft = new MirroredDraft(before, nowMs);
    work(draft);
    this.keep(draft);
    const { talk, phase } = draft.call;
    if (phase !== 'talking' || !talk || sameTalk(talk, before.talk)) return;
    if (before.talk?.party.agentId !== undefined) this.hungUp(before.talk.party.agentId, before);
    if (talk.party.agentId !== undefined) this.out({ kind: 'talks', agentId: talk.party.agentId, call: draft.call });
  }

  connect(call: MirroredCall, phone: Pick<PhoneAt, 'interface' | 'legId'>, nowMs: number): void {
    // Who was rung is known better than a channel's name tells.
    const rung = call.offers.find(({ legId }) => legId === phone.legId);
    const dialled = rung?.interface ?? this.dialledAt(call, phone.interface);
    const party = rung?.party ?? this.partyAt(call, dialled);
    this.change(call, nowMs, (draft) => draft.connects(party, dialled, phone.legId));
  }

  /** Who waits, where, and whose phones ring: those that do not are told to have stopped. */
  waits(call: MirroredCall, queue: MirroredQueue, phones: readonly PhoneAt[] | undefined, nowMs: number): void {
    this.change(call, nowMs, (draft) => {
      const isElsewhere = call.queueId !== queue.id;
      if (isElsewhere || call.leftAtMs !== undefined) draft.queued(queue.id, isElsewhere ? 'overflow' : 'returned');
      if (!phones) return;
      const ringing = new Set(phones.map(({ legId }) => legId));
      for (const offer of draft.call.offers) if (!ringing.has(offer.legId)) draft.endOffer(offer, 'noAnswer');
      for (const { legId, interface: named } of phones) {
        if (draft.offerOf(legId)) continue;
        const dialled = this.dialledAt(draft.call, named);
        draft.rings(this.partyAt(draft.call, dialled), dialled, legId);
      }
    });
  }

  /** What time decides: phones that ring for ever, callers who have left and whom nobody has answered. */
  due(call: MirroredCall, isLost: boolean, nowMs: number): void {
    const { graceMs, ringMaxMs } = this.options;
    // Who is out of the queue may hear an announcement with the agent on the line: the phone has that long again.
    const ringsSinceMs = (sinceMs: number): number => Math.max(sinceMs, call.leftAtMs ?? 0);
    const late = call.offers.filter(
      ({ sinceMs, over }) => nowMs - ringsSinceMs(sinceMs) >= ringMaxMs || (over && nowMs - over.sinceMs >= graceMs),
    );
    if (late.length > 0) {
      this.change(call, nowMs, (draft) => {
        for (const offer of late) draft.endOffer(offer, 'noAnswer');
      });
    }
    const now = this.book.get(call.id) ?? call;
    const hasLeft = now.leftAtMs !== undefined && nowMs - now.leftAtMs >= graceMs;
    // A phone that is on the line still has been answered: the agent hears an announcement, or is asked to accept.
    const isAnswered = now.offers.some(({ over }) => !over);
    // Still there, or its hangup would have been told: the dialplan goes on with it.
    if (hasLeft && !isAnswered && !isLost) this.end(now, 'overflowed', nowMs);
  }

  /** A Local channel has given its conversation to the channel behind it: the same call, by another name. */
  replaced(nodeId: string, uniqueId: string, by: string, nowMs: number): void {
    const own = this.book.ofChannel(nodeId, uniqueId);
    // Where the other one has moved to it, the channel behind is not named.
    if (own && own.talk?.legId !== by) this.change(own, nowMs, (draft) => draft.rename({ uniqueId: by }));
    const spoken = this.book.ofPhone(nodeId, uniqueId);
    if (spoken?.talk?.legId === uniqueId && spoken.uniqueId !== by) this.move(spoken, by, nowMs);
  }

  /** The same conversation on another channel. */
  move(call: MirroredCall, legId: string, nowMs: number): void {
    const { talk } = call;
    if (talk) this.change(call, nowMs, (draft) => draft.rename({ talk: { ...talk, legId, legIsGone: undefined } }));
  }

  /** A phone's channel is gone: it rings no more, or the conversation goes on without it. */
  phoneGone(nodeId: string, legId: string, cause: number, nowMs: number): void {
    const call = this.book.ofPhone(nodeId, legId);
    if (!call) return;
    const { talk } = call;
    const offer = call.offers.find((one) => one.legId === legId);
    if (offer) this.change(call, nowMs, (draft) => draft.stopped(offer, { cause }));
    else if (talk) this.change(call, nowMs, (draft) => draft.rename({ talk: { ...talk, legIsGone: true } }));
  }

  partyAt({ queueId }: MirroredCall, dialled: string): Party {
    const queue = this.floor.ofId(queueId);
    return queue ? this.floor.party(queue, dialled) : { id: dialled };
  }

  dialledAt({ queueId }: MirroredCall, named: string): string {
    const queue = this.floor.ofId(queueId);
    return queue ? this.floor.dialledBy(queue, named) : named;
  }

  passOn(channel: string): void {
    const forgotten = this.passedOn.add(channel);
    this.out({ kind: 'passedOn', channel, lives: true });
    if (forgotten !== undefined) this.out({ kind: 'passedOn', channel: forgotten, lives: false });
  }

  forgetPassedOn(channel: string): void {
    if (this.passedOn.delete(channel)) this.out({ kind: 'passedOn', channel, lives: false });
  }

  private hungUp(agentId: string, call: MirroredCall): void {
    this.out({ kind: 'hungUp', agentId, call });
  }

  private keep({ call, told }: MirroredDraft): void {
    const before = this.book.put(call);
    if (before === call) return;
    this.out({ kind: 'call', call, told, inferred: this.inferred });
    this.out({ kind: 'queueChanged', queueId: call.queueId });
    if (before && before.queueId !== call.queueId) this.out({ kind: 'queueChanged', queueId: before.queueId });
  }
}

/** The same conversation, perhaps on another channel. */
const sameTalk = (talk: MirroredTalk, before: MirroredTalk | undefined): boolean =>
  talk.party.id === before?.party.id && talk.sinceMs === before.sinceMs;
