import { bridgeIdOf, type Call, customerLegIdOf, type Offer } from './call.ts';
import { type CallStep, Draft } from './draft.ts';
import { end } from './ending.ts';
import type { PbxCommand } from './commands.ts';
import type { CommandFailed, CommandFailure, PbxFact } from './facts.ts';
import { customerInLine, isNear, isPlaceOnly } from './calling-back.ts';
import type { CallInput } from './inputs.ts';
import { type OfferOutcome, outcomeOfCause } from './offer.ts';
import { endOffer, join, joined, rescind, takeBackOffers } from './offering.ts';
import { answeredOffer, offerNamed, offerOfLeg, offerTo, soleOffer, without } from './offers.ts';
import type { CustomerDial, DialOutcome, DialVerdict, OutboundOrder } from './outbound-order.ts';
import { ruledFromNow } from './placing.ts';
import type { CallPolicy } from './policy.ts';
import { channelVariables, toQueue } from './waiting.ts';

/** Beyond the time that the customer's phone rings: checks before the dial, and news of the PBX on their way. */
const diallingGraceMs = 10_000;
/** A join that failed because a leg has gone: which one is told within this time. */
const goneGraceMs = 1_000;

/**
 * An outbound call begins. Routing looks for its agent as for a caller's; the agent's phone is rung first, the
 * customer's only when the agent is there. A dialling agent is rung at once, others wait for the customer's card.
 */
export function placeCall(order: OutboundOrder, policy: CallPolicy, atMs: number): CallStep {
  const { callId, dial } = order;
  const call: Call = {
    id: callId,
    nodeId: order.nodeId,
    version: 0,
    phase: 'arriving',
    phaseSinceMs: atMs,
    entryId: order.entryId,
    callerLegId: customerLegIdOf(callId),
    callerNumber: order.number,
    callerName: '',
    dialledNumber: dial.shownNumber,
    answered: false,
    enteredAtMs: atMs,
    awaiting: { lookup: !dial.byAgent, greeting: false },
    queueId: order.queueId,
    returned: false,
    ...(order.agentId === undefined ? {} : { onlyAgentId: order.agentId }),
    ...(dial.callback ? { queuedAtMs: dial.callback.queuedAtMs } : {}),
    attempts: 0,
    hops: 0,
    bridged: false,
    talkedMs: 0,
    heldMs: 0,
    // Nobody waits for us here.
    waitedMs: 0,
    data: order.data,
    ...ruledFromNow(policy.rules, order.number),
    direction: 'outbound',
    outbound: { ...dial, stage: 'reserved' },
  };
  const draft = new Draft(call, policy, atMs);
  draft.tell({ type: 'call.placed.v1', byAgent: dial.byAgent });
  draft.ask({ kind: 'lookup' });
  if (dial.byAgent) toQueue(draft, order.queueId, 'outbound');
  return draft.finish();
}

/** What is different while the customer of an outbound call is not reached yet. False: as for any other call. */
export function applyOutbound(draft: Draft, dial: CustomerDial, input: CallInput): boolean {
  const { phase } = draft.call;
  switch (input.kind) {
    case 'pbx':
      return phase === 'dialling' ? diallingFact(draft, dial, input.fact) : offeringFact(draft, input.fact);
    case 'commandFailed':
      return commandFailed(draft, dial, input);
    case 'dialCleared':
      cleared(draft, dial, input.verdict);
      return true;
    case 'joined':
      joined(draft, input.legIds);
      if (draft.call.phase === 'talking') reached(draft);
      return true;
    case 'timerFired':
      if (input.timer === 'wait' && isPlaceOnly(draft.call)) draft.ask({ kind: 'estimate' });
      if (input.timer === 'dialling' && phase === 'dialling')
        giveUp(draft, dial.stage === 'clearing' ? 'unavailable' : 'unknown');
      return true;
    case 'estimated':
      if (phase === 'waiting' && isPlaceOnly(draft.call) && isNear(draft, dial, input)) clear(draft, dial);
      return true;
    case 'offerExpired':
    case 'offerWithdrawn':
      offerOver(draft, offerNamed(draft.call, input.token), input.kind === 'offerExpired' ? 'noAnswer' : 'withdrawn');
      return true;
    case 'reject':
      offerOver(draft, offerTo(draft.call, input.agentId), 'declined');
      return true;
    case 'overflowed':
      if (phase !== 'dialling') giveUp(draft, 'noAgent');
      return true;
    case 'draining':
      // Who is being joined counts as talking already.
      if (dial.stage !== 'answered') giveUp(draft, 'interrupted');
      return true;
    case 'recovered':
      recovered(draft, dial);
      return true;
    case 'hangUp':
      giveUp(draft, 'cancelled');
      return true;
    default:
      return false;
  }
}

