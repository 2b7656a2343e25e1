import { nameOf } from './book.ts';
import type { Party } from './call.ts';
import type { Member, QueueSnapshot } from './facts.ts';
import type { MirroredQueue } from './members.ts';
import { type Membership, type Pause, type PauseOutput, Pauses, type Presence, type PresenceNews } from './pauses.ts';
import { Shed } from './recent.ts';

export interface FloorOptions {
  readonly queues: readonly { readonly id: string; readonly nodeId: string; readonly name: string }[];
  /** The agent behind a member; undefined for members that are nobody's. */
  readonly agentOf: (nodeId: string, dialled: string, stateInterface: string) => string | undefined;
  /** A member's interface as it is shown: it may be somebody's own telephone number. */
  readonly shown: (dialled: string) => string;
  /** Members of a queue; further ones are neither shown nor paused. */
  readonly membersMax: number;
  /** What was asked of the PBX and is not told by then was not done. */
  readonly askedForMs: number;
}

export type FloorOutput = PauseOutput | { readonly kind: 'queueChanged'; readonly queueId: string };

/** The mirrored queues with their members, and the agents' pauses that follow from them. */
export class Floor {
  readonly pauses: Pauses;
  /** Members that found no room. */
  readonly shed = new Shed();
  private readonly options: FloorOptions;
  private readonly queues = new Map<string, MirroredQueue>();
  private readonly byId = new Map<string, MirroredQueue>();
  private agentOfMember: FloorOptions['agentOf'];

  constructor(options: FloorOptions) {
    this.options = options;
    this.agentOfMember = options.agentOf;
    this.pauses = new Pauses(options.askedForMs);
    for (const one of options.queues) {
      const queue = { ...one, members: new Map() };
      this.queues.set(nameOf(one.nodeId, one.name), queue);
      this.byId.set(one.id, queue);
    }
  }

  /** By its name in queues.conf; undefined for one that is not mirrored. */
  queue(nodeId: string, name: string): MirroredQueue | undefined {
    return this.queues.get(nameOf(nodeId, name));
  }

  ofId(queueId: string): MirroredQueue | undefined {
    return this.byId.get(queueId);
  }

  all(): Iterable<MirroredQueue> {
    return this.queues.values();
  }

  party({ nodeId, members }: MirroredQueue, dialled: string): Party {
    const agentId = this.agentOfMember(nodeId, dialled, members.get(dialled)?.stateInterface ?? dialled);
    return agentId === undefined ? { id: this.options.shown(dialled) } : { id: agentId, agentId };
  }

  /** The member behind what a channel's name tells, which leaves out the options: `Local/1001@agents` for `…@agents/n`. */
  dialledBy({ members }: MirroredQueue, named: string): string {
    if (members.has(named)) return named;
    for (const dialled of members.keys()) {
      if (dialled.startsWith(named) && dialled[named.length] === '/') return dialled;
    }
    return named;
  }

  changed(queue: MirroredQueue, member: Member, nowMs: number): FloorOutput[] {
    if (!this.put(queue, member)) return [];
    const agentId = this.agentOf(queue, member);
    const paused =
      agentId === undefined ? [] : this.pauses.member(agentId, placeOf(queue, member), pauseOf(member), nowMs);
    return [{ kind: 'queueChanged', queueId: queue.id }, ...paused];
  }

  removed(queue: MirroredQueue, dialled: string, nowMs: number): FloorOutput[] {
    const member = queue.members.get(dialled);
    if (!member) return [];
    queue.members.delete(dialled);
    return [{ kind: 'queueChanged', queueId: queue.id }, ...this.leaves(queue, member, nowMs)];
  }

  presence(agentId: string, presence: Presence, news: PresenceNews, nowMs: number): FloorOutput[] {
    return this.pauses.presence(agentId, presence, news, nowMs);
  }

