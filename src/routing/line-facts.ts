import { capacityFor } from '../agents/index.ts';
import { specOf } from './asking.ts';
import { isAtWorkFor, unavailabilityFor, unfitness } from './eligibility.ts';
import type { LineFacts } from './estimate.ts';
import type { Floor } from './floor.ts';
import { isBehindCallers, keyNow, orderKey, rateOf } from './order.ts';
import type { RoutingRequest } from './request.ts';
import type { WaitingCall } from './waiting-call.ts';

/**
 * Where a call stands among those that compete with it; undefined when its queue is not there. Looks at everybody who
 * waits and works, so it is asked for only when somebody is to be told. An agent whom several queues with waiting calls
 * may have counts in equal parts. `places` are kept by callbacks that no agent may be offered yet.
 */
export function lineFacts(
  floor: Floor,
  request: RoutingRequest,
  places: Iterable<RoutingRequest>,
  nowMs: number,
): LineFacts | undefined {
  const call = floor.calls.get(request.callId) ?? floor.callFor(request, nowMs);
  if (!call) return undefined;
  const wanting = new Set([request.queueId]);
  let ahead = 0;
  const count = (other: RoutingRequest, isFirst: boolean): void => {
    if (other.callId === request.callId || isBehindCallers(other)) return;
    wanting.add(other.queueId);
    if (isFirst && other.queueId === request.queueId) ahead += 1;
  };
  const key = keyOf(call, nowMs);
  for (const other of floor.calls.values()) {
    if (other.progress.passedOn) continue;
    const otherKey = keyOf(other, nowMs);
    count(other.request, otherKey < key || (otherKey === key && other.sequence < call.sequence));
  }
  for (const place of places) count(place, keyOfPlace(place, call, nowMs) < key);
  return { ahead, ...agentsFor(floor, call, wanting, nowMs) };
}

function agentsFor(
  floor: Floor,
  call: WaitingCall,
  wanting: ReadonlySet<string>,
  nowMs: number,
): Pick<LineFacts, 'share' | 'free'> {
  const spec = specOf(call, floor.book);
  let share = 0;
  let free = 0;
  for (const agent of floor.crowd.all()) {
    if (!isAtWorkFor(agent, spec.channel) || unfitness(agent, spec) !== undefined) continue;
    if (unavailabilityFor(agent, spec.channel, nowMs) === undefined) free += 1;
    const atOnce = spec.channel === 'voice' ? 1 : capacityFor(agent, spec.channel);
    share += atOnce / Math.max(1, agent.profile.queues.filter((id) => wanting.has(id)).length);
  }
  return { share, free };
}

const keyOf = (call: WaitingCall, nowMs: number): number => keyNow(call.orderKey, rateOf(call), nowMs);

function keyOfPlace(request: RoutingRequest, { rules }: WaitingCall, nowMs: number): number {
  return keyNow(orderKey(request, rules.policy), rateOf({ request, rules, progress: { isStarved: false } }), nowMs);
}
