import type { RoutingOutput } from './interface.ts';
import type { Turns } from './selection/strategy.ts';

/** What is kept for one queue over all versions of its rules: who waits, and whose turn it is. */
export class Line<C> implements Turns {
  readonly queueId: string;
  /** All that belong to it, also while a phone rings. */
  readonly calls = new Set<C>();
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
