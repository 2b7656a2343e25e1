import type { Positions } from './positions.ts';

/** Something in one heap at a time, ordered by `orderKey`, then by arrival. */
export interface Ordered {
  /** By which it is known among all calls. */
  readonly number: number;
  orderKey: number;
  readonly sequence: number;
  /** Agents who are left out. */
  readonly excluded: ReadonlySet<string>;
}

/** Of each call its key, its arrival and its number, side by side. */
const width = 3;
const arity = 4;

/**
 * The waiting calls of one signature: the first is at hand, and any can be taken out. Numbers only: comparing looks at
 * no call, since each look at one of a hundred thousand waits for memory.
 */
export class CallHeap {
  private readonly entries: number[] = [];
  /** Of the calls of all heaps. */
  private readonly positions: Positions;

  constructor(positions: Positions) {
    this.positions = positions;
  }

  get size(): number {
    return this.entries.length / width;
  }

  /** The number of the first call; -1 when there is none. */
  get first(): number {
    return this.entries.length === 0 ? -1 : this.numberAt(0);
  }

  get firstKey(): number {
    return this.entries[0] ?? Number.POSITIVE_INFINITY;
  }

  get firstSequence(): number {
    return this.entries[1] ?? Number.POSITIVE_INFINITY;
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

  add({ orderKey, sequence, number }: Ordered): void {
    this.entries.push(orderKey, sequence, number);
    this.rise(orderKey, sequence, number, this.size - 1);
  }

  remove(number: number): void {
    const { entries, positions } = this;
    const position = positions.of(number);
    positions.set(number, -1);
    const last = entries.pop() as number;
    const sequence = entries.pop() as number;
    const key = entries.pop() as number;
    if (last === number) return;
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
    const { entries } = this;
    const at = position * width;
    entries[at] = key;
    entries[at + 1] = sequence;
    entries[at + 2] = number;
    this.positions.set(number, position);
  }

  private keyAt(position: number): number {
    return this.entries[position * width] as number;
  }

  private sequenceAt(position: number): number {
    return this.entries[position * width + 1] as number;
  }

  private numberAt(position: number): number {
    return this.entries[position * width + 2] as number;
  }
}
