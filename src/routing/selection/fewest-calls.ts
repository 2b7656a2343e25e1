import type { Strategy } from './strategy.ts';

/** Who has had the fewest calls in the last hour. */
export const fewestCalls: Strategy = (agent, { nowMs }) => agent.callsLately(nowMs);
