import type { Strategy } from './strategy.ts';

/** Who has the highest levels of the skills that are asked for, added up. */
export const bestProficiency: Strategy = ({ skills }, asked) => {
  let levels = 0;
  for (const skill of asked.skills) levels += skills[skill] ?? 0;
  return -levels;
};
