import type { Strategy } from './strategy.ts';

/** Who has been without a call for the longest time. */
export const longestIdle: Strategy = ({ idleSinceMs }) => idleSinceMs;
