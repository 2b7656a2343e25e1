/** Something that routing must look at again at a time. Whether it still matters is checked when it is due. */
export interface Due {
  readonly atMs: number;
  readonly kind: 'offer' | 'maxWait' | 'onlyAgent' | 'agentReady' | 'wrapUp';
  readonly id: string;
}

/** All timers of routing in one binary heap, earliest first. */
export class DueTimes {
  private readonly heap: Due[] = [];

  get size(): number {
    return this.heap.length;
  }

  nextAtMs(): number | undefined {
    return this.heap[0]?.atMs;
  }

  add(due: Due): void {
    const { heap } = this;
    let index = heap.length;
    heap.push(due);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (this.at(parent).atMs <= due.atMs) break;
      heap[index] = this.at(parent);
      index = parent;
    }
    heap[index] = due;
  }

  /** Takes out the earliest when it is due. */
  takeDue(nowMs: number): Due | undefined {
    const first = this.heap[0];
    if (first === undefined || first.atMs > nowMs) return undefined;
    const last = this.heap.pop();
    if (last !== undefined && this.heap.length > 0) this.sink(last);
    return first;
  }

  private sink(due: Due): void {
    const { heap } = this;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && this.at(child + 1).atMs < this.at(child).atMs) child += 1;
      if (this.at(child).atMs >= due.atMs) break;
      heap[index] = this.at(child);
      index = child;
    }
    heap[index] = due;
  }

  private at(index: number): Due {
    return this.heap[index] as Due;
  }
}
