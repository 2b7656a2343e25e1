import { type AgentProfile, newAgent, reprofiled } from '../agents/index.ts';
import type { DeviceState } from '../call/index.ts';
import { AgentTimes } from './agent-times.ts';
import { type Bits, hasBit, keepBits, noBits, roomier, setBit } from './bits.ts';
import { type Ineligible, isAtWork, occupation, unavailability, unavailabilityFor } from './eligibility.ts';
import { Fitness } from './fitness.ts';
import { IdIndex } from './id-index.ts';
import type { Counted } from './relaxation.ts';
import { edgeOf } from './rules.ts';
import { Slot } from './slot.ts';
import type { Spec } from './spec.ts';
import { Workload } from './workload.ts';

const roomMin = 32;

/** All agents, each with a place, and the sets of places by which matching finds them. */
export class Crowd {
  private readonly byPlace: (Slot | undefined)[] = [];
  private readonly index = new IdIndex();
  private readonly hasId = (place: number, agentId: string): boolean => this.ids[place] === agentId;
  private count = 0;
  private readonly spare: number[] = [];
  private room = roomMin;
  /** Who could take work now, by kind: a channel, or `byAgent` for what an agent wants to dial himself. */
  private readonly free = new Map<string, Bits>();
  private voice = this.setIn(this.free, 'voice');
  private byAgent = this.setIn(this.free, 'byAgent');
  /** How many could take a call now. */
  private voiceFree = 0;
  /** Why each can take no call now, if so, and who each is: by place, for those who look at many. */
  private readonly reasons: (Ineligible | undefined)[] = [];
  private readonly ids: string[] = [];
  /** Of those who take other work than calls: who takes which, who could take any now, and who is at work for it. */
  private readonly able = new Map<string, Bits>();
  private beside = noBits(roomMin);
  private available = noBits(roomMin);
  private atWork = noBits(roomMin);
  signedIn = noBits(roomMin);
  private readonly members = new Map<string, Bits>();
  private readonly byNode = new Map<string, Bits>();
  private roaming = noBits(roomMin);
  private readonly fitness = new Fitness(roomMin);
  private readonly times = new AgentTimes();
  private readonly work = new Workload(this.times);

  get size(): number {
    return this.count;
  }

  get places(): number {
    return this.byPlace.length;
  }

  get(agentId: string): Slot | undefined {
    const place = this.index.find(agentId, this.hasId);
    return place < 0 ? undefined : this.byPlace[place];
  }

  at(place: number): Slot {
    return this.byPlace[place] as Slot;
  }

  /** In the order of places. */
  *all(): Iterable<Slot> {
    for (const slot of this.byPlace) if (slot) yield slot;
  }

  /** True when the sets have grown, so that what was made of them must be made anew. */
  add(profile: AgentProfile, nowMs: number): boolean {
    const place = this.spare.pop() ?? this.byPlace.length;
    const slot = new Slot(place, newAgent(profile, nowMs), this.times, this.work);
    this.index.add(profile.id, place);
    this.count += 1;
    this.byPlace[place] = slot;
    this.ids[place] = profile.id;
    this.reasons[place] = 'signedOut';
    const hasGrown = place >= this.room;
    if (hasGrown) this.grow();
    this.settle(slot, true);
    this.refresh(slot, nowMs);
    return hasGrown;
  }

  remove(slot: Slot): void {
    this.settle(slot, false);
    if (this.isFree(slot.place)) this.voiceFree -= 1;
    for (const set of [...this.free.values(), this.atWork, this.signedIn]) setBit(set, slot.place, false);
    this.index.remove(slot.id, slot.place);
    this.count -= 1;
    this.byPlace[slot.place] = undefined;
    this.spare.push(slot.place);
  }

  reprofile(slot: Slot, profile: AgentProfile, nowMs: number, phones?: Readonly<Record<string, DeviceState>>): void {
    this.settle(slot, false);
    slot.become(reprofiled(slot, profile, phones), nowMs);
    this.settle(slot, true);
  }

  /** Brings the sets up to the agent's state at this moment. */
  refresh(slot: Slot, nowMs: number): void {
    const { place } = slot;
    const wasFree = this.isFree(place);
    const reason = unavailability(slot, nowMs);
    this.reasons[place] = reason;
    const isFree = reason === undefined;
    this.voiceFree += Number(isFree) - Number(wasFree);
    setBit(this.voice, place, isFree);
    const mayDial = isFree || occupation(slot, nowMs) === undefined;
    setBit(this.byAgent, place, mayDial);
    setBit(this.atWork, place, isAtWork(slot));
    setBit(this.signedIn, place, slot.presence !== 'signedOut');
    if (slot.isVersatile) this.refreshChannels(slot, nowMs);
  }

