import type { Rng } from '../../src/kernel/index.ts';

/** Draws from one source of chance, in words. */
export class Chance {
  readonly rng: Rng;

  constructor(rng: Rng) {
    this.rng = rng;
  }

  /** True with this probability. */
  is(share: number): boolean {
    return this.rng.next() < share;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.rng.next();
  }

  whole(low: number, high: number): number {
    return Math.floor(this.between(low, high + 1));
  }

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.rng.next());
  }

  of<Item>(list: readonly Item[]): Item {
    const item = list[Math.floor(this.rng.next() * list.length)];
    if (item === undefined) throw new Error('nothing to choose from');
    return item;
  }
}
