import type { Caller } from './callers.ts';
import type { EndedCall } from './cell.ts';
import type { SimAgent } from './sim-agent.ts';

/** A caller who is in the house. */
export interface LiveCall {
  readonly id: string;
  readonly caller: Caller;
  readonly asks: SimAgent | undefined;
  queueId: string;
  talking: boolean;
  hops: number;
  offers: number;
  noAnswers: number;
  declines: number;
  readonly refusedBy: Set<string>;
}

/** A caller who found no line. */
export const blocked: EndedCall = {
  end: 'blocked',
  waitMs: 0,
  firstChoice: false,
  asked: false,
  hit: false,
  offers: 0,
  noAnswers: 0,
  declines: 0,
  overflows: 0,
};
