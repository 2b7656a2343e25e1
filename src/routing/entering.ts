import { hasAnybody, watchEmptiness } from './emptiness.ts';
import type { Floor } from './floor.ts';
import { matchCall } from './matching.ts';
import { overflow, withdraw } from './offers.ts';
import { deadlineMs, enterStep, nextDelayMs, nextDueMs, onlyAgentEndsMs, stepEndsMs } from './progress.ts';
import type { RoutingRequest } from './request.ts';
import type { WaitingCall } from './waiting-call.ts';

const hopsMax = 5;

/** A call comes to wait, or comes again: from another queue, or because nobody knows what became of its offer. */
export function enqueue(floor: Floor, request: RoutingRequest, nowMs: number): void {
  const { callId } = request;
  const before = floor.calls.get(callId);
  if (before) {
    floor.forget(before);
    // The agents stay reserved until the call has taken the phones back.
    for (const token of before.offers) withdraw(floor, token, nowMs);
  }
  const call = floor.callFor(request, nowMs);
  if (!call || request.hops > hopsMax) {
    floor.outputs.push({ kind: 'overflow', callId, target: { kind: 'hangup' }, reason: 'noQueue' });
    return;
  }
  const { policy } = call.rules;
  const mayBeRefused = !request.returned && !request.outbound;
  if (mayBeRefused && call.line.waiting >= policy.waitingCallsMax) {
    floor.outputs.push({ kind: 'overflow', callId, target: policy.whenFull, reason: 'queueFull' });
    return;
  }
  if (before) {
    call.excluded = before.excluded;
    call.attempts = Math.max(call.attempts, before.attempts);
  }
  enterStep(floor, call, 0, nowMs);
  const { joinEmpty } = policy;
  if (mayBeRefused && joinEmpty && !hasAnybody(floor, call, joinEmpty.counted)) {
    floor.outputs.push({ kind: 'overflow', callId, target: joinEmpty.target, reason: 'noAgents' });
    return;
  }
  floor.admit(call);
  call.isStarved = deadlineMs(call) <= nowMs;
  if (call.isStarved) floor.reorder(call);
  lookAgain(floor, call, nowMs);
}

/** What is known of the caller changed while the call waits: its place and its needs may change, its age does not. */
export function reassess(floor: Floor, request: RoutingRequest, nowMs: number): void {
  const call = floor.calls.get(request.callId);
  if (!call) return;
  call.request = { ...request, queueId: call.request.queueId, nodeId: call.request.nodeId };
  floor.reorder(call);
  lookAgain(floor, call, nowMs);
}

/** Something of what was waited for has come: the limit of the wait, a step's end, a delay, the deadline. */
export function wait(floor: Floor, call: WaitingCall, nowMs: number): void {
  if (call.passedOn) return;
  if (!call.overdue && call.queueEnteredAtMs + floor.maxWaitMs(call) <= nowMs) {
    // A node out of sight could not be told to send the caller away.
    if (floor.isOpen(call)) return overflow(floor, call);
    call.overdue = true;
  }
  if (onlyAgentEndsMs(call) <= nowMs) call.onlyAgentId = undefined;
  while (nextDelayMs(call) <= nowMs) call.delaysPassed += 1;
  while (stepEndsMs(call) <= nowMs) enterStep(floor, call, call.step + 1, stepEndsMs(call));
  if (deadlineMs(call) <= nowMs) {
    call.isStarved = true;
    floor.reorder(call);
  }
  lookAgain(floor, call, nowMs);
}

function lookAgain(floor: Floor, call: WaitingCall, nowMs: number): void {
  floor.place(call);
  floor.due.calls.set(call.number, nextDueMs(floor, call));
  matchCall(floor, call, nowMs);
  if (call.signature) watchEmptiness(floor, call.signature, nowMs);
}
