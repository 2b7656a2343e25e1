import type { Strategy } from './strategy.ts';

/** Who has the highest levels of the skills that are asked for, added up. */
export const bestProficiency: Strategy = ({ levels }, asked) => {
  let sum = 0;
  for (const skill of asked.skills) sum += levels[skill] ?? 0;
  return -sum;
};
