import { type OfferOutcome, type OfferToken, type OverflowReason, sameOffer, type Target } from '../call/index.ts';
import type { Floor } from './floor.ts';
import { matchAgent, matchCall } from './matching.ts';
import { nextDueMs } from './progress.ts';
import type { Slot } from './slot.ts';
import { noOffers, progressOf, type WaitingCall } from './waiting-call.ts';

/** A phone that refuses at once must not be rung in a tight circle, whatever the config says. */
export const faultCooldownMinMs = 1000;

/** The agent answered: the call leaves the line, and of phones that rang together the others are taken back. */
export function offerAnswered(floor: Floor, token: OfferToken, nowMs: number): void {
  const slot = floor.crowd.get(token.agentId);
  const call = floor.calls.get(token.callId);
  const stands = slot !== undefined && sameOffer(slot.offer, token);
  // Who is asked for advice belongs to a call that is not in line.
  if (!stands || (call && !holds(call, token))) {
    floor.stats.answersToNoOffer += 1;
    return;
  }
  const isOwnCall = call?.request.outbound?.byAgent === true;
  const keepsIdle = isOwnCall && call.rules.policy.outboundResetsIdle === false ? true : undefined;
  if (call) floor.forget(call);
  stopWatching(slot, token);
  for (const other of call?.offers ?? noOffers) if (other.agentId !== token.agentId) withdraw(floor, other, nowMs);
  floor.change(slot, { kind: 'offerAnswered', token, keepsIdle }, nowMs);
  // Who has taken a chat may have room for more.
  if (slot.routing === 'idle') floor.readied.add(slot);
}

/** An offer came to nothing: the agent rests if that was his doing, and the call looks further with its age. */
export function offerEnded(floor: Floor, token: OfferToken, outcome: OfferOutcome, nowMs: number): void {
  const call = floor.calls.get(token.callId);
  const policy = call?.rules.policy;
  const cooldownMs = policy && isFault(outcome) ? Math.max(faultCooldownMinMs, policy.cooldownMs[outcome]) : 0;
  const current = call !== undefined && holds(call, token);
  if (current) takeBack(floor, call, token, isFault(outcome));
  const noAnswerLimit = policy?.noAnswerLimit ?? Number.POSITIVE_INFINITY;
  const wasHeld = freeAgent(floor, token, { outcome, cooldownMs, noAnswerLimit }, nowMs);
  if (!current && !wasHeld) floor.stats.endsOfNoOffer += 1;
  if (!current || call.offer) return;
  floor.place(call);
  if (call.progress.overdue && floor.isOpen(call)) return overflow(floor, call);
  floor.due.calls.set(call.number, nextDueMs(floor, call));
  // Who was given back without a fault serves whoever is first, not this call because it asks first.
  const slot = floor.crowd.get(token.agentId);
  if (slot) matchAgent(floor, slot, nowMs);
  matchCall(floor, call, nowMs);
}

function takeBack(floor: Floor, call: WaitingCall, token: OfferToken, isBlamed: boolean): void {
  call.offers = call.offers.filter((offer) => !sameOffer(offer, token));
  if (call.progress.onlyAgentId !== undefined) progressOf(call).onlyAgentId = undefined;
  if (isBlamed) progressOf(call).declined = new Set([...call.progress.declined, token.agentId]);
  floor.outputs.push(call.line.changed);
}

/** The caller is gone, or goes elsewhere. */
export function leave(floor: Floor, callId: string, nowMs: number): void {
  const call = floor.calls.get(callId);
  if (!call) return;
  floor.forget(call);
  for (const token of call.offers) freeAgent(floor, token, callerLeft, nowMs);
}

/** Asks for the phone back. The agent stays reserved until the call has it. */
export function withdraw(floor: Floor, token: OfferToken, nowMs: number): void {
  const slot = floor.crowd.get(token.agentId);
  if (slot) {
    stopWatching(slot, token);
    floor.refresh(slot, nowMs);
  }
  floor.outputs.push({ kind: 'withdraw', token });
}

/** Nobody answered in time: told once, and the call says what became of it. */
export function expireOffer(floor: Floor, slot: Slot, nowMs: number): void {
  const token = slot.watched;
  if (!token || token.expiresAtMs > nowMs) return;
  slot.watched = undefined;
  const call = floor.calls.get(token.callId);
  if (!call || !holds(call, token)) return;
  // While the node is out of sight nobody can know whether the phone was answered: not the agent's fault.
  const isOutOfSight = floor.signatures.isClosed(call.request.nodeId);
  floor.outputs.push({ kind: isOutOfSight ? 'withdraw' : 'offerExpired', token });
}

/** Sends a call on that has waited for too long. */
export function overflow(floor: Floor, call: WaitingCall): void {
  passOn(floor, call, call.rules.policy.overflow, 'maxWait');
}

export function passOn(floor: Floor, call: WaitingCall, target: Target, reason: OverflowReason): void {
  floor.lift(call);
  progressOf(call).passedOn = true;
  floor.due.calls.remove(call.number);
  // If it goes to another queue, it comes back by `enqueue` with its hops counted.
  floor.outputs.push({ kind: 'overflow', callId: call.request.callId, target, reason });
}

const callerLeft: Ending = { outcome: 'callerLeft', cooldownMs: 0, noAnswerLimit: Number.POSITIVE_INFINITY };

interface Ending {
  readonly outcome: OfferOutcome;
  readonly cooldownMs: number;
  readonly noAnswerLimit: number;
}

/** True when the agent held that offer. */
function freeAgent(floor: Floor, token: OfferToken, ending: Ending, nowMs: number): boolean {
  const slot = floor.crowd.get(token.agentId);
  if (!slot) return false;
  stopWatching(slot, token);
  const wasHeld = floor.change(slot, { kind: 'offerEnded', token, ...ending }, nowMs);
  if (wasHeld) floor.readied.add(slot);
  return wasHeld;
}

function stopWatching(slot: Slot, token: OfferToken): void {
  if (sameOffer(slot.watched, token)) slot.watched = undefined;
}

function holds({ offers }: WaitingCall, token: OfferToken): boolean {
  for (const offer of offers) if (sameOffer(offer, token)) return true;
  return false;
}

function isFault(outcome: OfferOutcome): outcome is 'declined' | 'busy' | 'noAnswer' | 'unreachable' {
  return outcome === 'declined' || outcome === 'busy' || outcome === 'noAnswer' || outcome === 'unreachable';
}
