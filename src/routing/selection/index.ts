import { bestProficiency } from './best-proficiency.ts';
import { fewestCalls } from './fewest-calls.ts';
import { leastOccupied } from './least-occupied.ts';
import { leastSkilled } from './least-skilled.ts';
import { linear } from './linear.ts';
import { longestIdle } from './longest-idle.ts';
import { roundRobin } from './round-robin.ts';
import type { SelectionStrategy, Strategy } from './strategy.ts';
import { weighted } from './weighted.ts';

export const strategies: Readonly<Record<SelectionStrategy, Strategy>> = {
  longestIdle,
  leastOccupied,
  fewestCalls,
  bestProficiency,
  leastSkilled,
  roundRobin,
  weighted,
  linear,
};
