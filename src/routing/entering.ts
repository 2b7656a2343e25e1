import type { OverflowReason, Target } from '../call/index.ts';
import { hasAnybody, isSentAgain, watchEmptiness } from './emptiness.ts';
import type { Floor } from './floor.ts';
import { matchCall } from './matching.ts';
import { overflow, withdraw } from './offers.ts';
import { deadlineMs, enterStep, nextDelayMs, nextDueMs, onlyAgentEndsMs, stepEndsMs } from './progress.ts';
import type { RoutingRequest } from './request.ts';
import { nobody, progressOf, type WaitingCall } from './waiting-call.ts';

const hopsMax = 5;

/** A call comes to wait, or comes again: from another queue, or because nobody knows what became of its offer. */
export function enqueue(floor: Floor, request: RoutingRequest, nowMs: number): void {
  const { callId } = request;
  const before = floor.calls.get(callId);
  // Noted first: the call to come may be made of this one.
  const attempts = before?.attempts ?? 0;
  const declined = before?.progress.declined ?? nobody;
  if (before) {
    floor.forget(before);
    // The agents stay reserved until the call has taken the phones back.
    for (const token of before.offers) withdraw(floor, token, nowMs);
  }
  const enteredAtMs = Math.min(nowMs, request.queueEnteredAtMs ?? nowMs);
  const call = floor.callFor(request, enteredAtMs);
  if (!call || request.hops > hopsMax) {
    floor.outputs.push({ kind: 'overflow', callId, target: { kind: 'hangup' }, reason: 'noQueue' });
    return;
  }
  call.attempts = Math.max(call.attempts, attempts);
  if (declined.size > 0) progressOf(call).declined = declined;
  enterStep(floor, call, 0, enteredAtMs);
  const refused = refusal(floor, call);
  if (refused) {
    floor.outputs.push({ kind: 'overflow', callId, ...refused });
    return;
  }
  floor.admit(call);
  if (enteredAtMs < nowMs) catchUp(floor, call, nowMs);
  meetDeadline(call, nowMs);
  lookAgain(floor, call, nowMs);
}

/** Where a call goes that may not come to wait, if so. Who has waited in the queue before is not refused. */
export function refusal(floor: Floor, call: WaitingCall): { target: Target; reason: OverflowReason } | undefined {
  const { request, line, rules } = call;
  if (request.returned || request.outbound || request.queueEnteredAtMs !== undefined) return undefined;
  const { waitingCallsMax, whenFull, joinEmpty } = rules.policy;
  if (line.waiting >= waitingCallsMax) return { target: whenFull, reason: 'queueFull' };
  if (!joinEmpty || isSentAgain(call, joinEmpty.target) || hasAnybody(floor, call, joinEmpty.counted)) return undefined;
  return { target: joinEmpty.target, reason: 'noAgents' };
}

/** What is known of the caller changed while the call waits: its place and its needs may change, its age does not. */
export function reassess(floor: Floor, request: RoutingRequest, nowMs: number): void {
  const call = floor.calls.get(request.callId);
  if (!call) return;
  const { queueId, nodeId, queueEnteredAtMs } = call.request;
  call.request = { ...request, queueId, nodeId, queueEnteredAtMs };
  lookAgain(floor, call, nowMs);
}

/** Something of what was waited for has come: the limit of the wait, a step's end, a delay, the deadline. */
export function wait(floor: Floor, call: WaitingCall, nowMs: number): void {
  if (call.progress.passedOn) return;
  if (!call.progress.overdue && call.queueEnteredAtMs + floor.maxWaitMs(call) <= nowMs) {
    // A node out of sight could not be told to send the caller away.
    if (floor.isOpen(call)) return overflow(floor, call);
    progressOf(call).overdue = true;
  }
  catchUp(floor, call, nowMs);
  meetDeadline(call, nowMs);
  lookAgain(floor, call, nowMs);
}

/** What of the wait is over ends, each at its own time. */
function catchUp(floor: Floor, call: WaitingCall, nowMs: number): void {
  if (onlyAgentEndsMs(call) <= nowMs) progressOf(call).onlyAgentId = undefined;
  while (nextDelayMs(call) <= nowMs) progressOf(call).delaysPassed += 1;
  while (stepEndsMs(call) <= nowMs) enterStep(floor, call, call.progress.step + 1, stepEndsMs(call));
}

function meetDeadline(call: WaitingCall, nowMs: number): void {
  if (deadlineMs(call) > nowMs) return;
  progressOf(call).isStarved = true;
}

function lookAgain(floor: Floor, call: WaitingCall, nowMs: number): void {
  floor.place(call);
  floor.due.calls.set(call.number, nextDueMs(floor, call));
  matchCall(floor, call, nowMs);
  if (call.signature) watchEmptiness(floor, call.signature, nowMs);
}
