import { type Bits, meetBits } from './bits.ts';
import { specOf, stepsOf } from './asking.ts';
import type { Floor } from './floor.ts';
import { passOn } from './offers.ts';
import type { EmptyRule } from './policy.ts';
import type { Signature } from './signature.ts';
import type { WaitingCall } from './waiting-call.ts';

/** Whether anybody is there who could serve the call now or in a later step. */
export function hasAnybody(floor: Floor, call: WaitingCall, counted: EmptyRule['counted']): boolean {
  const steps = stepsOf(call);
  for (let step = call.step; ; step += 1) {
    const { agents, freeKind } = floor.signatures.of(specOf(call, floor.book, step));
    if (meetBits(agents, thereOf(floor, counted, freeKind))) return true;
    if (steps[step]?.expiresAfterMs === undefined) return false;
  }
}

function thereOf({ crowd }: Floor, counted: EmptyRule['counted'], freeKind: string): Bits {
  return counted === 'free' ? crowd.freeOf(freeKind) : counted === 'atWork' ? crowd.atWork : crowd.signedIn;
}

/**
 * Begins or ends the grace of a signature for which nobody is there. Looked at when a call comes to wait and when
 * somebody stops working.
 */
export function watchEmptiness(floor: Floor, signature: Signature, nowMs: number): void {
  const { leaveEmpty, noAgentGraceMs = 0 } = signature.spec.rules.policy;
  const call = leaveEmpty && floor.signatures.firstOf(signature);
  if (!call) return;
  if (hasAnybody(floor, call, leaveEmpty.counted)) {
    signature.emptySinceMs = undefined;
    floor.due.signatures.remove(signature.index);
    return;
  }
  signature.emptySinceMs ??= nowMs;
  floor.due.signatures.set(signature.index, signature.emptySinceMs + noAgentGraceMs);
}

/** Nobody has come back: all who still wait for them go on, oldest first. */
export function endGrace(floor: Floor, signature: Signature, nowMs: number): void {
  watchEmptiness(floor, signature, nowMs);
  const { leaveEmpty, noAgentGraceMs = 0 } = signature.spec.rules.policy;
  if (!leaveEmpty || signature.emptySinceMs === undefined) return;
  floor.due.signatures.remove(signature.index);
  if (signature.emptySinceMs + noAgentGraceMs > nowMs || floor.signatures.isClosed(signature.spec.nodeId)) return;
  const { signatures } = floor;
  for (let call = signatures.firstOf(signature); call; call = signatures.firstOf(signature)) {
    passOn(floor, call, leaveEmpty.target, 'noAgents');
  }
}
