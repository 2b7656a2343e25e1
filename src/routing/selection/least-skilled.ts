import type { Strategy } from './strategy.ts';

/** Who has the fewest skills: who can do more stays free for the calls that need it. */
export const leastSkilled: Strategy = ({ skillCount }) => skillCount;
