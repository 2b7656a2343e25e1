import { type Bits, forEachBit, hasBit, lowest, noBits, roomier, setBit } from './bits.ts';
import type { Calls } from './calls.ts';
import type { Crowd } from './crowd.ts';
import { unfitness } from './eligibility.ts';
import { Signature } from './signature.ts';
import type { Slot } from './slot.ts';
import type { Requirement } from './requirement.ts';
import { sameSpec, type Spec, specKey } from './spec.ts';
import type { WaitingCall } from './waiting-call.ts';

/** Signatures without calls that are kept for the next call with the same wishes. */
const unusedMax = 1024;
const none: readonly Signature[] = [];

/**
 * All signatures, and per agent a bit for each that the agent fits. An agent who comes free looks at the signatures
 * that have both the agent's bit and calls, and compares their first calls: never at a call that is not the first.
 */
export class Signatures {
  private readonly crowd: Crowd;
  private readonly calls: Calls;
  private readonly byKey = new Map<string, Signature>();
  private readonly byIndex: (Signature | undefined)[] = [];
  private readonly spare: number[] = [];
  private readonly unused = new Set<Signature>();
  private readonly closedNodes = new Set<string>();
  private room = 256;
  /** Those with calls that may be offered. */
  private open: Bits = noBits(256);
  /** Those of them that are plain. */
  private openPlain: Bits = noBits(256);
  /** Those of them that are not, and how many they are. */
  private openSpecial: Bits = noBits(256);
  private special = 0;
  /** By what is asked: most calls ask as another did just before. */
  private readonly recent = new WeakMap<Requirement, Signature>();
  /** Order key and arrival of the first call, side by side, by index. */
  private firsts = new Float64Array(2 * 256);
  /** Per place a row of `room` bits. */
  private rows: Bits = noBits(0);
  private rowsMax = 0;

  constructor(crowd: Crowd, calls: Calls) {
    this.crowd = crowd;
    this.calls = calls;
  }

  get size(): number {
    return this.byKey.size;
  }

  isClosed(nodeId: string): boolean {
    return this.closedNodes.has(nodeId);
  }

  /** The one for these wishes. */
  of(spec: Spec): Signature {
    const recent = this.recent.get(spec.requirement);
    if (recent && this.byIndex[recent.index] === recent && sameSpec(recent.spec, spec)) return recent;
    const key = specKey(spec);
    const signature = this.byKey.get(key) ?? this.create(key, spec);
    this.recent.set(spec.requirement, signature);
    return signature;
  }

  /** A call has it from now on. */
  use(signature: Signature): void {
    if (signature.users === 0) this.unused.delete(signature);
    signature.users += 1;
  }

  release(signature: Signature): void {
    signature.users -= 1;
    if (signature.users > 0) return;
    this.unused.add(signature);
    signature.emptySinceMs = undefined;
  }

  put(signature: Signature, call: WaitingCall): void {
    const { calls } = signature;
    calls.add(call);
    this.noteFirst(signature);
    if (call.excluded.size > 0) signature.excluding += 1;
    if (call.excluded.size > 0 || calls.size === 1) this.reopen(signature);
  }

  take(signature: Signature, call: WaitingCall): void {
    const { calls } = signature;
    calls.remove(call.number);
    this.noteFirst(signature);
    if (call.excluded.size > 0) signature.excluding -= 1;
    if (call.excluded.size > 0 || calls.size === 0) this.reopen(signature);
  }

  at(index: number): Signature | undefined {
    return this.byIndex[index];
  }

  firstOf({ calls }: Signature): WaitingCall | undefined {
    return calls.size === 0 ? undefined : this.calls.at(calls.first);
  }

  callsOf({ calls }: Signature): readonly WaitingCall[] {
    return calls.numbers().map((number) => this.calls.at(number));
  }

  private noteFirst({ index, calls }: Signature): void {
    this.firsts[2 * index] = calls.firstKey;
    this.firsts[2 * index + 1] = calls.firstSequence;
  }

  /** Calls of a closed node keep their place and are not found. */
  closeNode(nodeId: string, isClosed: boolean): void {
    if (isClosed) this.closedNodes.add(nodeId);
    else this.closedNodes.delete(nodeId);
    for (const signature of this.byKey.values()) if (signature.spec.nodeId === nodeId) this.reopen(signature);
  }

  /** The call that a free agent should take. */
  bestFor(slot: Slot, nowMs: number): WaitingCall | undefined {
    const { place } = slot;
    const plain = this.crowd.isFree(place) ? this.byIndex[this.bestPlain(place)] : undefined;
    if (this.special > 0) return this.bestSpecial(slot, plain, nowMs);
    return plain && this.firstOf(plain);
  }

  /** Those with a reserve and calls that leave somebody out, which the agent fits. */
  guardedFor(slot: Slot): readonly Signature[] {
    if (this.special === 0) return none;
    const fitting = [...this.fittingIn(this.openSpecial, slot)];
    return fitting.filter(({ spec, excluding }) => spec.reserve !== undefined && excluding > 0);
  }

  /** Of those of which only key and arrival count: their index, or -1. Looks at no object. */
  private bestPlain(place: number): number {
    const { openPlain, rows, firsts } = this;
    const words = (this.byIndex.length + 31) >>> 5;
    const row = place * openPlain.length;
    let best = -1;
    let bestKey = Number.POSITIVE_INFINITY;
    let bestSequence = Number.POSITIVE_INFINITY;
    for (let word = 0; word < words; word += 1) {
      let both = (rows[row + word] as number) & (openPlain[word] as number);
      for (; both !== 0; both &= both - 1) {
        const index = (word << 5) + lowest(both);
        const key = firsts[2 * index] as number;
        if (key > bestKey) continue;
        const sequence = firsts[2 * index + 1] as number;
        if (key === bestKey && sequence > bestSequence) continue;
        best = index;
        bestKey = key;
        bestSequence = sequence;
      }
    }
    return best;
  }