function offeringFact(draft: Draft, fact: PbxFact): boolean {
  const offer = 'legId' in fact ? offerOfLeg(draft.call, fact.legId) : undefined;
  if (!offer) return false;
  if (fact.kind === 'legAnswered') agentReady(draft, offer);
  else if (fact.kind === 'legEnded') {
    draft.goneLegId = fact.legId;
    offerOver(draft, offer, outcomeOfCause(fact.cause));
  } else return false;
  return true;
}

/** The next agent is looked for, unless it had to be this one. */
function offerOver(draft: Draft, offer: Offer | undefined, outcome: OfferOutcome): void {
  if (!offer || draft.call.phase !== 'offering') return;
  if (draft.call.onlyAgentId === undefined) return endOffer(draft, offer, outcome);
  giveUp(draft, 'noAgent', outcome);
}

/** The agent picked up: he hears ringing while we ask whether his customer may be dialled. */
function agentReady(draft: Draft, offer: Offer): void {
  const { outbound } = draft.call;
  if (!outbound || offer.stage === 'pending') return;
  draft.ask({ kind: 'offerAnswered', token: offer.token });
  draft.pbx({ kind: 'ring', legId: offer.legId });
  const others = without(draft.call, offer);
  draft.enter('dialling', { offers: [{ ...offer, stage: 'answered' }] });
  draft.tell({
    type: 'call.answered.v1',
    agentId: offer.token.agentId,
    ringMs: Math.max(0, draft.atMs - offer.offeredAtMs),
    waitedMs: 0,
  });
  rescind(draft, others);
  clear(draft, outbound);
}

function clear(draft: Draft, dial: CustomerDial): void {
  draft.enter('dialling', { outbound: { ...dial, stage: 'clearing' } });
  watch(draft, dial);
  draft.ask({ kind: 'clearDial' });
}

function watch(draft: Draft, { ringTimeoutMs }: CustomerDial): void {
  draft.ask({ kind: 'startTimer', timer: 'dialling', afterMs: ringTimeoutMs + diallingGraceMs });
}

function cleared(draft: Draft, dial: CustomerDial, verdict: DialVerdict): void {
  const { call } = draft;
  const offer = answeredOffer(call);
  if (call.phase !== 'dialling' || dial.stage !== 'clearing') return;
  if (!verdict.ok) return giveUp(draft, verdict.outcome);
  draft.pbx({
    kind: 'dial',
    legId: call.callerLegId,
    endpoint: dial.endpoint,
    ...(offer ? { originatorLegId: offer.legId } : {}),
    callerNumber: dial.shownNumber,
    callerName: '',
    timeoutMs: dial.ringTimeoutMs,
    variables: channelVariables(draft),
  });
  draft.change({ outbound: { ...dial, stage: 'dialled' } });
  draft.tell({ type: 'call.dialling.v1', ...agentOf(call) });
  watch(draft, dial);
}

function diallingFact(draft: Draft, dial: CustomerDial, fact: PbxFact): boolean {
  const { callerLegId } = draft.call;
  if (fact.kind === 'bridgeEnded') return bridgeLost(draft, dial, fact.bridgeId);
  if (!('legId' in fact)) return true;
  if (offerOfLeg(draft.call, fact.legId)) {
    if (fact.kind !== 'legEnded' && fact.kind !== 'legLeft') return fact.kind !== 'legReplaced';
    draft.goneLegId = fact.legId;
    giveUp(draft, 'agentLeft');
    return true;
  }
  if (fact.legId !== callerLegId) return false;
  customerFact(draft, dial, fact);
  return true;
}

function customerFact(draft: Draft, dial: CustomerDial, fact: PbxFact & { readonly legId: string }): void {
  switch (fact.kind) {
    case 'legRinging':
      return customerRings(draft, dial);
    case 'legAnswered':
      return customerAnswered(draft, dial);
    case 'legEnded':
      draft.goneLegId = fact.legId;
      return giveUp(draft, dial.stage === 'answered' ? 'failed' : outcomeOfDial(fact.cause));
    default:
      return;
  }
}

function customerRings(draft: Draft, dial: CustomerDial): void {
  if (dial.stage !== 'dialled') return;
  draft.change({ outbound: { ...dial, stage: 'ringing' } });
  draft.tell({ type: 'call.dial.ringing.v1', ...agentOf(draft.call) });
}

function customerAnswered(draft: Draft, dial: CustomerDial): void {
  const offer = answeredOffer(draft.call);
  if (dial.stage === 'answered') return;
  if (!offer) {
    told(draft);
    return customerInLine(draft);
  }
  draft.pbx({ kind: 'stopRing', legId: offer.legId });
  join(draft, offer);
  draft.change({ answered: true, outbound: { ...dial, stage: 'answered' } });
}

/** The two hear each other: from here on it is a call like any other. */
function reached(draft: Draft): void {
  told(draft);
  draft.change({ outbound: undefined });
}

