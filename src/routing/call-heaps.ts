import type { Positions } from './positions.ts';
import { Stretches } from './stretches.ts';

/** Of each call its key and its number, side by side. */
const width = 2;
const arity = 4;
/** Entries for which a heap has room at first. */
const roomMin = 8;
/** Of each heap where its stretch of the entries begins, for how many calls it has room, and how many are in it. */
const headWidth = 3;

/**
 * The waiting calls of every signature, each a heap by the signature's index: the first is at hand, and any can be taken
 * out. Numbers only: comparing looks at no object, but for calls with the same key, since each look at one of a hundred
 * thousand waits for memory. A call, by its number among all calls, is in one heap at a time.
 */
export class CallHeaps {
  private entries = new Float64Array(0);
  private heads = new Int32Array(0);
  private readonly stretches = new Stretches();
  private readonly positions: Positions;
  private readonly sequenceOf: (number: number) => number;

  /** `positions`: where in its heap each call is. `sequenceOf`: of calls with the same key the lower goes first. */
  constructor(positions: Positions, sequenceOf: (number: number) => number) {
    this.positions = positions;
    this.sequenceOf = sequenceOf;
  }

  size(heap: number): number {
    return this.heads[heap * headWidth + 2] ?? 0;
  }

  /** The number of the first call; -1 when there is none. */
  first(heap: number): number {
    return this.size(heap) === 0 ? -1 : this.numberAt(this.start(heap));
  }

  firstKey(heap: number): number {
    return this.size(heap) === 0 ? Number.POSITIVE_INFINITY : this.keyAt(this.start(heap));
  }

  /** The key with which the call stands in this heap; undefined when it stands in none. */
  keyOf(heap: number, number: number): number | undefined {
    const position = this.positions.of(number);
    return position < 0 ? undefined : this.keyAt(this.start(heap) + position * width);
  }

  /** The numbers of all calls, in no order. */
  numbers(heap: number): readonly number[] {
    const start = this.start(heap);
    return Array.from({ length: this.size(heap) }, (_, position) => this.numberAt(start + position * width));
  }

  /** The number of the first call that is not left out, or -1: goes down only past those that are. */
  firstBut(heap: number, isLeftOut: (number: number) => boolean): number {
    const position = this.positionBut(heap, isLeftOut, 0);
    return position < 0 ? -1 : this.numberAt(this.start(heap) + position * width);
  }

  add(heap: number, orderKey: number, number: number): void {
    const size = this.size(heap);
    if (size === this.room(heap)) this.resize(heap, Math.max(roomMin, 2 * size));
    this.heads[heap * headWidth + 2] = size + 1;
    this.rise(this.start(heap), orderKey, number, size);
  }

  remove(heap: number, number: number): void {
    const { positions } = this;
    const position = positions.of(number);
    positions.set(number, -1);
    const size = this.size(heap) - 1;
    this.heads[heap * headWidth + 2] = size;
    if (position === size) {
      if (size === 0) this.resize(heap, 0);
      return;
    }
    const start = this.start(heap);
    const key = this.keyAt(start + size * width);
    const last = this.numberAt(start + size * width);
    const parent = ((position - 1) / arity) | 0;
    if (position > 0 && this.isBefore(key, last, start + parent * width)) this.rise(start, key, last, position);
    else this.sink(start, size, key, last, position);
  }

  private positionBut(heap: number, isLeftOut: (number: number) => boolean, from: number): number {
    const start = this.start(heap);
    if (from >= this.size(heap)) return -1;
    if (!isLeftOut(this.numberAt(start + from * width))) return from;
    let best = -1;
    for (let child = arity * from + 1; child <= arity * (from + 1); child += 1) {
      const found = this.positionBut(heap, isLeftOut, child);
      if (found < 0) continue;
      const at = start + found * width;
      if (best < 0 || this.isBefore(this.keyAt(at), this.numberAt(at), start + best * width)) best = found;
    }
    return best;
  }

  private rise(start: number, key: number, number: number, from: number): void {
    let position = from;
    while (position > 0) {
      const parent = ((position - 1) / arity) | 0;
      const at = start + parent * width;
      if (!this.isBefore(key, number, at)) break;
      this.put(start, this.keyAt(at), this.numberAt(at), position);
      position = parent;
    }
    this.put(start, key, number, position);
  }

  private sink(start: number, size: number, key: number, number: number, from: number): void {
    let position = from;
    for (;;) {
      const firstChild = arity * position + 1;
      if (firstChild >= size) break;
      const end = Math.min(firstChild + arity, size);
      let child = firstChild;
      let at = start + child * width;
      for (let other = firstChild + 1; other < end; other += 1) {
        const otherAt = start + other * width;
        if (!this.isBefore(this.keyAt(otherAt), this.numberAt(otherAt), at)) continue;
        child = other;
        at = otherAt;
      }
      if (this.isBefore(key, number, at)) break;
      this.put(start, this.keyAt(at), this.numberAt(at), position);
      position = child;
    }
    this.put(start, key, number, position);
  }

  /** Whether the call goes before that of the entry. */
  private isBefore(key: number, number: number, at: number): boolean {
    const other = this.keyAt(at);
    return key < other || (key === other && this.sequenceOf(number) < this.sequenceOf(this.numberAt(at)));
  }

  private put(start: number, key: number, number: number, position: number): void {
    const at = start + position * width;
    this.entries[at] = key;
    this.entries[at + 1] = number;
    this.positions.set(number, position);
  }

  /** Moves to a stretch with room for so many. */
  private resize(heap: number, room: number): void {
    const start = this.start(heap);
    const before = this.room(heap);
    this.reach(heap);
    const head = heap * headWidth;
    if (room > 0) {
      const to = this.take(room);
      this.entries.copyWithin(to, start, start + this.size(heap) * width);
      this.heads[head] = to;
    }
    this.stretches.give(start, before * width);
    this.heads[head + 1] = room;
  }

  private take(room: number): number {
    const start = this.stretches.take(room * width);
    if (this.stretches.end > this.entries.length) {
      const entries = new Float64Array(2 * this.stretches.end);
      entries.set(this.entries);
      this.entries = entries;
    }
    return start;
  }

  private reach(heap: number): void {
    if ((heap + 1) * headWidth <= this.heads.length) return;
    const heads = new Int32Array(2 * (heap + 1) * headWidth);
    heads.set(this.heads);
    this.heads = heads;
  }

  private start(heap: number): number {
    return this.heads[heap * headWidth] ?? 0;
  }

  private room(heap: number): number {
    return this.heads[heap * headWidth + 1] ?? 0;
  }

  private keyAt(at: number): number {
    return this.entries[at] as number;
  }

  private numberAt(at: number): number {
    return this.entries[at + 1] as number;
  }
}
