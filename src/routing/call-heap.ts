import type { Positions } from './positions.ts';
import { Stretches } from './stretches.ts';

/** Of each call its key, its arrival and its number, side by side. */
const width = 3;
const arity = 4;
/** Entries for which a heap has room at first. */
const roomMin = 8;

/** Where all heaps lie, and where in its heap each call is. */
export class HeapGround {
  entries = new Float64Array(0);
  readonly stretches = new Stretches();
  readonly positions: Positions;

  constructor(positions: Positions) {
    this.positions = positions;
  }

  take(room: number): number {
    const start = this.stretches.take(room * width);
    if (this.stretches.end > this.entries.length) {
      const entries = new Float64Array(2 * this.stretches.end);
      entries.set(this.entries);
      this.entries = entries;
    }
    return start;
  }
}

/**
 * The waiting calls of one signature: the first is at hand, and any can be taken out. Numbers only: comparing looks at
 * no call, since each look at one of a hundred thousand waits for memory.
 */
export class CallHeap {
  private readonly ground: HeapGround;
  /** Where its stretch of the ground begins, for how many calls it has room, and how many are in it. */
  private start = 0;
  private room = 0;
  size = 0;

  constructor(ground: HeapGround) {
    this.ground = ground;
  }

  /** The number of the first call; -1 when there is none. */
  get first(): number {
    return this.size === 0 ? -1 : this.numberAt(0);
  }

  get firstKey(): number {
    return this.size === 0 ? Number.POSITIVE_INFINITY : this.keyAt(0);
  }

  get firstSequence(): number {
    return this.size === 0 ? Number.POSITIVE_INFINITY : this.sequenceAt(0);
  }

  /** The numbers of all calls, in no order. */
  numbers(): readonly number[] {
    return Array.from({ length: this.size }, (_, position) => this.numberAt(position));
  }

  /** The number of the first call that is not left out, or -1: goes down only past those that are. */
  firstBut(isLeftOut: (number: number) => boolean): number {
    const position = this.positionBut(isLeftOut, 0);
    return position < 0 ? -1 : this.numberAt(position);
  }

  /** A call, by its number among all calls, is in one heap at a time. */
  add(orderKey: number, sequence: number, number: number): void {
    if (this.size === this.room) this.resize(Math.max(roomMin, 2 * this.room));
    this.size += 1;
    this.rise(orderKey, sequence, number, this.size - 1);
  }

  remove(number: number): void {
    const { positions } = this.ground;
    const position = positions.of(number);
    positions.set(number, -1);
    this.size -= 1;
    const { size } = this;
    if (position === size) {
      if (size === 0) this.resize(0);
      return;
    }
    const key = this.keyAt(size);
    const sequence = this.sequenceAt(size);
    const last = this.numberAt(size);
    const parent = ((position - 1) / arity) | 0;
    if (position > 0 && this.isBefore(key, sequence, parent)) this.rise(key, sequence, last, position);
    else this.sink(key, sequence, last, position);
  }

  private positionBut(isLeftOut: (number: number) => boolean, from: number): number {
    if (from >= this.size) return -1;
    if (!isLeftOut(this.numberAt(from))) return from;
    let best = -1;
    for (let child = arity * from + 1; child <= arity * (from + 1); child += 1) {
      const found = this.positionBut(isLeftOut, child);
      if (found >= 0 && (best < 0 || this.isBefore(this.keyAt(found), this.sequenceAt(found), best))) best = found;
    }
    return best;
  }

  private rise(key: number, sequence: number, number: number, from: number): void {
    let position = from;
    while (position > 0) {
      const parent = ((position - 1) / arity) | 0;
      if (!this.isBefore(key, sequence, parent)) break;
      this.move(parent, position);
      position = parent;
    }
    this.put(key, sequence, number, position);
  }

  private sink(key: number, sequence: number, number: number, from: number): void {
    const { size } = this;
    let position = from;
    for (;;) {
      const firstChild = arity * position + 1;
      if (firstChild >= size) break;
      const end = Math.min(firstChild + arity, size);
      let child = firstChild;
      for (let other = firstChild + 1; other < end; other += 1) {
        if (this.isBefore(this.keyAt(other), this.sequenceAt(other), child)) child = other;
      }
      if (this.isBefore(key, sequence, child)) break;
      this.move(child, position);
      position = child;
    }
    this.put(key, sequence, number, position);
  }

  private isBefore(key: number, sequence: number, position: number): boolean {
    const other = this.keyAt(position);
    return key < other || (key === other && sequence < this.sequenceAt(position));
  }

  private move(from: number, to: number): void {
    this.put(this.keyAt(from), this.sequenceAt(from), this.numberAt(from), to);
  }

  private put(key: number, sequence: number, number: number, position: number): void {
    const { entries, positions } = this.ground;
    const at = this.start + position * width;
    entries[at] = key;
    entries[at + 1] = sequence;
    entries[at + 2] = number;
    positions.set(number, position);
  }

  /** Moves to a stretch with room for so many. */
  private resize(room: number): void {
    const { ground, start } = this;
    if (room > 0) {
      this.start = ground.take(room);
      ground.entries.copyWithin(this.start, start, start + this.size * width);
    }
    ground.stretches.give(start, this.room * width);
    this.room = room;
  }

  private keyAt(position: number): number {
    return this.ground.entries[this.start + position * width] as number;
  }

  private sequenceAt(position: number): number {
    return this.ground.entries[this.start + position * width + 1] as number;
  }

  private numberAt(position: number): number {
    return this.ground.entries[this.start + position * width + 2] as number;
  }
}
