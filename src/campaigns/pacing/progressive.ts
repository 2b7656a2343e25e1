import type { Pacing } from './pacing.ts';

/** Dials = idle agents: a customer is dialled only when his agent is on the line, so nobody is ever answered by silence. */
export const progressive: Pacing = ({ idleAgents, reserving }) => Math.max(0, idleAgents - reserving);
