import { isPlain, specOf } from './asking.ts';
import { forEachBit, hasBit, setBit } from './bits.ts';
import { CallHeaps } from './call-heaps.ts';
import type { Calls } from './calls.ts';
import type { Crowd } from './crowd.ts';
import { unfitness } from './eligibility.ts';
import { FirstFits } from './first-fits.ts';
import { NumberLists } from './number-lists.ts';
import { Signature } from './signature.ts';
import type { Slot } from './slot.ts';
import type { Requirement } from './requirement.ts';
import type { RuleBook } from './rules.ts';
import { sameSpec, type Spec, specKey } from './spec.ts';
import type { WaitingCall } from './waiting-call.ts';

/** Signatures without calls that are kept for the next call with the same wishes. */
const unusedMax = 1024;
/** Without calls that may be offered; with such calls, of which only key and arrival count; with such calls of other kinds. */
const closed = 0;
const plain = 1;
const special = 2;
/** With such calls that are not voice. */
const beside = 3;

const none: readonly Signature[] = [];

/**
 * All signatures, and per agent a list of those that the agent fits. An agent who comes free compares the first calls of
 * these: never a call that is not the first.
 */
export class Signatures {
  private readonly crowd: Crowd;
  private readonly calls: Calls;
  /** The waiting calls of each that may be offered, by index. */
  private readonly heaps: CallHeaps;
  private readonly byKey = new Map<string, Signature>();
  private readonly byIndex: (Signature | undefined)[] = [];
  private readonly spare: number[] = [];
  private readonly unused = new Set<Signature>();
  private readonly closedNodes = new Set<string>();
  private room = 256;
  /** How each stands, by index. */
  private states = new Uint8Array(256);
  /** How many are open and not plain. */
  private special = 0;
  /** How many are open and not voice: only agents with a capacity look at them. */
  private beside = 0;
  /** By what is asked: most calls ask as another did just before. */
  private readonly recent = new WeakMap<Requirement, Signature>();
  /** The same for calls that ask for nothing else, by their needs: entries hand on the same object for all their calls. */
  private readonly plain = new WeakMap<object, Signature>();
  /** Order key of the first call of each plain one, by index; of all others `Infinity`. */
  private firstKeys = new Float64Array(256).fill(Number.POSITIVE_INFINITY);
  readonly firstFits = new FirstFits();
  /** Those that each agent fits, by place. */
  private readonly fitted = new NumberLists();

  constructor(crowd: Crowd, calls: Calls) {
    this.crowd = crowd;
    this.calls = calls;
    this.heaps = new CallHeaps(calls.inHeap, (number) => calls.at(number).sequence);
  }

  get size(): number {
    return this.byKey.size;
  }

  isClosed(nodeId: string): boolean {
    return this.closedNodes.size > 0 && this.closedNodes.has(nodeId);
  }

  /** The one for these wishes. */
  of(spec: Spec): Signature {
    const recent = this.recent.get(spec.requirement);
    if (recent?.isKept && sameSpec(recent.spec, spec)) return recent;
    const key = specKey(spec);
    const signature = this.byKey.get(key) ?? this.create(key, spec);
    this.recent.set(spec.requirement, signature);
    return signature;
  }

  /** The one for what a call asks for now. */
  ofCall(call: WaitingCall, book: RuleBook): Signature {
    if (!isPlain(call)) return this.of(specOf(call, book));
    const { request, rules } = call;
    const recent = this.plain.get(request.needs);
    const isIt = recent?.isKept && recent.rules === rules;
    if (isIt && recent.nodeId === request.nodeId) return recent;
    const signature = this.of(specOf(call, book));
    this.plain.set(request.needs, signature);
    return signature;
  }

  /** A call has it from now on. */
  use(signature: Signature): void {
    if (signature.users === 0) this.unused.delete(signature);
    signature.users += 1;
  }

  release(signature: Signature): void {
    signature.users -= 1;
    // Nobody looks any more whether somebody has been back.
    if (this.heaps.size(signature.index) === 0) signature.emptySinceMs = undefined;
    if (signature.users === 0) this.unused.add(signature);
  }

