const never = Number.POSITIVE_INFINITY;
/** Children of a node: they lie side by side, so that four cost one look at memory and the heap is half as high. */
const arity = 4;
const roomMin = 64;

/**
 * Timers of things that have numbers, one each, for the earliest of what is due: a heap, earliest first, and of equals
 * the lower number, so that a replay agrees whoever has looked meanwhile. A timer that
 * is put off or taken out only notes it; its entry is moved or dropped when it comes to the top. Most calls are served
 * long before their timers go off, and the next call with the number uses the entry again.
 */
export class DueTimes {
  /** The heap; the first time is `Infinity` when it is empty. */
  private times = new Float64Array(roomMin).fill(never);
  private numbers = new Int32Array(roomMin);
  private size = 0;
  /** By number: when the thing is due, and of when its entry is; `Infinity` for none. Never is it due before its entry. */
  private things = new Float64Array(2 * roomMin).fill(never);
  /** How many are due at some time. */
  private count = 0;

  /** `Infinity` when nothing is due. */
  get nextAtMs(): number {
    this.dropLate();
    return this.firstMs;
  }

  /** Of the first entry: not later than `nextAtMs`, and the same after `dropLate`. */
  get firstMs(): number {
    return this.times[0] as number;
  }

  /** Whether anything is due by then. */
  isDue(nowMs: number): boolean {
    if (this.firstMs > nowMs) return false;
    this.dropLate();
    return this.firstMs <= nowMs;
  }

  /** Sets when the thing is due, whether or not it is in already; `Infinity` takes it out. */
  set(number: number, atMs: number): void {
    const at = 2 * number;
    if (at >= this.things.length) this.reach(number);
    const { things } = this;
    this.count += Number(things[at] === never) - Number(atMs === never);
    things[at] = atMs;
    if (atMs < (things[at + 1] as number)) this.enter(number, atMs);
  }

  remove(number: number): void {
    this.set(number, never);
  }

  /** Takes out the earliest, of which `nextAtMs` has told. */
  take(): number {
    const number = this.numbers[0] as number;
    this.remove(number);
    this.dropTop();
    return number;
  }

  /** Drops first entries until one is of what is due then. */
  dropLate(): void {
    const { times, numbers, things } = this;
    while (this.size > 0) {
      const atMs = times[0] as number;
      const at = 2 * (numbers[0] as number);
      if (things[at] === atMs && things[at + 1] === atMs) return;
      this.dropTop();
    }
  }

  /** Takes the first entry out, and puts it where it belongs if its thing is due later. */
  private dropTop(): void {
    const atMs = this.times[0] as number;
    const number = this.numbers[0] as number;
    this.size -= 1;
    if (this.size === 0) this.times[0] = never;
    else this.sink(this.numbers[this.size] as number, this.times[this.size] as number);
    if (this.things[2 * number + 1] !== atMs) return;
    this.things[2 * number + 1] = never;
    const dueMs = this.things[2 * number] as number;
    if (dueMs !== never) this.enter(number, dueMs);
  }

  private enter(number: number, atMs: number): void {
    if (this.size === this.numbers.length) this.makeRoom();
    this.things[2 * number + 1] = atMs;
    this.size += 1;
    this.rise(number, atMs);
  }

  private rise(number: number, atMs: number): void {
    const { times, numbers } = this;
    let position = this.size - 1;
    while (position > 0) {
      const parent = ((position - 1) / arity) | 0;
      const time = times[parent] as number;
      const above = numbers[parent] as number;
      if (time < atMs || (time === atMs && above < number)) break;
      this.put(above, time, position);
      position = parent;
    }
    this.put(number, atMs, position);
  }

  private sink(number: number, atMs: number): void {
    const { times, numbers, size } = this;
    let position = 0;
    for (;;) {
      const firstChild = arity * position + 1;
      if (firstChild >= size) break;
      const end = Math.min(firstChild + arity, size);
      let child = firstChild;
      let time = times[firstChild] as number;
      for (let other = firstChild + 1; other < end; other += 1) {
        const earliest = times[other] as number;
        if (earliest > time || (earliest === time && (numbers[other] as number) > (numbers[child] as number))) continue;
        child = other;
        time = earliest;
      }
      const below = numbers[child] as number;
      if (time > atMs || (time === atMs && below > number)) break;
      this.put(below, time, position);
      position = child;
    }
    this.put(number, atMs, position);
  }

  private put(number: number, atMs: number, position: number): void {
    this.numbers[position] = number;
    this.times[position] = atMs;
  }

  private reach(number: number): void {
    const things = new Float64Array(Math.max(2 * this.things.length, 2 * (number + 1))).fill(never);
    things.set(this.things);
    this.things = things;
  }

  /** Drops entries of what is not due any more, if these are most; else makes the heap longer. */
  private makeRoom(): void {
    const { times, numbers, things, size } = this;
    const isLonger = 2 * this.count > size;
    this.times = new Float64Array(isLonger ? 2 * size : size);
    this.numbers = new Int32Array(this.times.length);
    this.size = 0;
    for (let at = 0; at < size; at += 1) {
      const number = numbers[at] as number;
      if (things[2 * number + 1] !== times[at]) continue;
      things[2 * number + 1] = never;
      const dueMs = things[2 * number] as number;
      if (dueMs !== never) this.enter(number, dueMs);
    }
  }
}
