import { type Bits, forEachBit, hasBit, lowest, meetBits, noBits, setBit } from './bits.ts';
import type { Ordered } from './call-heap.ts';
import type { Crowd } from './crowd.ts';
import { unfitness } from './eligibility.ts';
import { Signature } from './signature.ts';
import type { Slot } from './slot.ts';
import { type Spec, specKey } from './spec.ts';

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
  /** Those that leave somebody out who declined. */
  private readonly declining = new Set<Signature<C>>();
  private readonly closedNodes = new Set<string>();
  private room = 256;
  /** Those with calls that may be offered. */
  private open: Bits = noBits(256);
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
    const key = specKey(spec);
    return this.byKey.get(key) ?? this.create(key, spec);
  }

  /** A call has it from now on. */
  use(signature: Signature<C>): void {
    if (signature.users === 0) {
      this.unused.delete(signature);
      if (signature.spec.declined.length > 0) this.declining.add(signature);
    }
    signature.users += 1;
  }

  release(signature: Signature<C>): void {
    signature.users -= 1;
    if (signature.users > 0) return;
    this.unused.add(signature);
    this.declining.delete(signature);
    signature.emptySinceMs = undefined;
  }

  put(signature: Signature<C>, call: C): void {
    signature.calls.add(call);
    this.firstKeys[signature.index] = signature.calls.first?.orderKey as number;
    if (signature.calls.calls.length === 1) this.reopen(signature);
  }

  take(signature: Signature<C>, call: C): void {
    signature.calls.remove(call);
    const { first } = signature.calls;
    if (first) this.firstKeys[signature.index] = first.orderKey;
    else setBit(this.open, signature.index, false);
  }

  /** Calls of a closed node keep their place and are not found. */
  closeNode(nodeId: string, isClosed: boolean): void {
    if (isClosed) this.closedNodes.add(nodeId);
    else this.closedNodes.delete(nodeId);
    for (const signature of this.byKey.values()) if (signature.spec.nodeId === nodeId) this.reopen(signature);
  }

  /** The signature whose first call a free agent should take. */
  bestFor(slot: Slot, nowMs: number): Signature<C> | undefined {
    const { open, rows, firstKeys } = this;
    const words = open.length;
    const row = slot.place * words;
    let best: Signature<C> | undefined;
    let bestKey = 0;
    let bestPriority = 0;
    for (let word = 0; word < words; word += 1) {
      let both = (rows[row + word] as number) & (open[word] as number);
      for (; both !== 0; both &= both - 1) {
        const index = (word << 5) + lowest(both);
        const signature = this.byIndex[index] as Signature<C>;
        if (!signature.isPlain && !this.isForNow(signature, slot)) continue;
        if (signature.isPlain && slot.reason !== undefined) continue;
        const priority = signature.isPlain ? 50 : signature.priorityFor(slot);
        const key = signature.isPlain
          ? (firstKeys[index] as number)
          : signature.keyNow(firstKeys[index] as number, nowMs);
        if (best && (priority > bestPriority || (priority === bestPriority && key > bestKey))) continue;
        if (best && priority === bestPriority && key === bestKey && !comesFirst(signature, best)) continue;
        best = signature;
        bestKey = key;
        bestPriority = priority;
      }
    }
    return best;
  }

  /** Whether the agent is free for it, and enough others are if some must stay free for those who matter more. */
  private isForNow(signature: Signature<C>, slot: Slot): boolean {
    const free = this.crowd.freeOf(signature.freeKind);
    return hasBit(free, slot.place) && !signature.isReserved(free);
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

  /** Those that leave somebody out although no other of their agents is in the set. */
  lonely(agents: Bits): Signature<C>[] {
    return [...this.declining].filter((signature) => !meetBits(signature.agents, agents));
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
  }

  private create(key: string, spec: Spec): Signature<C> {
    if (this.unused.size >= unusedMax) this.dropOldest();
    const index = this.spare.pop() ?? this.byIndex.length;
    const signature = new Signature<C>(index, key, spec, this.crowd.fitting(spec));
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

/** Equally urgent: whose first call arrived first. */
function comesFirst<C extends Ordered>(a: Signature<C>, b: Signature<C>): boolean {
  return (a.calls.first as C).sequence < (b.calls.first as C).sequence;
}
