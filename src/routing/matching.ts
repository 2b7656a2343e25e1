import { endpointOf } from '../agents/index.ts';
import type { OfferToken } from '../call/index.ts';
import { explain } from './explain.ts';
import type { Floor } from './floor.ts';
import { edgeOf } from './rules.ts';
import { type Found, shortlist } from './shortlist.ts';
import type { Signature } from './signature.ts';
import type { Slot } from './slot.ts';
import type { WaitingCall } from './waiting-call.ts';

/** Who could take a call with this signature now; nobody while the free must stay so for callers who matter more. */
export function whoCould(
  floor: Floor,
  signature: Signature,
  { length, excluded }: { readonly length: number; readonly excluded: ReadonlySet<string> },
  nowMs: number,
): Found {
  const { crowd } = floor;
  if (signature.isReserved(crowd.freeOf(signature.freeKind))) return { signature, best: [] };
  const turns = floor.lineOf(signature.spec.rules.policy.id);
  turns.places = crowd.places;
  const best = shortlist(signature, crowd, { nowMs, skills: signature.skills, turns, excluded }, length);
  return { signature, best };
}

/** A call looks for an agent, or for several whose phones ring together. */
export function matchCall(floor: Floor, call: WaitingCall, nowMs: number): void {
  const { signature } = call;
  if (!signature || !floor.isOpen(call) || floor.crowd.isNobodyFree(signature.freeKind)) return;
  const together = call.rules.policy.ringAll ?? 1;
  const found = whoCould(floor, signature, { length: together, excluded: call.excluded }, nowMs);
  if (found.best.length > 0) offer(floor, call, found, together, nowMs);
}

/** An agent looks for a call: the first in order that the agent can serve, never only the head of the line. */
export function matchAgent(floor: Floor, slot: Slot, nowMs: number): void {
  if (!floor.crowd.mayBeAsked(slot.place)) return;
  for (;;) {
    const call = floor.signatures.bestFor(slot, nowMs);
    const signature = call?.signature;
    if (!call || !signature) break;
    // With a reserve others may have been kept back for want of this one, and it is their turn as well.
    const areMoreFree = signature.spec.reserve !== undefined || (call.rules.policy.ringAll ?? 1) > 1;
    if (areMoreFree) matchCall(floor, call, nowMs);
    else offer(floor, call, { signature, best: [slot] }, 1, nowMs);
    if (slot.agent.routing !== 'idle') return;
  }
  if (floor.crowd.isFree(slot.place)) matchReserved(floor, slot, nowMs);
}

/** One more is free than must stay so: another than this one may now be had by a call that this one declined. */
function matchReserved(floor: Floor, slot: Slot, nowMs: number): void {
  for (const signature of floor.signatures.guardedFor(slot)) {
    for (const call of inOrder(floor.signatures.callsOf(signature))) matchCall(floor, call, nowMs);
  }
}

/** Calls that leave others out look again when somebody has stopped working. */
export function readmit(floor: Floor, nowMs: number): void {
  for (const call of inOrder([...floor.excluding].filter((one) => !one.offer && !floor.hasOthers(one)))) {
    floor.place(call);
    matchCall(floor, call, nowMs);
  }
}

export function inOrder(calls: Iterable<WaitingCall>): WaitingCall[] {
  return [...calls].sort((a, b) => a.orderKey - b.orderKey || a.sequence - b.sequence);
}

/** Reserves the first of those found for the call, both sides at once. */
function offer(floor: Floor, call: WaitingCall, found: Found, together: number, nowMs: number): void {
  const explanation = explain(floor, call, found, nowMs);
  const { spec } = found.signature;
  floor.lift(call);
  const count = Math.min(together, found.best.length);
  for (let at = 0; at < count; at += 1) {
    const slot = found.best[at] as Slot;
    const isBeside = call.offer !== undefined;
    const token = tokenFor(floor, call, slot, nowMs);
    call.offers = isBeside ? [...call.offers, token] : [token];
    call.offer ??= token;
    slot.expiring.push(token);
    const weighs = spec.strategy === 'weighted';
    call.line.took(slot.place, weighs ? edgeOf(spec.asked, token.agentId).weight : undefined);
    floor.change(slot, { kind: 'offered', token }, nowMs);
    floor.stats.offers += 1;
    const { offer: mode, ringTimeoutMs } = call.rules.policy;
    const endpoint = endpointOf(slot.agent);
    const told = { kind: 'offer', token, endpoint, mode, ringTimeoutMs, explanation } as const;
    floor.outputs.push(call.line.changed, isBeside ? { ...told, beside: true } : told);
  }
}

function tokenFor(floor: Floor, call: WaitingCall, slot: Slot, nowMs: number): OfferToken {
  const { policy } = call.rules;
  call.attempts += 1;
  return {
    callId: call.request.callId,
    agentId: slot.agent.profile.id,
    attempt: call.attempts,
    epoch: floor.epoch,
    expiresAtMs: nowMs + policy.ringTimeoutMs * (policy.offer === 'accept' ? 2 : 1),
  };
}