  put(signature: Signature, call: WaitingCall): void {
    this.heaps.add(signature.index, call.orderKey, call.number);
    if (call.progress.excluded.size > 0) signature.excluding += 1;
    if (call.progress.excluded.size > 0 || this.heaps.size(signature.index) === 1) this.reopen(signature);
    this.noteFirst(signature);
  }

  take(signature: Signature, call: WaitingCall): void {
    this.heaps.remove(signature.index, call.number);
    if (call.progress.excluded.size > 0) signature.excluding -= 1;
    if (call.progress.excluded.size > 0 || this.heaps.size(signature.index) === 0) this.reopen(signature);
    this.noteFirst(signature);
  }

  at(index: number): Signature | undefined {
    return this.byIndex[index];
  }

  firstOf({ index }: Signature): WaitingCall | undefined {
    const first = this.heaps.first(index);
    return first < 0 ? undefined : this.calls.at(first);
  }

  /** Where the call stands in the order; told by its place in line if it has one, without a look at the call. */
  keyOf(call: WaitingCall): number {
    const { number, signature } = call;
    const key = signature && number >= 0 ? this.heaps.keyOf(signature.index, number) : undefined;
    return key ?? call.orderKey;
  }

  callsOf({ index }: Signature): readonly WaitingCall[] {
    return this.heaps.numbers(index).map((number) => this.calls.at(number));
  }

  private noteFirst({ index }: Signature): void {
    if (this.states[index] !== plain) return;
    this.firstKeys[index] = this.heaps.firstKey(index);
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
    const number = this.crowd.isFree(place) ? this.bestPlain(place) : -1;
    const best = number < 0 ? undefined : this.calls.at(number);
    const looksBeside = this.beside > 0 && slot.isVersatile;
    if (this.special > 0 || looksBeside) return this.bestSpecial(slot, best, nowMs);
    return best;
  }

  /** Those with a reserve and calls that leave somebody out, which the agent fits. */
  guardedFor(slot: Slot): readonly Signature[] {
    if (this.special + this.beside === 0) return none;
    return this.specialFor(slot).filter(({ spec, excluding }) => spec.reserve !== undefined && excluding > 0);
  }

  /** The first call of those of which only key and arrival count: its number, or -1. Looks at no object. */
  private bestPlain(place: number): number {
    const { firstKeys } = this;
    const { numbers, starts, sizes } = this.fitted;
    const start = starts[place] ?? 0;
    const end = start + (sizes[place] ?? 0);
    let best = -1;
    let bestKey = Number.POSITIVE_INFINITY;
    for (let at = start; at < end; at += 1) {
      const index = numbers[at] as number;
      const key = firstKeys[index] as number;
      if (!(key < bestKey) && !(best >= 0 && key === bestKey && this.cameBefore(index, best))) continue;
      best = index;
      bestKey = key;
    }
    return best < 0 ? -1 : this.heaps.first(best);
  }

  /** Of first calls with the same key; asked too seldom for arrivals to lie beside the keys. */
  private cameBefore(index: number, other: number): boolean {
    return this.calls.at(this.heaps.first(index)).sequence < this.calls.at(this.heaps.first(other)).sequence;
  }

  /** Those with a reserve, edges, a rate, a channel of their own, or calls that leave somebody out. */
  private bestSpecial(slot: Slot, first: WaitingCall | undefined, nowMs: number): WaitingCall | undefined {
    const { numbers, starts, sizes } = this.fitted;
    const start = starts[slot.place] ?? 0;
    const end = start + (sizes[slot.place] ?? 0);
    let best = first;
    for (let at = start; at < end; at += 1) {
      const index = numbers[at] as number;
      if ((this.states[index] as number) < special) continue;
      const call = this.firstFor(slot, this.byIndex[index] as Signature);
      if (call && (!best || goesBefore(slot, nowMs, call, best))) best = call;
    }
    return best;
  }

  /** The first call of the signature that the agent may have now. */
  private firstFor({ id, place }: Slot, signature: Signature): WaitingCall | undefined {
    const free = this.crowd.freeOf(signature.freeKind);
    if (!hasBit(free, place) || signature.isReserved(free)) return undefined;
    const first = this.firstOf(signature);
    if (!first?.progress.excluded.has(id)) return first;
    const number = this.heaps.firstBut(signature.index, (other) => this.calls.at(other).progress.excluded.has(id));
    return number < 0 ? undefined : this.calls.at(number);
  }

