import type { MirroredCall, MirroredEnd } from './call.ts';
import type { CallerLeg, QueueChannel, QueueSnapshot } from './facts.ts';

/** A member's phone at a call: what was dialled, and its channel. */
export interface PhoneAt {
  readonly interface: string;
  readonly legId: string;
  /** app_queue has dialled it; else it is in the caller's bridge for another reason. */
  readonly isMember: boolean;
}

/** What is known here and asked of one call or channel. */
export interface KnownHere {
  /** Whose phone it is, as an id. */
  partyIdOf(call: MirroredCall, phone: PhoneAt): string;
  /** A caller whom an agent has passed on: the thread of Queue() goes on, app_queue has nothing to do with it. */
  isPassedOn(uniqueId: string): boolean;
}

/** What the PBX's truth means for one call. `phones`: those that ring; undefined where we cannot know. */
export type Finding =
  | { readonly kind: 'kept'; readonly call: MirroredCall }
  | {
      readonly kind: 'waits';
      readonly call: MirroredCall;
      readonly queue: string;
      readonly phones: readonly PhoneAt[] | undefined;
    }
  /** The same conversation on the channel behind a Local one. */
  | { readonly kind: 'moved'; readonly call: MirroredCall; readonly phone: PhoneAt }
  | { readonly kind: 'talks'; readonly call: MirroredCall; readonly phone: PhoneAt }
  | { readonly kind: 'over'; readonly call: MirroredCall; readonly reason: MirroredEnd }
  | {
      readonly kind: 'newWaits';
      readonly caller: CallerLeg;
      readonly queue: string;
      readonly waitedMs: number;
      readonly phones: readonly PhoneAt[] | undefined;
    }
  | { readonly kind: 'newTalks'; readonly caller: CallerLeg; readonly queue: string; readonly phone: PhoneAt };

type Waiting = QueueSnapshot['queues'][number]['waiting'][number];

/**
 * Compares the calls that we know of a node with what app_queue holds. QueueStatus lists who waits; who talks is seen by
 * the channels, or, where we may not list these, guessed from members who are in a call. Gives one finding for each call
 * that is known or there; whether facts have told something newer is not asked here.
 */
export function compareCalls(
  known: readonly MirroredCall[],
  snapshot: QueueSnapshot,
  here: KnownHere,
): readonly Finding[] {
  const view = new View(snapshot, here);
  const channels = new Set(known.map(({ uniqueId }) => uniqueId));
  const found = known.flatMap((call) => {
    const finding = findingOf(call, view);
    // He talked, and has been sent into a queue again since: another call.
    const isAnother = finding.kind === 'over' && finding.reason === 'transferred';
    return isAnother ? [finding, ...[view.newcomer(call.uniqueId, true) ?? []].flat()] : [finding];
  });
  const fresh = [...view.callers()].filter((uniqueId) => !channels.has(uniqueId));
  return [...found, ...fresh.flatMap((uniqueId) => view.newcomer(uniqueId) ?? [])];
}

function findingOf(call: MirroredCall, view: View): Finding {
  const { uniqueId } = call;
  const entry = view.waiting.get(uniqueId);
  if (entry) {
    if (call.phase === 'talking') return { kind: 'over', call, reason: 'transferred' };
    return { kind: 'waits', call, queue: entry.queue, phones: view.ringing(uniqueId) };
  }
  const phone = view.phoneOf(uniqueId);
  if (phone) return call.phase === 'talking' ? conversationOf(call, phone, view) : { kind: 'talks', call, phone };
  if (view.isHeld(uniqueId)) return { kind: 'kept', call };
  if (call.phase === 'talking') {
    return view.mayTalk(call) ? { kind: 'kept', call } : { kind: 'over', call, reason: 'completed' };
  }
  return { kind: 'over', call, reason: view.isAlive(uniqueId) ? 'overflowed' : 'abandoned' };
}

