import { quantileOf } from '../statistics/spread.ts';

/** How a call ended. `refused`: the queue was full; `sentAway`: it waited its longest and went elsewhere than to a queue. */
export type CallEnd = 'answered' | 'abandoned' | 'blocked' | 'refused' | 'sentAway' | 'unfinished';

export interface EndedCall {
  readonly end: CallEnd;
  /** From coming to the answer or to the end without one, ringing included. */
  readonly waitMs: number;
  /** Whether an agent took it who has all that it asked for at first, in its first queue. */
  readonly firstChoice: boolean;
  readonly asked: boolean;
  /** Whether the agent who was asked for took it. */
  readonly hit: boolean;
  readonly offers: number;
  readonly noAnswers: number;
  readonly declines: number;
  readonly overflows: number;
}

/** Counts of some calls of one replication. */
export class Cell {
  private readonly answerWithinMs: number;
  private readonly ends: Record<CallEnd, number> = {
    answered: 0,
    abandoned: 0,
    blocked: 0,
    refused: 0,
    sentAway: 0,
    unfinished: 0,
  };
  private readonly answeredWaitsMs: number[] = [];
  private within = 0;
  private delayed = 0;
  private waitSumMs = 0;
  private longestMs = 0;
  private firstChoice = 0;
  private asked = 0;
  private hits = 0;
  private offers = 0;
  private noAnswers = 0;
  private declines = 0;
  private overflows = 0;

  constructor(answerWithinMs: number) {
    this.answerWithinMs = answerWithinMs;
  }

  add(call: EndedCall): void {
    this.ends[call.end] += 1;
    if (call.end === 'blocked') return;
    this.waitSumMs += call.waitMs;
    if (call.waitMs > 0) this.delayed += 1;
    if (call.waitMs > this.longestMs) this.longestMs = call.waitMs;
    this.offers += call.offers;
    this.noAnswers += call.noAnswers;
    this.declines += call.declines;
    this.overflows += call.overflows;
    if (call.asked) this.asked += 1;
    if (call.end !== 'answered') return;
    this.answeredWaitsMs.push(call.waitMs);
    if (call.waitMs <= this.answerWithinMs) this.within += 1;
    if (call.firstChoice) this.firstChoice += 1;
    if (call.hit) this.hits += 1;
  }

  get waits(): readonly number[] {
    return this.answeredWaitsMs;
  }

  /** Sum of the waits of all who got a line, answered or not. */
  get totalWaitMs(): number {
    return this.waitSumMs;
  }

  measures(): CallMeasures {
    const { answered, abandoned, blocked, refused, sentAway, unfinished } = this.ends;
    const offered = answered + abandoned + refused + sentAway + unfinished;
    const waits = Float64Array.from(this.answeredWaitsMs).sort();
    return {
      calls: offered + blocked,
      offered,
      answered,
      unfinished,
      serviceLevel: this.within / offered,
      asaMs: waits.reduce((sum, wait) => sum + wait, 0) / waits.length,
      p50Ms: quantileOf(waits, 0.5),
      p90Ms: quantileOf(waits, 0.9),
      p95Ms: quantileOf(waits, 0.95),
      p99Ms: quantileOf(waits, 0.99),
      longestMs: this.longestMs,
      meanWaitMs: this.waitSumMs / offered,
      delayed: this.delayed / offered,
      abandoned: abandoned / offered,
      blocked: blocked / (offered + blocked),
      refused: refused / offered,
      sentAway: sentAway / offered,
      overflowed: this.overflows / offered,
      firstChoice: this.firstChoice / answered,
      stickyHits: this.hits / this.asked,
      noAnswers: this.noAnswers / this.offers,
      declines: this.declines / this.offers,
    };
  }
}

/** Figures of some calls. Shares are 0 to 1, and NaN of nothing; what they are shares of is told in `measures.ts`. */
export type CallMeasures = Readonly<
  Record<
    | 'calls'
    | 'offered'
    | 'answered'
    | 'unfinished'
    | 'serviceLevel'
    | 'asaMs'
    | 'p50Ms'
    | 'p90Ms'
    | 'p95Ms'
    | 'p99Ms'
    | 'longestMs'
    | 'meanWaitMs'
    | 'delayed'
    | 'abandoned'
    | 'blocked'
    | 'refused'
    | 'sentAway'
    | 'overflowed'
    | 'firstChoice'
    | 'stickyHits'
    | 'noAnswers'
    | 'declines',
    number
  >
>;
