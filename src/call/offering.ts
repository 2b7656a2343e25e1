import { agentLegIdOf, attemptOfLeg, bridgeIdOf, type Call, type Offer } from './call.ts';
import type { Draft } from './draft.ts';
import type { CallInput } from './inputs.ts';
import type { OfferOutcome } from './offer.ts';
import { answeredOffer, offerNamed, offersOf, without } from './offers.ts';
import { recordByRule } from './recording.ts';
import { interrupt, isLeaving, isSent } from './wait-sounds.ts';
import { toQueue } from './waiting.ts';

type OfferedInput = Extract<CallInput, { kind: 'offered' }>;

const unknownCustomer = { status: 'pending', source: 'nobody' } as const;

/** Routing has reserved an agent. A call that cannot be offered to another one now gives the reservation back. */
export function offerTo(draft: Draft, input: OfferedInput): void {
  const { call, atMs } = draft;
  const { token, endpoint, mode, ringTimeoutMs, explanation } = input;
  if (offerNamed(call, token)) return;
  if (!mayRing(call, input)) {
    // Out of the queue first: an agent given back would be looked for anew.
    if (call.phase !== 'offering' && call.phase !== 'waiting') draft.ask({ kind: 'leaveQueue' });
    draft.ask({ kind: 'offerEnded', token, outcome: 'withdrawn' });
    return;
  }
  interrupt(draft);
  const legId = agentLegIdOf(call.id, token.attempt);
  const offer: Offer = {
    token,
    endpoint,
    mode,
    ringTimeoutMs,
    stage: 'pending',
    legId,
    offeredAtMs: atMs,
  };
  const part = { offers: [...offersOf(call), offer], attempts: Math.max(call.attempts, token.attempt) };
  if (call.phase === 'offering') draft.change(part);
  else draft.enter('offering', part);
  if (mode === 'ring') dial(draft, offer);
  draft.tell({
    type: 'call.offered.v1',
    agentId: token.agentId,
    attempt: token.attempt,
    expiresAtMs: token.expiresAtMs,
    mode,
    customer: call.customer ?? unknownCustomer,
    explanation,
  });
}

/** Beside others only while nobody has taken the call, each agent once, each leg with a name of its own. */
function mayRing(call: Call, { token, beside }: OfferedInput): boolean {
  if (call.phase !== 'offering') return call.phase === 'waiting' && !isLeaving(call) && !isSent(call);
  if (beside !== true || token.attempt <= call.attempts) return false;
  const isTaken = ({ mode, stage }: Offer): boolean =>
    stage === 'answered' || (mode === 'accept' && stage !== 'pending');
  return !offersOf(call).some((offer) => isTaken(offer) || offer.token.agentId === token.agentId);
}

/** The agent said on the screen to take the call: it is nobody else's, and the phone rings. */
export function accepted(draft: Draft, offer: Offer): void {
  if (offer.stage !== 'pending') return;
  rescindOthers(draft, offer);
  dial(draft, offer);
}

/** Rings the agent's phone. The bridge is made meanwhile, so that an answer is joined at once. */
function dial(draft: Draft, offer: Offer): void {
  const { call } = draft;
  draft.pbx({
    kind: 'dial',
    legId: offer.legId,
    endpoint: offer.endpoint,
    // The customer of an outbound call is dialled only after the agent.
    ...(call.outbound ? { headers: call.outbound.agentHeaders } : { originatorLegId: call.callerLegId }),
    callerNumber: call.callerNumber,
    callerName: call.customer?.customer?.name ?? call.callerName,
    timeoutMs: offer.ringTimeoutMs,
    variables: { RINGMASTER_LEG: `${call.id},${offer.token.agentId}` },
  });
  if (!call.bridged) draft.pbx({ kind: 'createBridge', bridgeId: bridgeIdOf(call.id) });
  draft.change({ bridged: true });
  setStage(draft, offer, 'dialled');
}

function setStage(draft: Draft, { legId }: Offer, stage: Offer['stage']): void {
  draft.change({
    offers: offersOf(draft.call).map((offer) => (offer.legId === legId ? { ...offer, stage } : offer)),
  });
}

export function agentRings(draft: Draft, offer: Offer): void {
  if (offer.stage !== 'dialled') return;
  setStage(draft, offer, 'ringing');
  draft.tell({ type: 'call.offer.ringing.v1', agentId: offer.token.agentId, attempt: offer.token.attempt });
}

/**
 * The agent picked up. The two are joined before the caller is answered, so that a caller who pays hears somebody. Who
 * picked up was dialled, though a state that a store kept before that may not say so.
 */
