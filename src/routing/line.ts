import type { RoutingOutput } from './interface.ts';
import type { Positions } from './positions.ts';
import type { Turns } from './selection/strategy.ts';

/** A call in one line at a time. */
export interface InLine {
  readonly number: number;
  readonly request: { readonly outbound?: unknown };
}

/** What is kept for one queue over all versions of its rules: who waits, and whose turn it is. */
export class Line implements Turns {
  readonly queueId: string;
  /** The numbers of all calls that belong to it, also while a phone rings; in no order. */
  readonly numbers: number[] = [];
  /** Callers only; work for agents that nobody waits for does not fill the queue. */
  waiting = 0;
  readonly changed: RoutingOutput;
  lastPlace = -1;
  places = 0;
  private readonly shares = new Map<number, number>();
  private shareOfLast = 0;
  /** Of the calls of all lines. */
  private readonly positions: Positions;

  constructor(queueId: string, positions: Positions) {
    this.queueId = queueId;
    this.positions = positions;
    this.changed = { kind: 'queueChanged', queueId };
  }

  add({ number, request }: InLine): void {
    this.positions.set(number, this.numbers.push(number) - 1);
    if (request.outbound === undefined) this.waiting += 1;
  }

  remove({ number, request }: InLine): void {
    const last = this.numbers.pop() as number;
    if (last !== number) {
      const position = this.positions.of(number);
      this.numbers[position] = last;
      this.positions.set(last, position);
    }
    this.positions.set(number, -1);
    if (request.outbound === undefined) this.waiting -= 1;
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
