import { isOpen, nextChange } from '../calendar/index.ts';
import type { RoutingEngine } from './engine.ts';
import { unavailability } from './eligibility.ts';
import type { QueuePolicy } from './policy.ts';

/** A queue as supervisors see it; the shape of the published `queue.stats` view. */
export interface QueueFigures {
  readonly id: string;
  readonly waiting: number;
  readonly offering: number;
  readonly longestWaitMs: number;
  readonly agentsIdle: number;
  readonly agentsSignedIn: number;
  /** Of a queue with hours of its own. */
  readonly hours?: OpenFigures;
}

export interface OpenFigures {
  readonly open: boolean;
  /** When it closes or opens next, Unix milliseconds; absent: not within 400 days. */
  readonly changesAtMs?: number;
}

/** Whether a queue is open; undefined where it has no hours. */
export function openFigures({ hours }: Pick<QueuePolicy, 'hours'>, nowMs: number): OpenFigures | undefined {
  if (!hours) return undefined;
  const changesAtMs = nextChange(hours.schedule, nowMs);
  return { open: isOpen(hours.schedule, nowMs), ...(changesAtMs === undefined ? {} : { changesAtMs }) };
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
  const policy = engine.queuePolicy(queueId);
  const hours = policy && openFigures(policy, nowMs);
  const figures = { id: queueId, waiting, offering, longestWaitMs, agentsIdle, agentsSignedIn };
  return hours ? { ...figures, hours } : figures;
}
