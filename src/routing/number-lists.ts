import { Stretches } from './stretches.ts';

/** The smallest block; others are twice as long as the one before. */
const blockMin = 8;

/**
 * For each of many places an ascending list of small numbers, all in one array: reading a list touches nothing but its
 * own few lines of memory. A list that outgrows its block moves to one twice as long.
 */
export class NumberLists {
  /** All blocks. Of a place: where its block begins, how long that is, and how many numbers are in it. */
  numbers: Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer> = new Uint16Array(0);
  starts = new Int32Array(0);
  sizes = new Int32Array(0);
  private rooms = new Int32Array(0);
  private isWide = false;
  private readonly blocks = new Stretches();

  add(place: number, number: number): void {
    if (number > 0xffff && !this.isWide) this.widen();
    if (place >= this.starts.length) this.growPlaces(place);
    const size = this.sizes[place] as number;
    if (size === this.rooms[place]) this.move(place);
    const start = this.starts[place] as number;
    const at = this.search(place, number);
    if (at < start + size) {
      if (this.numbers[at] === number) return;
      this.numbers.copyWithin(at + 1, at, start + size);
    }
    this.numbers[at] = number;
    this.sizes[place] = size + 1;
  }

  remove(place: number, number: number): void {
    const size = this.sizes[place] ?? 0;
    const end = (this.starts[place] as number) + size;
    const at = this.search(place, number);
    if (size === 0 || at === end || this.numbers[at] !== number) return;
    this.numbers.copyWithin(at, at + 1, end);
    this.sizes[place] = size - 1;
  }

  clear(): void {
    this.starts.fill(0);
    this.sizes.fill(0);
    this.rooms.fill(0);
    this.blocks.clear();
  }

  /** Where in `numbers` the number is, or should be. */
  private search(place: number, number: number): number {
    let from = this.starts[place] as number;
    let to = from + (this.sizes[place] as number);
    // Numbers mostly come in order.
    if (to > from && (this.numbers[to - 1] as number) < number) return to;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((this.numbers[middle] as number) < number) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  /** Few floors have numbers that need more than half the room. */
  private widen(): void {
    this.isWide = true;
    this.numbers = Uint32Array.from(this.numbers);
  }

  private move(place: number): void {
    const before = this.rooms[place] as number;
    const start = this.starts[place] as number;
    const room = Math.max(blockMin, 2 * before);
    const to = this.blocks.take(room);
    const { end } = this.blocks;
    if (end > this.numbers.length) {
      const grown = this.isWide ? new Uint32Array(Math.max(1024, 2 * end)) : new Uint16Array(Math.max(1024, 2 * end));
      grown.set(this.numbers);
      this.numbers = grown;
    }
    this.numbers.copyWithin(to, start, start + before);
    this.blocks.give(start, before);
    this.starts[place] = to;
    this.rooms[place] = room;
  }

  private growPlaces(place: number): void {
    const places = Math.max(64, 2 * place);
    this.starts = longer(this.starts, places);
    this.sizes = longer(this.sizes, places);
    this.rooms = longer(this.rooms, places);
  }
}

function longer(numbers: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(length);
  grown.set(numbers);
  return grown;
}