/** Somebody talks with the caller: with whom he talked, who took over the phone of a Local channel, or somebody else. */
function conversationOf(call: MirroredCall, phone: PhoneAt, view: View): Finding {
  const { talk } = call;
  if (!talk || talk.legId === phone.legId || view.isAlive(talk.legId)) return { kind: 'kept', call };
  const isBehindLocal = !phone.isMember && talk.dialled.startsWith('Local/');
  const isSame = view.here.partyIdOf(call, phone) === talk.party.id || talk.party.agentId === undefined;
  return isBehindLocal && isSame ? { kind: 'moved', call, phone } : { kind: 'over', call, reason: 'transferred' };
}

/** A snapshot by the questions that are asked of it. */
class View {
  readonly waiting = new Map<string, Waiting & { readonly queue: string }>();
  private readonly held = new Map<string, QueueChannel>();
  private readonly phones: readonly QueueChannel[];
  readonly here: KnownHere;
  private readonly snapshot: QueueSnapshot;

  constructor(snapshot: QueueSnapshot, here: KnownHere) {
    this.snapshot = snapshot;
    this.here = here;
    for (const { queue, waiting } of snapshot.queues) {
      for (const entry of waiting) this.waiting.set(entry.caller.uniqueId, { ...entry, queue });
    }
    const held = snapshot.channels?.held ?? [];
    for (const channel of held) if (channel.role === 'caller') this.held.set(channel.leg.uniqueId, channel);
    this.phones = held.filter(({ role }) => role !== 'caller');
  }

  callers(): ReadonlySet<string> {
    return new Set([...this.waiting.keys(), ...this.held.keys()]);
  }

  /** In Queue(), waiting or not. */
  isHeld(uniqueId: string): boolean {
    return this.held.has(uniqueId);
  }

  isAlive(uniqueId: string): boolean {
    return this.snapshot.channels?.alive.has(uniqueId) ?? false;
  }

  ringing(uniqueId: string): readonly PhoneAt[] | undefined {
    if (!this.snapshot.channels) return undefined;
    const linkedId = this.held.get(uniqueId)?.linkedId;
    const ringing = this.phones.filter((one) => one.role === 'member' && !one.answered && one.linkedId === linkedId);
    return ringing.flatMap(phoneAt);
  }

  /** Whose phone is in one bridge with the caller, a member's before others. */
  phoneOf(uniqueId: string): PhoneAt | undefined {
    const bridgeId = this.held.get(uniqueId)?.bridgeId;
    if (bridgeId === undefined || this.waiting.has(uniqueId)) return undefined;
    const phones = this.phones.filter((one) => one.bridgeId === bridgeId).flatMap(phoneAt);
    return phones.find(({ isMember }) => isMember) ?? phones[0];
  }

  /** Without a list of channels: a member who is in a call may be in this one. */
  mayTalk({ talk }: MirroredCall): boolean {
    if (this.snapshot.channels) return false;
    const members = this.snapshot.queues.flatMap((queue) => queue.members);
    return members.some((member) => member.inCall && talk?.dialled === member.interface);
  }

  /** `isPassedOn`: his call has just been found to be over. */
  newcomer(uniqueId: string, isPassedOn = this.here.isPassedOn(uniqueId)): Finding | undefined {
    const entry = this.waiting.get(uniqueId);
    if (entry) {
      const { caller, queue, waitedMs } = entry;
      const leg = this.held.get(uniqueId)?.leg ?? caller;
      return { kind: 'newWaits', caller: leg, queue, waitedMs, phones: this.ringing(uniqueId) };
    }
    const held = this.held.get(uniqueId);
    const phone = this.phoneOf(uniqueId);
    if (!held?.queue || !phone || (isPassedOn && !phone.isMember)) return undefined;
    return { kind: 'newTalks', caller: held.leg, queue: held.queue, phone };
  }
}

const phoneAt = ({ interface: dialled, leg, role }: QueueChannel): PhoneAt[] =>
  dialled === undefined ? [] : [{ interface: dialled, legId: leg.uniqueId, isMember: role === 'member' }];
