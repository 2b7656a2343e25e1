/** Something in one heap at a time, ordered by `orderKey`, then by arrival. */
export interface Ordered {
  orderKey: number;
  readonly sequence: number;
  /** Where in its heap; -1 when in none. */
  heapIndex: number;
  /** Agents who are left out. */
  readonly excluded: ReadonlySet<string>;
}

export function isBefore(a: Ordered, b: Ordered): boolean {
  return a.orderKey < b.orderKey || (a.orderKey === b.orderKey && a.sequence < b.sequence);
}

/** The waiting calls of one signature: the first is at hand, and any can be taken out. */
export class CallHeap<C extends Ordered> {
  readonly calls: C[] = [];

  get first(): C | undefined {
    return this.calls[0];
  }

  /** The first that does not leave the agent out: goes down only past those that do. */
  firstFor(agentId: string, from = 0): C | undefined {
    const call = this.calls[from];
    if (call === undefined || !call.excluded.has(agentId)) return call;
    const left = this.firstFor(agentId, 2 * from + 1);
    const right = this.firstFor(agentId, 2 * from + 2);
    return left && right ? (isBefore(right, left) ? right : left) : (left ?? right);
  }

  add(call: C): void {
    this.calls.push(call);
    this.rise(call, this.calls.length - 1);
  }

  remove(call: C): void {
    const { calls } = this;
    const index = call.heapIndex;
    const last = calls.pop() as C;
    call.heapIndex = -1;
    if (last === call) return;
    const parent = calls[(index - 1) >> 1];
    if (index > 0 && parent && isBefore(last, parent)) this.rise(last, index);
    else this.sink(last, index);
  }

  private rise(call: C, from: number): void {
    const { calls } = this;
    let index = from;
    while (index > 0) {
      const parent = calls[(index - 1) >> 1] as C;
      if (!isBefore(call, parent)) break;
      calls[index] = parent;
      parent.heapIndex = index;
      index = (index - 1) >> 1;
    }
    calls[index] = call;
    call.heapIndex = index;
  }

  private sink(call: C, from: number): void {
    const { calls } = this;
    let index = from;
    for (;;) {
      let at = 2 * index + 1;
      if (at >= calls.length) break;
      let child = calls[at] as C;
      const right = calls[at + 1];
      if (right && isBefore(right, child)) {
        child = right;
        at += 1;
      }
      if (!isBefore(child, call)) break;
      calls[index] = child;
      child.heapIndex = index;
      index = at;
    }
    calls[index] = call;
    call.heapIndex = index;
  }
}
