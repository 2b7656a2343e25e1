/** What lies ahead, earliest first; of two at the same time, what was put in first. A binary heap. */
export class Agenda<T> {
  private readonly heap: { readonly atMs: number; readonly order: number; readonly what: T }[] = [];
  private order = 0;

  nextAtMs(): number {
    return this.heap[0]?.atMs ?? Number.POSITIVE_INFINITY;
  }

  add(atMs: number, what: T): void {
    const { heap } = this;
    const entry = { atMs, order: this.order++, what };
    let index = heap.length;
    heap.push(entry);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!before(entry, this.at(parent))) break;
      heap[index] = this.at(parent);
      index = parent;
    }
    heap[index] = entry;
  }

  take(): T | undefined {
    const first = this.heap[0];
    const last = this.heap.pop();
    if (first !== undefined && last !== undefined && this.heap.length > 0) this.sink(last);
    return first?.what;
  }

  private sink(entry: Agenda<T>['heap'][number]): void {
    const { heap } = this;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(this.at(child + 1), this.at(child))) child += 1;
      if (!before(this.at(child), entry)) break;
      heap[index] = this.at(child);
      index = child;
    }
    heap[index] = entry;
  }

  private at(index: number): Agenda<T>['heap'][number] {
    return this.heap[index] as Agenda<T>['heap'][number];
  }
}

interface Entry {
  readonly atMs: number;
  readonly order: number;
}

const before = (a: Entry, b: Entry): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
