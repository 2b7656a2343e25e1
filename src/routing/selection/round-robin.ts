import type { Strategy } from './strategy.ts';

/** The next after whom the queue asked last, in the order of config. */
export const roundRobin: Strategy = ({ place }, { turns }) =>
  (place - turns.lastPlace - 1 + turns.places) % turns.places;
