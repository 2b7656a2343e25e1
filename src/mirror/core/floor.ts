import { nameOf } from './book.ts';
import type { Party } from './call.ts';
import type { Member, QueueSnapshot } from './facts.ts';
import type { MirroredQueue } from './members.ts';
import { type Membership, type Pause, type PauseOutput, Pauses, type Presence } from './pauses.ts';

export interface FloorOptions {
  readonly queues: readonly { readonly id: string; readonly nodeId: string; readonly name: string }[];
  /** The agent behind a member; undefined for members that are nobody's. */
  readonly agentOf: (nodeId: string, dialled: string, stateInterface: string) => string | undefined;
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
  shed = 0;
  private readonly options: FloorOptions;
  private readonly queues = new Map<string, MirroredQueue>();

  constructor(options: FloorOptions) {
    this.options = options;
    this.pauses = new Pauses(options.askedForMs);
    for (const queue of options.queues) {
      this.queues.set(nameOf(queue.nodeId, queue.name), { ...queue, members: new Map() });
    }
  }

  /** By its name in queues.conf; undefined for one that is not mirrored. */
  queue(nodeId: string, name: string): MirroredQueue | undefined {
    return this.queues.get(nameOf(nodeId, name));
  }

  all(): Iterable<MirroredQueue> {
    return this.queues.values();
  }

  party({ nodeId, members }: MirroredQueue, dialled: string, told?: string): Party {
    const stateInterface = told ?? members.get(dialled)?.stateInterface ?? dialled;
    const agentId = this.options.agentOf(nodeId, dialled, stateInterface);
    return agentId === undefined ? { id: dialled } : { id: agentId, agentId };
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
    const agentId = this.agentOf(queue, member);
    const paused = agentId === undefined ? [] : this.pauses.removed(agentId, placeOf(queue, member), nowMs);
    return [{ kind: 'queueChanged', queueId: queue.id }, ...paused];
  }

  presence(agentId: string, presence: Presence, learnt: boolean, nowMs: number): FloorOutput[] {
    return this.pauses.presence(agentId, presence, learnt, nowMs);
  }

  /** Takes the members that the PBX lists for true and sweeps the others, but those that are `newer` than the list. */
  read({ nodeId, queues }: QueueSnapshot, newer: ReadonlySet<string>, nowMs: number): FloorOutput[] {
    const outputs: FloorOutput[] = [];
    const agents = new Set<string>();
    for (const contents of queues) {
      const queue = this.queue(nodeId, contents.queue);
      if (!queue) continue;
      const listed = new Set(contents.members.map((member) => member.interface));
      for (const dialled of queue.members.keys()) {
        if (!listed.has(dialled) && !newer.has(memberKey(queue, dialled)))
          outputs.push(...this.removed(queue, dialled, nowMs));
      }
      for (const member of contents.members) {
        if (newer.has(memberKey(queue, member.interface)) || !this.put(queue, member)) continue;
        const agentId = this.agentOf(queue, member);
        if (agentId !== undefined) this.pauses.read(agentId, placeOf(queue, member), pauseOf(member));
      }
      for (const member of queue.members.values()) agents.add(this.agentOf(queue, member) ?? '');
      outputs.push({ kind: 'queueChanged', queueId: queue.id });
    }
    agents.delete('');
    return [...outputs, ...this.pauses.compare(agents, nowMs)];
  }

  private put({ members }: MirroredQueue, member: Member): boolean {
    if (!members.has(member.interface) && members.size >= this.options.membersMax) {
      this.shed += 1;
      return false;
    }
    members.set(member.interface, member);
    return true;
  }

  private agentOf({ nodeId }: MirroredQueue, member: Member): string | undefined {
    return this.options.agentOf(nodeId, member.interface, member.stateInterface);
  }
}

export const memberKey = ({ name }: MirroredQueue, dialled: string): string => `${name} ${dialled}`;

const pauseOf = ({ paused, pausedReason }: Member): Pause => ({ paused, reason: paused ? pausedReason : '' });

const placeOf = ({ nodeId, name }: MirroredQueue, member: Member): Membership => ({
  nodeId,
  queue: name,
  interface: member.interface,
});