  /** The PBX has not done what it was asked. */
  pauseFailed({ nodeId, queue: name, ...membership }: Membership, pause: Pause): void {
    const queue = this.queue(nodeId, name);
    const member = queue?.members.get(membership.interface);
    const agentId = queue && member && this.agentOf(queue, member);
    if (agentId !== undefined) this.pauses.failed(agentId, { nodeId, queue: name, ...membership }, pause);
  }

  /** Takes the members that the PBX lists for true and sweeps the others, but those that are `newer` than the list. */
  read(
    { nodeId, queues }: QueueSnapshot,
    newer: (member: string) => boolean,
    afterGap: boolean,
    nowMs: number,
  ): FloorOutput[] {
    const outputs: FloorOutput[] = [];
    const read = queues.flatMap((contents) => {
      const queue = this.queue(nodeId, contents.queue);
      return queue ? [{ queue, listed: contents.members }] : [];
    });
    // Who is gone goes first, of all queues: nothing is judged by members of which half are old.
    for (const { queue, listed } of read) {
      const names = new Set(listed.map((member) => member.interface));
      for (const dialled of queue.members.keys()) {
        if (!names.has(dialled) && !newer(memberKey(queue, dialled)))
          outputs.push(...this.removed(queue, dialled, nowMs));
      }
    }
    const agents = new Set<string>();
    for (const { queue, listed } of read) {
      for (const member of listed) {
        if (newer(memberKey(queue, member.interface)) || !this.put(queue, member)) continue;
        const agentId = this.agentOf(queue, member);
        if (agentId !== undefined) this.pauses.read(agentId, placeOf(queue, member), pauseOf(member), afterGap);
      }
      for (const member of queue.members.values()) agents.add(this.agentOf(queue, member) ?? '');
      outputs.push({ kind: 'queueChanged', queueId: queue.id });
    }
    agents.delete('');
    return [...outputs, ...this.pauses.compare(agents, nowMs)];
  }

  /** Members may be somebody else's from now on: their places go over, then both sides are compared. */
  remap(agentOf: FloorOptions['agentOf'], nowMs: number): FloorOutput[] {
    const outputs: FloorOutput[] = [];
    const moved: { readonly queue: MirroredQueue; readonly member: Member }[] = [];
    for (const queue of this.queues.values()) {
      for (const member of queue.members.values()) {
        const now = agentOf(queue.nodeId, member.interface, member.stateInterface);
        if (now === this.agentOf(queue, member)) continue;
        outputs.push(...this.leaves(queue, member, nowMs));
        moved.push({ queue, member });
      }
    }
    this.agentOfMember = agentOf;
    const agents = new Set<string>();
    for (const { queue, member } of moved) {
      const agentId = this.agentOf(queue, member);
      if (agentId === undefined) continue;
      this.pauses.read(agentId, placeOf(queue, member), pauseOf(member), true);
      agents.add(agentId);
    }
    return [...outputs, ...this.pauses.compare(agents, nowMs)];
  }

  private leaves(queue: MirroredQueue, member: Member, nowMs: number): PauseOutput[] {
    const agentId = this.agentOf(queue, member);
    return agentId === undefined ? [] : this.pauses.removed(agentId, placeOf(queue, member), nowMs);
  }

  private put({ id, members }: MirroredQueue, member: Member): boolean {
    if (!members.has(member.interface) && members.size >= this.options.membersMax) {
      this.shed.note(nameOf(id, member.interface));
      return false;
    }
    members.set(member.interface, member);
    return true;
  }

  private agentOf({ nodeId }: MirroredQueue, member: Member): string | undefined {
    return this.agentOfMember(nodeId, member.interface, member.stateInterface);
  }
}

export const memberKey = ({ name }: MirroredQueue, dialled: string): string => `${name} ${dialled}`;

const pauseOf = ({ paused, pausedReason }: Member): Pause => ({ paused, reason: paused ? pausedReason : '' });

const placeOf = ({ nodeId, name }: MirroredQueue, member: Member): Membership => ({
  nodeId,
  queue: name,
  interface: member.interface,
});
