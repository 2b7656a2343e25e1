import { agentLegIdOf, bridgeIdOf, type Offer } from './call.ts';
import type { Draft } from './draft.ts';
import type { CallInput } from './inputs.ts';
import { type OfferOutcome, sameOffer } from './offer.ts';
import { recordByRule } from './recording.ts';
import { toQueue } from './waiting.ts';

type OfferedInput = Extract<CallInput, { kind: 'offered' }>;

const unknownCustomer = { status: 'pending', source: 'nobody' } as const;

/** Routing has reserved an agent. A call that is not waiting any more gives the reservation back. */
export function offerTo(draft: Draft, input: OfferedInput): void {
  const { call, atMs } = draft;
  const { token, endpoint, mode, ringTimeoutMs, explanation } = input;
  if (sameOffer(call.offer?.token, token)) return;
  if (call.phase !== 'waiting') {
    // Out of the queue first: an agent given back would be looked for anew.
    if (call.phase !== 'offering') draft.ask({ kind: 'leaveQueue' });
    draft.ask({ kind: 'offerEnded', token, outcome: 'withdrawn' });
    return;
  }
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
  draft.enter('offering', { offer, attempts: token.attempt });
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

/** Rings the agent's phone. The bridge is made meanwhile, so that an answer is joined at once. */
export function dial(draft: Draft, offer: Offer): void {
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
  draft.change({ bridged: true, offer: { ...offer, stage: 'dialled' } });
}

export function agentRings(draft: Draft, offer: Offer): void {
  if (offer.stage !== 'dialled') return;
  draft.change({ offer: { ...offer, stage: 'ringing' } });
  draft.tell({ type: 'call.offer.ringing.v1', agentId: offer.token.agentId, attempt: offer.token.attempt });
}

/**
 * The agent picked up. The two are joined before the caller is answered, so that a caller who pays hears somebody.
 */
export function agentAnswered(draft: Draft, offer: Offer): void {
  if (offer.stage === 'pending' || offer.stage === 'answered') return;
  const { call, atMs } = draft;
  const callerLegId = call.callerLegId;
  draft.ask({ kind: 'offerAnswered', token: offer.token });
  if (call.answered) draft.pbx({ kind: 'stopMusic', legId: callerLegId });
  join(draft, offer);
  if (!call.answered) draft.pbx({ kind: 'answer', legId: callerLegId });
  draft.change({ answered: true, offer: { ...offer, stage: 'answered' } });
  draft.tell({
    type: 'call.answered.v1',
    agentId: offer.token.agentId,
    ringMs: Math.max(0, atMs - offer.offeredAtMs),
    waitedMs: draft.waitedMs(),
  });
}

export function join(draft: Draft, { legId }: Offer): void {
  const { call } = draft;
  draft.pbx({ kind: 'join', bridgeId: bridgeIdOf(call.id), legIds: [call.callerLegId, legId] });
}

/** The PBX has joined the two. The join of an agent who has dropped meanwhile says nothing of the one who answers now. */
export function joined(draft: Draft, legIds: readonly string[]): void {
  const { call, atMs } = draft;
  const { offer } = call;
  if (offer?.stage !== 'answered' || !legIds.includes(offer.legId)) return;
  const talk = { agentId: offer.token.agentId, legId: offer.legId, sinceMs: atMs };
  draft.enter('talking', {
    offer: undefined,
    talk,
    onlyAgentId: undefined,
    waitedMs: draft.waitedMs(),
    returned: false,
  });
  draft.tell({ type: 'call.connected.v1', agentId: talk.agentId, waitedMs: draft.waitedMs() });
  recordByRule(draft);
}

/** The offer came to nothing: the caller waits on, with its age, and routing looks for the next agent. */
export function offerFailed(draft: Draft, outcome: OfferOutcome): void {
  const { call } = draft;
  if (!call.offer) return;
  if (call.offer.stage === 'answered') return agentDropped(draft);
  takeBackOffer(draft, outcome);
}

/** The agent answered and was gone before, or just after, the join: the caller goes back, first in line. */
export function agentDropped(draft: Draft): void {
  const { call, policy } = draft;
  const { offer, talk } = call;
  const agentId = offer?.token.agentId ?? talk?.agentId;
  const legId = offer?.legId ?? talk?.legId;
  if (agentId === undefined || legId === undefined) return;
  // Whether the join was done before the agent went is not known here; out of no bridge is harmless.
  draft.pbx({ kind: 'separate', bridgeId: bridgeIdOf(call.id), legId: call.callerLegId });
  draft.pbx({ kind: 'hangup', legId, reason: 'normal' });
  draft.talkEnded(agentId, 'dropped');
  const waitedMs = call.talkedMs > 0 ? call.waitedMs : undefined;
  draft.enter('waiting', { offer: undefined, talk: undefined, onlyAgentId: undefined, returned: true, waitedMs });
  draft.tell({ type: 'call.offer.ended.v1', agentId, attempt: call.attempts, outcome: 'dropped' });
  toQueue(draft, call.queueId ?? policy.entry.queueId, 'returned');
}

/** Ends the standing offer: the phone stops ringing, routing gets the agent back, the call waits. */
export function takeBackOffer(draft: Draft, outcome: OfferOutcome): void {
  const { offer } = draft.call;
  if (!offer) return;
  if (offer.stage !== 'pending') {
    draft.pbx({ kind: 'hangup', legId: offer.legId, reason: outcome === 'noAnswer' ? 'no_answer' : 'normal' });
  }
  draft.enter('waiting', { offer: undefined });
  draft.tell({
    type: 'call.offer.ended.v1',
    agentId: offer.token.agentId,
    attempt: offer.token.attempt,
    outcome,
  });
  if (offer.stage === 'answered') {
    draft.talkEnded(offer.token.agentId, 'callerLeft');
  } else draft.ask({ kind: 'offerEnded', token: offer.token, outcome });
}