  /** Those with a reserve, edges, a rate, a channel of their own, or calls that leave somebody out. */
  private bestSpecial(slot: Slot, plain: Signature | undefined, nowMs: number): WaitingCall | undefined {
    let bestSignature = plain;
    let best = plain && this.firstOf(plain);
    const { id } = slot.agent.profile;
    const isLeftOut = (number: number): boolean => this.calls.at(number).excluded.has(id);
    for (const signature of this.fittingIn(this.openSpecial, slot)) {
      const free = this.crowd.freeOf(signature.freeKind);
      if (!hasBit(free, slot.place) || signature.isReserved(free)) continue;
      const number = signature.calls.firstBut(isLeftOut);
      if (number < 0) continue;
      const call = this.calls.at(number);
      const isAhead = !best || !bestSignature || goesBefore(slot, nowMs, [signature, call], [bestSignature, best]);
      if (!isAhead) continue;
      best = call;
      bestSignature = signature;
    }
    return best;
  }

  /** An agent's profile changed, or the agent is new or gone. */
  reprofile(slot: Slot, isThere: boolean): void {
    for (const signature of this.byKey.values()) {
      const fits = isThere && unfitness(slot.agent, signature.spec) === undefined;
      setBit(signature.agents, slot.place, fits);
      this.setInRow(slot.place, signature.index, fits);
    }
  }

  /** The crowd's sets have grown. */
  rebuild(): void {
    for (const signature of this.byKey.values()) signature.agents = this.crowd.fitting(signature.spec);
    this.rebuildRows();
  }

  /** Those with calls that the agent fits. */
  openTo(slot: Slot): Iterable<Signature> {
    return this.fittingIn(this.open, slot);
  }

  private *fittingIn(set: Bits, slot: Slot): Iterable<Signature> {
    const row = slot.place * set.length;
    const words = (this.byIndex.length + 31) >>> 5;
    for (let word = 0; word < words; word += 1) {
      let both = (this.rows[row + word] as number) & (set[word] as number);
      for (; both !== 0; both &= both - 1) yield this.byIndex[(word << 5) + lowest(both)] as Signature;
    }
  }

  private reopen(signature: Signature): void {
    const { index, isPlain, calls, spec } = signature;
    const isOpen = calls.size > 0 && !this.closedNodes.has(spec.nodeId);
    setBit(this.open, index, isOpen);
    setBit(this.openPlain, index, isOpen && isPlain);
    this.special += Number(isOpen && !isPlain) - Number(hasBit(this.openSpecial, index));
    setBit(this.openSpecial, index, isOpen && !isPlain);
  }

  private create(key: string, spec: Spec): Signature {
    const agents = this.crowd.fitting(spec);
    if (this.unused.size >= unusedMax) this.dropOldest();
    const index = this.spare.pop() ?? this.byIndex.length;
    const signature = new Signature(index, key, spec, agents, this.calls.inHeap);
    this.byKey.set(key, signature);
    this.byIndex[index] = signature;
    this.unused.add(signature);
    if (index >= this.room) this.grow();
    else if (this.crowd.places > this.rowsMax) this.rebuildRows();
    else forEachBit(signature.agents, (place) => this.setInRow(place, index, true));
    return signature;
  }

  private dropOldest(): void {
    const [oldest] = this.unused;
    if (!oldest) return;
    this.unused.delete(oldest);
    this.byKey.delete(oldest.key);
    this.byIndex[oldest.index] = undefined;
    this.spare.push(oldest.index);
    forEachBit(oldest.agents, (place) => this.setInRow(place, oldest.index, false));
  }

  private setInRow(place: number, index: number, isIn: boolean): void {
    if (place >= this.rowsMax) return this.rebuildRows();
    const word = place * this.open.length + (index >>> 5);
    const bit = 1 << (index & 31);
    const before = this.rows[word] as number;
    this.rows[word] = isIn ? before | bit : before & ~bit;
  }

  private grow(): void {
    this.room *= 2;
    this.open = roomier(this.open, this.room);
    this.openPlain = roomier(this.openPlain, this.room);
    this.openSpecial = roomier(this.openSpecial, this.room);
    const firsts = new Float64Array(2 * this.room);
    firsts.set(this.firsts);
    this.firsts = firsts;
    this.rebuildRows();
  }

  private rebuildRows(): void {
    this.rowsMax = Math.ceil((this.crowd.places + 1) / 64) * 64;
    this.rows = noBits(this.rowsMax * this.room);
    for (const { agents, index } of this.byKey.values())
      forEachBit(agents, (place) => this.setInRow(place, index, true));
  }
}

type Choice = readonly [signature: Signature, call: WaitingCall];

function goesBefore(
  slot: Slot,
  nowMs: number,
  [a, call]: Choice,
  [b, other]: Choice,
): boolean {
  const priority = a.priorityFor(slot) - b.priorityFor(slot);
  if (priority !== 0) return priority < 0;
  const key = a.keyNow(call.orderKey, nowMs) - b.keyNow(other.orderKey, nowMs);
  return key < 0 || (key === 0 && call.sequence < other.sequence);
}
