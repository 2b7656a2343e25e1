import type { Target } from '../call/index.ts';
import { specOf, stepsOf, widestSpecOf } from './asking.ts';
import { meetBits } from './bits.ts';
import type { Floor } from './floor.ts';
import { inOrder } from './matching.ts';
import { passOn } from './offers.ts';
import type { EmptyRule } from './policy.ts';
import type { Signature } from './signature.ts';
import type { WaitingCall } from './waiting-call.ts';

/**
 * Whether anybody is there who could serve the call now or later: in a later step, after the delay of an edge, or when
 * the agent whom a transfer names has been waited for.
 */
export function hasAnybody(floor: Floor, call: WaitingCall, counted: EmptyRule['counted']): boolean {
  const { book, signatures } = floor;
  if (call.progress.onlyAgentId !== undefined && isManned(floor, signatures.of(specOf(call, book)), counted))
    return true;
  const steps = stepsOf(call);
  for (let step = call.progress.step; ; step += 1) {
    if (isManned(floor, signatures.of(widestSpecOf(call, book, step)), counted)) return true;
    if (steps[step]?.expiresAfterMs === undefined) return false;
  }
}

const isManned = ({ crowd }: Floor, { agents, freeKind }: Signature, counted: EmptyRule['counted']): boolean =>
  meetBits(agents, crowd.there(counted, freeKind));

/** Whether a rule would send the call to the agent to whom it has been sent already: round and round, until it is hung up. */
export const isSentAgain = ({ request }: WaitingCall, target: Target): boolean =>
  target.kind === 'agent' && target.agentId === request.onlyAgentId;

/**
 * Begins or ends the grace of a signature for which nobody is there. Looked at when a call comes to wait, or again
 * waits for all, and when somebody stops working.
 */
export function watchEmptiness(floor: Floor, signature: Signature, nowMs: number): void {
  const { leaveEmpty, noAgentGraceMs = 0 } = signature.rules.policy;
  const call = leaveEmpty && floor.signatures.firstOf(signature);
  if (!call) return;
  const { counted } = leaveEmpty;
  if (isManned(floor, signature, counted) || hasAnybody(floor, call, counted)) {
    signature.emptySinceMs = undefined;
    floor.due.signatures.remove(signature.index);
    return;
  }
  signature.emptySinceMs ??= nowMs;
  floor.due.signatures.set(signature.index, signature.emptySinceMs + noAgentGraceMs);
}

/** Somebody has come or gone: also calls that would ask them only later must know. */
export function watchAll(floor: Floor, nowMs: number): void {
  for (const signature of floor.signatures.open()) watchEmptiness(floor, signature, nowMs);
}

/** Nobody has come back: all who still wait for them go on, in order. */
export function endGrace(floor: Floor, signature: Signature, nowMs: number): void {
  watchEmptiness(floor, signature, nowMs);
  const { leaveEmpty, noAgentGraceMs = 0 } = signature.rules.policy;
  if (!leaveEmpty || signature.emptySinceMs === undefined) return;
  floor.due.signatures.remove(signature.index);
  if (signature.emptySinceMs + noAgentGraceMs > nowMs || floor.signatures.isClosed(signature.spec.nodeId)) return;
  for (const call of inOrder(floor.signatures.callsOf(signature), nowMs)) {
    if (!isSentAgain(call, leaveEmpty.target)) passOn(floor, call, leaveEmpty.target, 'noAgents');
  }
}
