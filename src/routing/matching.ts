import type { OfferToken } from '../call/index.ts';
import { countBoth } from './bits.ts';
import { explain } from './explain.ts';
import type { Floor } from './floor.ts';
import { keyNow, rateOf } from './order.ts';
import { edgeOf } from './rules.ts';
import { type Found, shortlist } from './shortlist.ts';
import type { Signature } from './signature.ts';
import type { Slot } from './slot.ts';
import { hold, type WaitingCall } from './waiting-call.ts';

/** Who could take a call with this signature now; nobody while the free must stay so for callers who matter more. */
export function whoCould(
  floor: Floor,
  signature: Signature,
  { length, excluded }: { readonly length: number; readonly excluded: ReadonlySet<string> },
  nowMs: number,
): Found {
  const { crowd } = floor;
  if (signature.isReserved(crowd.freeOf(signature.freeKind))) return { signature, best: [] };
  const turns = floor.lineOf(signature.rules.policy.id);
  turns.places = crowd.places;
  const best = shortlist(signature, crowd, { nowMs, skills: signature.skills, turns, excluded }, length);
  return { signature, best };
}

/** How many phones ring for one call at most: they leave as many free as must stay so for callers who matter more. */
export function ringingTogether({ crowd }: Floor, { rules, reserve, agents, freeKind }: Signature): number {
  const { ringAll = 1 } = rules.policy;
  if (ringAll === 1 || reserve === undefined) return ringAll;
  return Math.min(ringAll, countBoth(agents, crowd.freeOf(freeKind), ringAll + reserve) - reserve);
}

/** Who is asked next in turn follows from who was asked now. */
export function takeTurn({ line }: WaitingCall, { strategy, spec }: Signature, slot: Slot): void {
  line.took(slot.place, strategy === 'weighted' ? edgeOf(spec.asked, slot.id).weight : undefined);
}

/** A call looks for an agent, or for several whose phones ring together. */
export function matchCall(floor: Floor, call: WaitingCall, nowMs: number): void {
  const { signature } = call;
  if (!signature || !floor.isOpen(call) || floor.crowd.isNobodyFree(signature.freeKind)) return;
  const together = ringingTogether(floor, signature);
  const found = whoCould(floor, signature, { length: together, excluded: call.progress.excluded }, nowMs);
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
    const areMoreFree = signature.reserve !== undefined || (call.rules.policy.ringAll ?? 1) > 1;
    if (areMoreFree) matchCall(floor, call, nowMs);
    else offer(floor, call, { signature, best: [slot] }, 1, nowMs);
    if (slot.routing !== 'idle') return;
  }
  if (floor.crowd.mayBeAsked(slot.place)) matchReserved(floor, slot, nowMs);
}

/** One more is free than must stay so: another than this one may now be had by a call that this one declined. */
function matchReserved(floor: Floor, slot: Slot, nowMs: number): void {
  const { signatures } = floor;
  const guarded = signatures.guardedFor(slot);
  if (guarded.length === 0) return;
  const calls = guarded.flatMap((signature) => signatures.callsOf(signature));
  for (const call of inOrder(calls, nowMs)) serve(floor, call, nowMs);
}

/** Somebody has come to work or stopped: calls that were declined leave out who declined them, or let them in again. */
export function readmit(floor: Floor, nowMs: number): void {
  const changed = [...floor.excluding].filter(
    (one) => !one.offer && one.progress.excluded.size > 0 !== floor.hasOthers(one),
  );
  for (const call of changed) floor.place(call);
  for (const call of inOrder(changed, nowMs)) serve(floor, call, nowMs);
}

/** Whoever is free for the call serves the call that is first for that agent, until this one has somebody. */
export function serve(floor: Floor, call: WaitingCall, nowMs: number): void {
  const {
    signature,
    progress: { excluded },
  } = call;
  while (signature && floor.isOpen(call)) {
    const [slot] = whoCould(floor, signature, { length: 1, excluded }, nowMs).best;
    if (!slot) return;
    matchAgent(floor, slot, nowMs);
    if (slot.routing === 'idle') return;
  }
}

/** As they would be served now: by virtual arrival, those that gather at a rate of their own by where it puts them. */
export function inOrder(calls: Iterable<WaitingCall>, nowMs: number): WaitingCall[] {
  const order = [...calls].map((call) => ({ call, key: keyNow(call.orderKey, rateOf(call), nowMs) }));
  order.sort((a, b) => a.key - b.key || a.call.sequence - b.call.sequence);
  return order.map(({ call }) => call);
}

/** Reserves the first of those found for the call, both sides at once. */
function offer(floor: Floor, call: WaitingCall, found: Found, together: number, nowMs: number): void {
  const explanation = explain(floor, call, found, nowMs);
  const { signature } = found;
  signature.emptySinceMs = undefined;
  floor.lift(call);
  const count = Math.min(together, found.best.length);
  for (let at = 0; at < count; at += 1) {
    const slot = found.best[at] as Slot;
    const isBeside = call.offer !== undefined;
    const token = forChannel(tokenFor(floor, call, slot, nowMs), signature);
    hold(call, token);
    slot.watched = token;
    takeTurn(call, signature, slot);
    floor.change(slot, { kind: 'offered', token }, nowMs);
    floor.stats.offers += 1;
    const { offer: mode, ringTimeoutMs } = call.rules.policy;
    const endpoint = slot.endpoint;
    const told = { kind: 'offer', token, endpoint, mode, ringTimeoutMs, explanation } as const;
    floor.outputs.push(call.line.changed);
    floor.outputs.push(isBeside ? { ...told, beside: true } : told);
  }
}

/** A token says what is offered when that is not a call. */
export const forChannel = (token: OfferToken, { channel }: Signature): OfferToken =>
  channel === 'voice' ? token : { ...token, channel };

function tokenFor(floor: Floor, call: WaitingCall, slot: Slot, nowMs: number): OfferToken {
  const { policy } = call.rules;
  call.attempts += 1;
  return {
    callId: call.request.callId,
    agentId: slot.id,
    attempt: call.attempts,
    epoch: floor.epoch,
    expiresAtMs: nowMs + policy.ringTimeoutMs * (policy.offer === 'accept' ? 2 : 1),
  };
}
