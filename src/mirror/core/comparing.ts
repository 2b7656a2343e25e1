import type { MirroredCall, MirroredEnd } from './call.ts';
import type { CallerLeg, QueueChannel, QueueSnapshot } from './facts.ts';

/** A member's phone at a call: what was dialled, and its channel. */
export interface PhoneAt {
  readonly interface: string;
  readonly legId: string;
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
export function compareCalls(known: readonly MirroredCall[], snapshot: QueueSnapshot): readonly Finding[] {
  const view = new View(snapshot);
  const channels = new Set(known.map(({ uniqueId }) => uniqueId));
  const found = known.flatMap((call) => {
    const finding = findingOf(call, view);
    // He talked, and has been sent into a queue again: another call.
    const isAnother = finding.kind === 'over' && view.waiting.has(call.uniqueId);
    return isAnother ? [finding, ...[view.newcomer(call.uniqueId) ?? []].flat()] : [finding];
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
  if (phone) return call.phase === 'talking' ? { kind: 'kept', call } : { kind: 'talks', call, phone };
  if (view.isHeld(uniqueId)) return { kind: 'kept', call };
  if (call.phase === 'talking') {
    return view.mayTalk(call) ? { kind: 'kept', call } : { kind: 'over', call, reason: 'completed' };
  }
  return { kind: 'over', call, reason: view.isAlive(uniqueId) ? 'overflowed' : 'abandoned' };
}

/** A snapshot by the questions that are asked of it. */
class View {
  readonly waiting = new Map<string, Waiting & { readonly queue: string }>();
  private readonly held = new Map<string, QueueChannel>();
  private readonly members: readonly QueueChannel[];
  private readonly snapshot: QueueSnapshot;

  constructor(snapshot: QueueSnapshot) {
    this.snapshot = snapshot;
    for (const { queue, waiting } of snapshot.queues) {
      for (const entry of waiting) this.waiting.set(entry.caller.uniqueId, { ...entry, queue });
    }
    const held = snapshot.channels?.held ?? [];
    for (const channel of held) if (channel.role === 'caller') this.held.set(channel.leg.uniqueId, channel);
    this.members = held.filter(({ role }) => role === 'member');
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
    return this.members.filter((one) => !one.answered && one.linkedId === linkedId).flatMap(phoneAt);
  }

  /** Whose phone is in one bridge with the caller. */
  phoneOf(uniqueId: string): PhoneAt | undefined {
    const bridgeId = this.held.get(uniqueId)?.bridgeId;
    if (bridgeId === undefined || this.waiting.has(uniqueId)) return undefined;
    return this.members.filter((one) => one.bridgeId === bridgeId).flatMap(phoneAt)[0];
  }

  /** Without a list of channels: a member who is in a call may be in this one. */
  mayTalk({ talk }: MirroredCall): boolean {
    if (this.snapshot.channels) return false;
    const members = this.snapshot.queues.flatMap((queue) => queue.members);
    return members.some((member) => member.inCall && talk?.dialled === member.interface);
  }

  newcomer(uniqueId: string): Finding | undefined {
    const entry = this.waiting.get(uniqueId);
    if (entry) {
      const { caller, queue, waitedMs } = entry;
      const leg = this.held.get(uniqueId)?.leg ?? caller;
      return { kind: 'newWaits', caller: leg, queue, waitedMs, phones: this.ringing(uniqueId) };
    }
    const held = this.held.get(uniqueId);
    const phone = this.phoneOf(uniqueId);
    if (!held?.queue || !phone) return undefined;
    return { kind: 'newTalks', caller: held.leg, queue: held.queue, phone };
  }
}

const phoneAt = ({ interface: dialled, leg }: QueueChannel): PhoneAt[] =>
  dialled === undefined ? [] : [{ interface: dialled, legId: leg.uniqueId }];
