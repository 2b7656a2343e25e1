/** Somebody that routing must look at again at a time: one entry each, for the earliest of what is due. */
export interface Timed {
  /** Where in the heap; -1 when nothing is due. */
  dueIndex: number;
}

/** All timers of routing in one binary heap, earliest first. Who is in it can be moved and taken out. */
export class DueTimes<T extends Timed> {
  private readonly items: T[] = [];
  private times = new Float64Array(64);

  get nextAtMs(): number | undefined {
    return this.items.length === 0 ? undefined : this.times[0];
  }

  /** Sets when the item is due, whether or not it is in already; `Infinity` takes it out. */
  set(item: T, atMs: number): void {
    if (atMs === Number.POSITIVE_INFINITY) return this.remove(item);
    if (item.dueIndex < 0) {
      this.items.push(item);
      if (this.items.length > this.times.length) this.grow();
      return this.rise(item, atMs, this.items.length - 1);
    }
    if (this.at(item.dueIndex) !== atMs) this.place(item, atMs, item.dueIndex);
  }

  remove(item: T): void {
    const index = item.dueIndex;
    if (index < 0) return;
    item.dueIndex = -1;
    const last = this.items.pop() as T;
    if (last !== item) this.place(last, this.at(this.items.length), index);
  }

  /** Takes out the earliest when it is due. */
  takeDue(nowMs: number): T | undefined {
    const [first] = this.items;
    if (first === undefined || this.at(0) > nowMs) return undefined;
    this.remove(first);
    return first;
  }

  private place(item: T, atMs: number, index: number): void {
    if (index > 0 && atMs < this.at((index - 1) >> 1)) this.rise(item, atMs, index);
    else this.sink(item, atMs, index);
  }

  private rise(item: T, atMs: number, from: number): void {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (this.at(parent) <= atMs) break;
      this.put(this.items[parent] as T, this.at(parent), index);
      index = parent;
    }
    this.put(item, atMs, index);
  }

  private sink(item: T, atMs: number, from: number): void {
    const { length } = this.items;
    let index = from;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= length) break;
      if (child + 1 < length && this.at(child + 1) < this.at(child)) child += 1;
      if (this.at(child) >= atMs) break;
      this.put(this.items[child] as T, this.at(child), index);
      index = child;
    }
    this.put(item, atMs, index);
  }

  private put(item: T, atMs: number, index: number): void {
    this.items[index] = item;
    this.times[index] = atMs;
    item.dueIndex = index;
  }

  private at(index: number): number {
    return this.times[index] as number;
  }

  private grow(): void {
    const grown = new Float64Array(this.times.length * 2);
    grown.set(this.times);
    this.times = grown;
  }
}