  /** An agent's profile changed, or the agent is new or gone. */
  reprofile(slot: Slot, isThere: boolean): void {
    for (const signature of this.byKey.values()) {
      const fits = isThere && unfitness(slot, signature.spec) === undefined;
      setBit(signature.agents, slot.place, fits);
      this.firstFits.forget(signature.index);
      if (fits) this.fitted.add(slot.place, signature.index);
      else this.fitted.remove(slot.place, signature.index);
    }
  }

  /** The crowd's sets have grown. */
  rebuild(): void {
    this.fitted.clear();
    for (const signature of this.byKey.values()) {
      signature.agents = this.crowd.fitting(signature.spec);
      this.firstFits.forget(signature.index);
      this.list(signature);
    }
  }

  /** Those with calls that may be offered. */
  open(): readonly Signature[] {
    return [...this.byKey.values()].filter(({ index }) => this.states[index] !== closed);
  }

  private specialFor({ place }: Slot): readonly Signature[] {
    const { numbers, starts, sizes } = this.fitted;
    const start = starts[place] ?? 0;
    const end = start + (sizes[place] ?? 0);
    let found: Signature[] | undefined;
    for (let at = start; at < end; at += 1) {
      const index = numbers[at] as number;
      if ((this.states[index] as number) < special) continue;
      found ??= [];
      found.push(this.byIndex[index] as Signature);
    }
    return found ?? none;
  }

  private list({ agents, index }: Signature): void {
    forEachBit(agents, (place) => this.fitted.add(place, index));
  }

  private reopen(signature: Signature): void {
    const { index, isPlain, spec } = signature;
    const isOpen = this.heaps.size(index) > 0 && !this.isClosed(spec.nodeId);
    const before = this.states[index];
    const state = !isOpen ? closed : isPlain ? plain : spec.channel === 'voice' ? special : beside;
    this.states[index] = state;
    this.special += Number(state === special) - Number(before === special);
    this.beside += Number(state === beside) - Number(before === beside);
    if (state === plain) return this.noteFirst(signature);
    this.firstKeys[index] = Number.POSITIVE_INFINITY;
  }

  private create(key: string, spec: Spec): Signature {
    const agents = this.crowd.fitting(spec);
    if (this.unused.size >= unusedMax) this.dropOldest();
    const index = this.spare.pop() ?? this.byIndex.length;
    const signature = new Signature(index, key, spec, agents);
    this.byKey.set(key, signature);
    this.byIndex[index] = signature;
    this.firstFits.forget(signature.index);
    this.unused.add(signature);
    if (index >= this.room) this.grow();
    this.list(signature);
    return signature;
  }

  private dropOldest(): void {
    const [oldest] = this.unused;
    if (!oldest) return;
    this.unused.delete(oldest);
    this.byKey.delete(oldest.key);
    oldest.isKept = false;
    this.byIndex[oldest.index] = undefined;
    this.spare.push(oldest.index);
    forEachBit(oldest.agents, (place) => this.fitted.remove(place, oldest.index));
  }

  private grow(): void {
    this.room *= 2;
    const states = new Uint8Array(this.room);
    states.set(this.states);
    this.states = states;
    const firstKeys = new Float64Array(this.room).fill(Number.POSITIVE_INFINITY);
    firstKeys.set(this.firstKeys);
    this.firstKeys = firstKeys;
  }
}

/** Who has waited past the deadline, then what the agent takes first, then the order of calls. */
function goesBefore(slot: Slot, nowMs: number, call: WaitingCall, other: WaitingCall): boolean {
  const { signature: a } = call;
  const { signature: b } = other;
  if (!a || !b) return b === undefined;
  const { isStarved } = call.progress;
  if (isStarved !== other.progress.isStarved) return isStarved;
  const priority = a.priorityFor(slot) - b.priorityFor(slot);
  if (priority !== 0) return priority < 0;
  const key = a.keyNow(call.orderKey, nowMs) - b.keyNow(other.orderKey, nowMs);
  return key < 0 || (key === 0 && call.sequence < other.sequence);
}
