import type { Agent } from '../agents/index.ts';

/** Selection strategy: who has been without a call for the longest time; ties by id, so that a replay agrees. */
export function byLongestIdle(a: Agent, b: Agent): number {
  return a.idleSinceMs - b.idleSinceMs || (a.profile.id < b.profile.id ? -1 : 1);
}
