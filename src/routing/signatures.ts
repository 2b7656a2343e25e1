import { type Bits, forEachBit, hasBit, lowest, noBits, setBit } from './bits.ts';
import type { Ordered } from './call-heap.ts';
import type { Crowd } from './crowd.ts';
import { unfitness } from './eligibility.ts';
import { Signature } from './signature.ts';
import type { Slot } from './slot.ts';
import type { Requirement } from './requirement.ts';
import { sameSpec, type Spec, specKey } from './spec.ts';

/** Signatures without calls that are kept for the next call with the same wishes. */
const unusedMax = 1024;

/**
 * All signatures, and per agent a bit for each that the agent fits. An agent who comes free looks at the signatures
 * that have both the agent's bit and calls, and compares their first calls: never at a call that is not the first.
 */
export class Signatures<C extends Ordered> {
  private readonly crowd: Crowd;
  private readonly byKey = new Map<string, Signature<C>>();
  private readonly byIndex: (Signature<C> | undefined)[] = [];
  private readonly spare: number[] = [];
  private readonly unused = new Set<Signature<C>>();
  private readonly closedNodes = new Set<string>();
  private room = 256;
  /** Those with calls that may be offered. */
  private open: Bits = noBits(256);
  /** Those of them that are plain. */
  private openPlain: Bits = noBits(256);
  /** All that are not plain and have calls. */
  private readonly special = new Set<Signature<C>>();
  /** By what is asked: most calls ask as another did just before. */
  private readonly recent = new WeakMap<Requirement, Signature<C>>();
  /** Order key of the first call, by index. */
  private firstKeys = new Float64Array(256);
  /** Per place a row of `room` bits. */
  private rows: Bits = noBits(0);
  private rowsMax = 0;

  constructor(crowd: Crowd) {
    this.crowd = crowd;
  }

  get size(): number {
    return this.byKey.size;
  }

  isClosed(nodeId: string): boolean {
    return this.closedNodes.has(nodeId);
  }

  /** The one for these wishes. */
  of(spec: Spec): Signature<C> {
    const recent = this.recent.get(spec.requirement);
    if (recent && this.byIndex[recent.index] === recent && sameSpec(recent.spec, spec)) return recent;
    const key = specKey(spec);
    const signature = this.byKey.get(key) ?? this.create(key, spec);
    this.recent.set(spec.requirement, signature);
    return signature;
  }

  /** A call has it from now on. */
  use(signature: Signature<C>): void {
    if (signature.users === 0) this.unused.delete(signature);
    signature.users += 1;
  }

  release(signature: Signature<C>): void {
    signature.users -= 1;
    if (signature.users > 0) return;
    this.unused.add(signature);
    signature.emptySinceMs = undefined;
  }

  put(signature: Signature<C>, call: C): void {
    signature.calls.add(call);
    this.firstKeys[signature.index] = signature.calls.first?.orderKey as number;
    if (call.excluded.size > 0) signature.excluding += 1;
    if (call.excluded.size > 0 || signature.calls.calls.length === 1) this.reopen(signature);
  }

  take(signature: Signature<C>, call: C): void {
    signature.calls.remove(call);
    const { first } = signature.calls;
    if (first) this.firstKeys[signature.index] = first.orderKey;
    if (call.excluded.size > 0) signature.excluding -= 1;
    if (call.excluded.size > 0 || !first) this.reopen(signature);
  }

  /** Calls of a closed node keep their place and are not found. */
  closeNode(nodeId: string, isClosed: boolean): void {
    if (isClosed) this.closedNodes.add(nodeId);
    else this.closedNodes.delete(nodeId);
    for (const signature of this.byKey.values()) if (signature.spec.nodeId === nodeId) this.reopen(signature);
  }

  /** The call that a free agent should take. */
  bestFor(slot: Slot, nowMs: number): C | undefined {
    const plain = slot.reason === undefined ? this.bestPlain(slot.place) : -1;
    const best = this.byIndex[plain];
    return this.special.size === 0 ? best?.calls.first : this.bestSpecial(slot, best, nowMs);
  }

  /** Those with a reserve and calls that leave somebody out, which the agent fits. */
  guardedFor(slot: Slot): Signature<C>[] {
    return [...this.special].filter(
      ({ spec, excluding, agents }) => spec.reserve !== undefined && excluding > 0 && hasBit(agents, slot.place),
    );
  }

