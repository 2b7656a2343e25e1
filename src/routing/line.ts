import type { RoutingOutput } from './interface.ts';
import type { Turns } from './selection/strategy.ts';

/** A call in one line at a time. */
export interface InLine {
  readonly request: { readonly outbound?: unknown };
  lineIndex: number;
}

/** What is kept for one queue over all versions of its rules: who waits, and whose turn it is. */
export class Line<C extends InLine> implements Turns {
  readonly queueId: string;
  /** All that belong to it, also while a phone rings; in no order. */
  readonly calls: C[] = [];
  /** Callers only; work for agents that nobody waits for does not fill the queue. */
  waiting = 0;
  readonly changed: RoutingOutput;
  lastPlace = -1;
  places = 0;
  private readonly shares = new Map<number, number>();
  private shareOfLast = 0;

  constructor(queueId: string) {
    this.queueId = queueId;
    this.changed = { kind: 'queueChanged', queueId };
  }

  add(call: C): void {
    call.lineIndex = this.calls.push(call) - 1;
    if (call.request.outbound === undefined) this.waiting += 1;
  }

  remove(call: C): void {
    const last = this.calls.pop() as C;
    if (last !== call) {
      this.calls[call.lineIndex] = last;
      last.lineIndex = call.lineIndex;
    }
    if (call.request.outbound === undefined) this.waiting -= 1;
  }

  shareOf(place: number): number {
    return Math.max(this.shareOfLast, this.shares.get(place) ?? 0);
  }

  /** Somebody was asked; with a weight where shares count. */
  took(place: number, weight: number | undefined): void {
    this.lastPlace = place;
    if (weight === undefined) return;
    this.shareOfLast = this.shareOf(place);
    this.shares.set(place, this.shareOfLast + 1 / weight);
  }

  /** The agent at this place is another one now. */
  forget(place: number): void {
    this.shares.delete(place);
  }
}
