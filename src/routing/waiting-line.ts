import type { WaitingCall } from './waiting-call.ts';

/** Waiting calls in the order in which they should be served; equal keys keep the order of arrival. */
export class WaitingLine {
  private readonly calls: WaitingCall[] = [];

  get size(): number {
    return this.calls.length;
  }

  add(call: WaitingCall): void {
    let low = 0;
    let high = this.calls.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.calls[middle] as WaitingCall).orderKey <= call.orderKey) low = middle + 1;
      else high = middle;
    }
    this.calls.splice(low, 0, call);
  }

  remove(call: WaitingCall): void {
    const index = this.calls.indexOf(call);
    if (index >= 0) this.calls.splice(index, 1);
  }

  [Symbol.iterator](): Iterator<WaitingCall> {
    return this.calls[Symbol.iterator]();
  }
}
