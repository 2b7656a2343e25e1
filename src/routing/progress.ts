import { specOf, stepsOf } from './asking.ts';
import { countBoth } from './bits.ts';
import type { Floor } from './floor.ts';
import { isBehindCallers } from './order.ts';
import type { StepCondition } from './relaxation.ts';
import { progressOf, type WaitingCall } from './waiting-call.ts';

const minuteMs = 60_000;
/** How long a transfer waits for the agent it names before anybody of the queue may take it. */
export const onlyAgentWaitMs = 30_000;

const never = Number.POSITIVE_INFINITY;

/** Puts the call into a step, or the first after it that is not to be passed over; behind the last into none. */
export function enterStep(floor: Floor, call: WaitingCall, step: number, nowMs: number): void {
  const steps = stepsOf(call);
  let index = step;
  for (let next = steps[index]; next?.skipIf && holds(floor, call, index, next.skipIf, nowMs); next = steps[index]) {
    index += 1;
  }
  const sinceMs = nowMs === call.queueEnteredAtMs ? undefined : nowMs;
  const delta = steps[index]?.priorityDelta ?? 0;
  // As most calls enter: nothing to note.
  if (index === 0 && sinceMs === undefined && delta === 0) return;
  const progress = progressOf(call);
  progress.step = index;
  progress.stepSinceMs = sinceMs;
  progress.aheadMs += minuteMs * delta;
}

function holds(floor: Floor, call: WaitingCall, step: number, condition: StepCondition, nowMs: number): boolean {
  switch (condition.kind) {
    case 'constant':
      return condition.value;
    case 'agents': {
      const { agents, freeKind } = floor.signatures.of(specOf(call, floor.book, step));
      const there = floor.crowd.there(condition.counted, freeKind);
      return compare(countBoth(agents, there), condition.op, condition.count);
    }
    case 'waiting':
      return compare(call.line.waiting, condition.op, condition.count);
    case 'waited':
      return compare(nowMs - call.request.queuedAtMs, condition.op, condition.waitedMs);
  }
}

const compare = (value: number, op: '>=' | '<', limit: number): boolean =>
  op === '>=' ? value >= limit : value < limit;

/** When the next thing happens to a call that only waits. */
export function nextDueMs(floor: Floor, call: WaitingCall): number {
  if (call.progress.passedOn) return never;
  return Math.min(
    call.progress.overdue ? never : call.queueEnteredAtMs + floor.maxWaitMs(call),
    onlyAgentEndsMs(call),
    stepEndsMs(call),
    nextDelayMs(call),
    deadlineMs(call),
  );
}

export function onlyAgentEndsMs({ progress, request, queueEnteredAtMs }: WaitingCall): number {
  return progress.onlyAgentId === undefined || request.outbound ? never : queueEnteredAtMs + onlyAgentWaitMs;
}

export function stepEndsMs(call: WaitingCall): number {
  return (
    (call.progress.stepSinceMs ?? call.queueEnteredAtMs) + (stepsOf(call)[call.progress.step]?.expiresAfterMs ?? never)
  );
}

export function nextDelayMs({ rules, progress, queueEnteredAtMs }: WaitingCall): number {
  return queueEnteredAtMs + (rules.delaysMs[progress.delaysPassed + 1] ?? never);
}

export function deadlineMs({ progress, request, rules }: WaitingCall): number {
  return progress.isStarved || isBehindCallers(request)
    ? never
    : request.queuedAtMs + (rules.policy.deadlineMs ?? never);
}
