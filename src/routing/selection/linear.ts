import type { Strategy } from './strategy.ts';

/** Always in the order of config. */
export const linear: Strategy = ({ place }) => place;