/** Whoever wanted the customer called hears that he has answered. */
function told(draft: Draft): void {
  draft.ask({ kind: 'stopTimer', timer: 'dialling' });
  draft.ask({ kind: 'dialEnded', outcome: 'answered', dialled: true });
}

function agentOf(call: Call): { readonly agentId?: string } {
  const offer = answeredOffer(call);
  return offer ? { agentId: offer.token.agentId } : {};
}

/**
 * What the Q.850 cause of a customer's leg that was never answered means. Carriers report a declined call as busy; 0
 * stands for an end that was not seen. Source: ITU-T Q.850, RFC 3398.
 */
function outcomeOfDial(cause: number): DialOutcome {
  if (cause === 0) return 'unknown';
  const outcome = outcomeOfCause(cause);
  if (outcome === 'busy' || outcome === 'declined') return 'busy';
  return outcome === 'noAnswer' ? 'noAnswer' : 'failed';
}

function commandFailed(draft: Draft, dial: CustomerDial, { command, failure }: CommandFailed): boolean {
  const { callerLegId } = draft.call;
  const isForCustomer = 'legId' in command && command.legId === callerLegId;
  const offer = command.kind === 'dial' ? offerOfLeg(draft.call, command.legId) : undefined;
  if (offer) {
    // Only the answer was lost when the phone has been heard of since.
    const isUnanswered = failure === 'timeout' || failure === 'unavailable';
    const isHeardOf = offer.stage === 'ringing' || offer.stage === 'answered';
    if (!isUnanswered || !isHeardOf) offerOver(draft, offer, 'unreachable');
  }
  // Whether it was dialled nobody knows while the link is away: the comparison after it tells, or the timer ends it.
  else if (command.kind === 'dial' && isForCustomer) {
    if (failure === 'refused' || failure === 'gone') giveUp(draft, 'failed');
  } else if (command.kind === 'join') joinFailed(draft, dial, command, failure);
  return true;
}

function joinFailed(draft: Draft, dial: CustomerDial, command: PbxCommand, failure: CommandFailure): void {
  if (dial.stage !== 'answered' || draft.call.phase !== 'dialling' || failure === 'unavailable') return;
  // Whether it was done nobody knows. Joined again the two hear each other in any case; given up, they might be parted.
  if (failure === 'timeout' && answeredOffer(draft.call)) return draft.pbx(command);
  draft.ask({ kind: 'startTimer', timer: 'dialling', afterMs: goneGraceMs });
}

function bridgeLost(draft: Draft, dial: CustomerDial, bridgeId: string): boolean {
  if (bridgeId !== bridgeIdOf(draft.call.id)) return true;
  if (dial.stage === 'answered') return false;
  draft.pbx({ kind: 'createBridge', bridgeId });
  return true;
}

/** After a gap both legs are there, as far as they had come; before the agent was there nothing is lost by giving up. */
function recovered(draft: Draft, dial: CustomerDial): void {
  const offer = answeredOffer(draft.call);
  if (draft.call.phase !== 'dialling') return giveUp(draft, 'interrupted');
  watch(draft, dial);
  if (dial.stage === 'answered' && offer) return join(draft, offer);
  // Its leg is there, so it was dialled, whatever had been written down by then.
  if (dial.stage === 'clearing') draft.change({ outbound: { ...dial, stage: 'dialled' } });
}

/** The call ends without a conversation: what rings is silenced, the agent is let go, and the outcome is told once. */
function giveUp(draft: Draft, outcome: DialOutcome, offerOutcome: OfferOutcome = 'withdrawn'): void {
  const { phase, outbound: dial, callerLegId } = draft.call;
  if (!dial) return;
  const offer = answeredOffer(draft.call) ?? soleOffer(draft.call);
  const agentId = offer?.token.agentId;
  const dialled = phase === 'dialling' && (dial.stage !== 'clearing' || outcome === 'unknown');
  // Out of the queue first: an agent given back would be looked for anew.
  if (phase === 'waiting' || phase === 'offering') draft.ask({ kind: 'leaveQueue' });
  if (phase === 'offering') takeBackOffers(draft, offerOutcome);
  if (phase === 'dialling') {
    draft.ask({ kind: 'stopTimer', timer: 'dialling' });
    if (dialled) draft.pbx({ kind: 'hangup', legId: callerLegId, reason: 'normal' });
  }
  if (phase === 'dialling' && offer) {
    draft.pbx({ kind: 'hangup', legId: offer.legId, reason: outcome === 'busy' ? 'busy' : 'normal' });
    draft.talkEnded(offer.token.agentId, outcome === 'agentLeft' ? 'dropped' : 'callerLeft');
  }
  draft.change({ outbound: undefined, offers: undefined });
  draft.tell({ type: 'call.dial.ended.v1', ...(agentId === undefined ? {} : { agentId }), outcome, dialled });
  draft.ask({ kind: 'dialEnded', outcome, dialled });
  end(draft, 'unreached');
}
