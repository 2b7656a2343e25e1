import type { RoutingOutput } from './interface.ts';

const nothing: readonly RoutingOutput[] = [];

/**
 * What a step wants done, in order. Gathered in one list that stays and given away as a copy of its length: a list that
 * grows by itself takes room for seventeen at once, which is more than all else that most steps leave to be collected.
 */
export class Outputs {
  private readonly list: RoutingOutput[] = [];
  private count = 0;

  push(output: RoutingOutput): void {
    this.list[this.count] = output;
    this.count += 1;
  }

  /** All since the last time. */
  take(): readonly RoutingOutput[] {
    const { list, count } = this;
    if (count === 0) return nothing;
    this.count = 0;
    // Most steps want one or two things, and a list that is written down is made without a call.
    if (count > 2) return list.slice(0, count);
    const first = list[0] as RoutingOutput;
    return count === 1 ? [first] : [first, list[1] as RoutingOutput];
  }
}