  private refreshChannels(slot: Slot, nowMs: number): void {
    const { place } = slot;
    let mayTake = false;
    for (const channel of Object.keys(slot.profile.capacity ?? {})) {
      const isFree = unavailabilityFor(slot, channel, nowMs) === undefined;
      setBit(this.freeOf(channel), place, isFree);
      mayTake ||= isFree;
    }
    setBit(this.beside, place, mayTake);
    setBit(this.available, place, slot.presence === 'available');
  }

  idAt(place: number): string {
    return this.ids[place] as string;
  }

  /** Why the agent can take no call now, if so. */
  reasonAt(place: number): Ineligible | undefined {
    return this.reasons[place];
  }

  isFree(place: number): boolean {
    return this.reasons[place] === undefined;
  }

  /** Whether anything could be given to the agent now. */
  mayBeAsked(place: number): boolean {
    return this.isFree(place) || hasBit(this.byAgent, place) || hasBit(this.beside, place);
  }

  /** Told without looking at anybody; on a busy floor it is so for most calls that come. */
  isNobodyFree(kind: string): boolean {
    return kind === 'voice' && this.voiceFree === 0;
  }

  freeOf(kind: string): Bits {
    return this.free.get(kind) ?? this.setIn(this.free, kind);
  }

  /** Who counts as there: free for that kind of work, at work (busy or not), or signed in. */
  there(counted: Counted, kind: string): Bits {
    return counted === 'free' ? this.freeOf(kind) : counted === 'atWork' ? this.atWorkFor(kind) : this.signedIn;
  }

  /** Calls need a phone that exists, whoever wants them; nothing else does. */
  atWorkFor(kind: string): Bits {
    return kind === 'voice' || kind === 'byAgent' ? this.atWork : this.available;
  }

  membersOf(queueId: string): Bits {
    return this.members.get(queueId) ?? this.setIn(this.members, queueId);
  }

  /** Who is one for the call, free or not; the same as `unfitness` says of each. */
  fitting(spec: Spec): Bits {
    const { agentId, asked, requirement } = spec;
    const fit = agentId === undefined ? this.fitness.fitting(requirement) : this.only(agentId);
    if (agentId === undefined) keepBits(fit, this.membersOf(asked.policy.id));
    if (spec.channel !== 'voice') keepBits(fit, this.ableOn(spec.channel));
    const atNode = this.byNode.get(spec.nodeId);
    for (let word = 0; word < fit.length; word += 1) {
      const reachable = (this.roaming[word] as number) | (atNode?.[word] ?? 0);
      fit[word] = (fit[word] as number) & reachable;
    }
    for (const named of spec.barred) this.strike(fit, named);
    if (agentId === undefined && asked.edges) {
      for (const named of asked.edges.keys()) if (edgeOf(asked, named).delayMs > spec.delayMs) this.strike(fit, named);
    }
    return fit;
  }

  private only(agentId: string): Bits {
    const bits = noBits(this.room);
    const slot = this.get(agentId);
    if (slot) setBit(bits, slot.place, true);
    return bits;
  }

  private strike(bits: Bits, agentId: string): void {
    const slot = this.get(agentId);
    if (slot) setBit(bits, slot.place, false);
  }

  private settle({ place, profile }: Slot, isThere: boolean): void {
    for (const queueId of profile.queues) setBit(this.membersOf(queueId), place, isThere);
    const { nodeId } = profile;
    setBit(nodeId === undefined ? this.roaming : this.nodeSet(nodeId), place, isThere);
    this.fitness.settle(place, isThere ? profile : undefined);
    if (profile.capacity !== undefined) this.settleChannels(place, profile.capacity, isThere);
  }

  /** What is free follows by `refresh`. */
  private settleChannels(place: number, capacity: Readonly<Record<string, number>>, isThere: boolean): void {
    for (const [channel, most] of Object.entries(capacity)) {
      setBit(this.ableOn(channel), place, isThere && most > 0);
      setBit(this.freeOf(channel), place, false);
    }
    setBit(this.beside, place, false);
    setBit(this.available, place, false);
  }

  private ableOn(channel: string): Bits {
    return this.able.get(channel) ?? this.setIn(this.able, channel);
  }

  private nodeSet(nodeId: string): Bits {
    return this.byNode.get(nodeId) ?? this.setIn(this.byNode, nodeId);
  }

  private setIn(sets: Map<string, Bits>, key: string): Bits {
    const set = noBits(this.room);
    sets.set(key, set);
    return set;
  }

  private grow(): void {
    this.room *= 2;
    const { room } = this;
    for (const sets of [this.free, this.able, this.members, this.byNode]) {
      for (const [key, set] of sets) sets.set(key, roomier(set, room));
    }
    this.voice = this.freeOf('voice');
    this.byAgent = this.freeOf('byAgent');
    this.beside = roomier(this.beside, room);
    this.available = roomier(this.available, room);
    this.atWork = roomier(this.atWork, room);
    this.signedIn = roomier(this.signedIn, room);
    this.roaming = roomier(this.roaming, room);
    this.fitness.grow(room);
  }
}
