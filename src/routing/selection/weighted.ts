import type { Strategy } from './strategy.ts';

/** Who has had the least for the weight: twice the weight, twice the calls, and nobody twice in a row without need. */
export const weighted: Strategy = ({ place }, { turns }) => turns.shareOf(place);
