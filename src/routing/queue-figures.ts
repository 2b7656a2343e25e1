import type { RoutingEngine } from './engine.ts';
import { unavailability } from './eligibility.ts';

/** A queue as supervisors see it; the shape of the published `queue.stats` view. */
export interface QueueFigures {
  readonly id: string;
  readonly waiting: number;
  readonly offering: number;
  readonly longestWaitMs: number;
  readonly agentsIdle: number;
  readonly agentsSignedIn: number;
}

export function queueFigures(engine: RoutingEngine, queueId: string, nowMs: number): QueueFigures {
  let waiting = 0;
  let offering = 0;
  let longestWaitMs = 0;
  for (const call of engine.callsOf(queueId)) {
    if (call.request.outbound) continue;
    waiting += 1;
    if (call.offer) offering += 1;
    longestWaitMs = Math.max(longestWaitMs, nowMs - call.request.waitingSinceMs);
  }
  let agentsIdle = 0;
  let agentsSignedIn = 0;
  for (const agent of engine.allAgents()) {
    if (!agent.profile.queues.includes(queueId) || agent.presence === 'signedOut') continue;
    agentsSignedIn += 1;
    if (unavailability(agent, nowMs) === undefined) agentsIdle += 1;
  }
  return { id: queueId, waiting, offering, longestWaitMs, agentsIdle, agentsSignedIn };
}
