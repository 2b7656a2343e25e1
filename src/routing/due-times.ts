import { Positions } from './positions.ts';

const never = Number.POSITIVE_INFINITY;
/** Children of a node: they lie side by side, so that four cost one look at memory and the heap is half as high. */
const arity = 4;

/**
 * Timers of things that have numbers, one each, for the earliest of what is due: a heap, earliest first. What is in it
 * can be moved and taken out.
 */
export class DueTimes {
  private times = new Float64Array(64);
  private numbers = new Int32Array(64);
  private readonly positions = new Positions();
  private size = 0;

  /** `Infinity` when nothing is due. */
  get nextAtMs(): number {
    return this.size === 0 ? never : (this.times[0] as number);
  }

  /** Sets when the thing is due, whether or not it is in already; `Infinity` takes it out. */
  set(number: number, atMs: number): void {
    if (atMs === never) return this.remove(number);
    const position = this.positions.of(number);
    if (position < 0) {
      if (this.size === this.numbers.length) this.grow();
      this.size += 1;
      return this.rise(number, atMs, this.size - 1);
    }
    if (this.times[position] !== atMs) this.place(number, atMs, position);
  }

  remove(number: number): void {
    const position = this.positions.of(number);
    if (position < 0) return;
    this.positions.set(number, -1);
    this.size -= 1;
    const last = this.size;
    if (position < last) this.place(this.numbers[last] as number, this.times[last] as number, position);
  }

  /** Takes out the earliest. */
  take(): number {
    const first = this.numbers[0] as number;
    this.remove(first);
    return first;
  }

  private place(number: number, atMs: number, position: number): void {
    const parent = ((position - 1) / arity) | 0;
    if (position > 0 && atMs < (this.times[parent] as number)) this.rise(number, atMs, position);
    else this.sink(number, atMs, position);
  }

  private rise(number: number, atMs: number, from: number): void {
    const { times } = this;
    let position = from;
    while (position > 0) {
      const parent = ((position - 1) / arity) | 0;
      const time = times[parent] as number;
      if (time <= atMs) break;
      this.put(this.numbers[parent] as number, time, position);
      position = parent;
    }
    this.put(number, atMs, position);
  }

  private sink(number: number, atMs: number, from: number): void {
    const { times, size } = this;
    let position = from;
    for (;;) {
      const firstChild = arity * position + 1;
      if (firstChild >= size) break;
      const end = Math.min(firstChild + arity, size);
      let child = firstChild;
      let time = times[firstChild] as number;
      for (let other = firstChild + 1; other < end; other += 1) {
        if ((times[other] as number) >= time) continue;
        child = other;
        time = times[other] as number;
      }
      if (time >= atMs) break;
      this.put(this.numbers[child] as number, time, position);
      position = child;
    }
    this.put(number, atMs, position);
  }

  private put(number: number, atMs: number, position: number): void {
    this.numbers[position] = number;
    this.times[position] = atMs;
    this.positions.set(number, position);
  }

  private grow(): void {
    const times = new Float64Array(this.times.length * 2);
    times.set(this.times);
    this.times = times;
    const numbers = new Int32Array(this.numbers.length * 2);
    numbers.set(this.numbers);
    this.numbers = numbers;
  }
}