  /** Of those of which only key and arrival count: their index, or -1. Looks at no object but on a tie. */
  private bestPlain(place: number): number {
    const { openPlain, rows, firstKeys } = this;
    const words = (this.byIndex.length + 31) >>> 5;
    const row = place * openPlain.length;
    let best = -1;
    let bestKey = Number.POSITIVE_INFINITY;
    for (let word = 0; word < words; word += 1) {
      let both = (rows[row + word] as number) & (openPlain[word] as number);
      for (; both !== 0; both &= both - 1) {
        const index = (word << 5) + lowest(both);
        const key = firstKeys[index] as number;
        if (key < bestKey || (key === bestKey && this.comesFirst(index, best))) {
          best = index;
          bestKey = key;
        }
      }
    }
    return best;
  }

  /** Those with a reserve, edges, a rate, a channel of their own, or calls that leave somebody out. */
  private bestSpecial(slot: Slot, plain: Signature<C> | undefined, nowMs: number): C | undefined {
    let bestSignature = plain;
    let best = plain?.calls.first;
    for (const signature of this.special) {
      if (!hasBit(signature.agents, slot.place)) continue;
      const free = this.crowd.freeOf(signature.freeKind);
      if (!hasBit(free, slot.place) || signature.isReserved(free)) continue;
      const call = signature.calls.firstFor(slot.agent.profile.id);
      if (!call) continue;
      const isAhead = !best || !bestSignature || goesBefore(slot, nowMs, [signature, call], [bestSignature, best]);
      if (!isAhead) continue;
      best = call;
      bestSignature = signature;
    }
    return best;
  }

  /** Equally urgent: whose first call arrived first. */
  private comesFirst(a: number, b: number): boolean {
    const [first, second] = [this.byIndex[a]?.calls.first, this.byIndex[b]?.calls.first];
    return first !== undefined && second !== undefined && first.sequence < second.sequence;
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
  *openTo(slot: Slot): Iterable<Signature<C>> {
    const row = slot.place * this.open.length;
    for (let word = 0; word < this.open.length; word += 1) {
      let both = (this.rows[row + word] as number) & (this.open[word] as number);
      for (; both !== 0; both &= both - 1) yield this.byIndex[(word << 5) + lowest(both)] as Signature<C>;
    }
  }

  private reopen(signature: Signature<C>): void {
    const isOpen = signature.calls.first !== undefined && !this.closedNodes.has(signature.spec.nodeId);
    setBit(this.open, signature.index, isOpen);
    const { isPlain } = signature;
    setBit(this.openPlain, signature.index, isOpen && isPlain);
    if (isOpen && !isPlain) this.special.add(signature);
    else this.special.delete(signature);
  }

  private create(key: string, spec: Spec): Signature<C> {
    const agents = this.crowd.fitting(spec);
    if (this.unused.size >= unusedMax) this.dropOldest();
    const index = this.spare.pop() ?? this.byIndex.length;
    const signature = new Signature<C>(index, key, spec, agents);
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
    const open = noBits(this.room);
    open.set(this.open);
    this.open = open;
    const openPlain = noBits(this.room);
    openPlain.set(this.openPlain);
    this.openPlain = openPlain;
    const firstKeys = new Float64Array(this.room);
    firstKeys.set(this.firstKeys);
    this.firstKeys = firstKeys;
    this.rebuildRows();
  }

  private rebuildRows(): void {
    this.rowsMax = Math.ceil((this.crowd.places + 1) / 64) * 64;
    this.rows = noBits(this.rowsMax * this.room);
    for (const { agents, index } of this.byKey.values())
      forEachBit(agents, (place) => this.setInRow(place, index, true));
  }
}

type Choice<C extends Ordered> = readonly [signature: Signature<C>, call: C];

function goesBefore<C extends Ordered>(
  slot: Slot,
  nowMs: number,
  [a, call]: Choice<C>,
  [b, other]: Choice<C>,
): boolean {
  const priority = a.priorityFor(slot) - b.priorityFor(slot);
  if (priority !== 0) return priority < 0;
  const key = a.keyNow(call.orderKey, nowMs) - b.keyNow(other.orderKey, nowMs);
  return key < 0 || (key === 0 && call.sequence < other.sequence);
}