export function agentAnswered(draft: Draft, offer: Offer): void {
  if (offer.stage === 'answered') return;
  const { call, atMs } = draft;
  const callerLegId = call.callerLegId;
  draft.ask({ kind: 'offerAnswered', token: offer.token });
  if (call.answered) draft.pbx({ kind: 'stopMusic', legId: callerLegId });
  join(draft, offer);
  if (!call.answered) draft.pbx({ kind: 'answer', legId: callerLegId });
  draft.change({ answered: true, offers: [{ ...offer, stage: 'answered' }] });
  draft.tell({
    type: 'call.answered.v1',
    agentId: offer.token.agentId,
    ringMs: Math.max(0, atMs - offer.offeredAtMs),
    waitedMs: draft.waitedMs(),
  });
  rescind(draft, without(call, offer));
}

function rescindOthers(draft: Draft, offer: Offer): void {
  const others = without(draft.call, offer);
  if (others) draft.change({ offers: [offer] });
  rescind(draft, others);
}

/** Another agent has the call: these phones stop ringing, and it is nobody's fault. Told after they are out of the list. */
export function rescind(draft: Draft, offers: readonly Offer[] | undefined): void {
  for (const offer of offers ?? []) giveBack(draft, offer, 'rescinded');
}

export function join(draft: Draft, { legId }: Offer): void {
  const { call } = draft;
  draft.pbx({ kind: 'join', bridgeId: bridgeIdOf(call.id), legIds: [call.callerLegId, legId] });
}

/** The PBX has joined the two. The join of an agent who has dropped meanwhile says nothing of the one who answers now. */
export function joined(draft: Draft, legIds: readonly string[]): void {
  const { call, atMs } = draft;
  const offer = answeredOffer(call);
  if (!offer || !legIds.includes(offer.legId)) return;
  const talk = { agentId: offer.token.agentId, legId: offer.legId, sinceMs: atMs };
  draft.enter('talking', {
    offers: undefined,
    talk,
    onlyAgentId: undefined,
    waitedMs: draft.waitedMs(),
    returned: false,
  });
  draft.tell({ type: 'call.connected.v1', agentId: talk.agentId, waitedMs: draft.waitedMs() });
  recordByRule(draft);
}

/** An offer came to nothing: the caller waits on, with its age, and routing looks for the next agent. */
export function offerFailed(draft: Draft, offer: Offer, outcome: OfferOutcome): void {
  if (offer.stage === 'answered') return agentDropped(draft);
  endOffer(draft, offer, outcome);
}

/** The agent answered and was gone before, or just after, the join: the caller goes back, first in line. */
export function agentDropped(draft: Draft): void {
  const { call, policy } = draft;
  const { talk } = call;
  const offer = answeredOffer(call);
  const agentId = offer?.token.agentId ?? talk?.agentId;
  const legId = offer?.legId ?? talk?.legId;
  if (agentId === undefined || legId === undefined) return;
  // Whether the join was done before the agent went is not known here; out of no bridge is harmless.
  draft.pbx({ kind: 'separate', bridgeId: bridgeIdOf(call.id), legId: call.callerLegId });
  draft.pbx({ kind: 'hangup', legId, reason: 'normal' });
  draft.talkEnded(agentId, 'dropped');
  const waitedMs = call.talkedMs > 0 ? call.waitedMs : undefined;
  draft.enter('waiting', { offers: undefined, talk: undefined, onlyAgentId: undefined, returned: true, waitedMs });
  draft.tell({ type: 'call.offer.ended.v1', agentId, attempt: attemptOfLeg(call.id, legId), outcome: 'dropped' });
  toQueue(draft, call.queueId ?? policy.entry.queueId, 'returned');
}

/** Ends all offers that stand: no phone rings any more, routing gets the agents back, the call waits. */
export function takeBackOffers(draft: Draft, outcome: OfferOutcome): void {
  for (const offer of offersOf(draft.call)) endOffer(draft, offer, outcome);
}

/** Ends one offer; without another the call waits. */
export function endOffer(draft: Draft, offer: Offer, outcome: OfferOutcome): void {
  const offers = without(draft.call, offer);
  if (offers) draft.change({ offers });
  else draft.enter('waiting', { offers });
  giveBack(draft, offer, outcome);
}

const hangupReasons: Partial<Record<OfferOutcome, 'no_answer' | 'answered_elsewhere'>> = {
  noAnswer: 'no_answer',
  rescinded: 'answered_elsewhere',
};

function giveBack(draft: Draft, { token, legId, stage }: Offer, outcome: OfferOutcome): void {
  const { agentId, attempt } = token;
  if (stage !== 'pending') draft.pbx({ kind: 'hangup', legId, reason: hangupReasons[outcome] ?? 'normal' });
  draft.tell({ type: 'call.offer.ended.v1', agentId, attempt, outcome });
  if (stage === 'answered') draft.talkEnded(agentId, 'callerLeft');
  else draft.ask({ kind: 'offerEnded', token, outcome });
}
