import { unreachable } from '../kernel/index.ts';
import { customerFound, greetingOver, greetingOverdue } from './arriving.ts';
import { estimated, waitSoundOver, waitTimeOver } from './announcing.ts';
import { bridgeIdOf, type Call, greetingIdOf, type Offer } from './call.ts';
import { callbackKey, callbackSettled } from './callback.ts';
import { closingTime } from './closing.ts';
import type { PbxCommand } from './commands.ts';
import { askerGone, outsideOver, partyOut, returnCaller } from './consulting.ts';
import {
  askedInVain,
  control,
  controlTimer,
  partyFact,
  partyRejects,
  partyWithdrawn,
  recordingFact,
} from './control.ts';
import { type CallStep, Draft } from './draft.ts';
import { end } from './ending.ts';
import type { CommandFailed, CommandFailure, PbxFact } from './facts.ts';
import { flowChecked, flowTimeOver, keyPressed, promptOver, promptRefused } from './flow.ts';
import type { CallInput, CallTimer } from './inputs.ts';
import { callerGone, concludeTalk, overflowTo, wayOut } from './leaving.ts';
import { type OfferOutcome, outcomeOfCause } from './offer.ts';
import { accepted, agentAnswered, agentDropped, agentRings, joined, offerFailed, offerTo } from './offering.ts';
import { answeredOffer, offerNamed, offerOfLeg, offerTo as offerToAgent } from './offers.ts';
import { applyOutbound } from './outbound.ts';
import { bridgeLegsOf } from './parties.ts';
import { placeAnew } from './placing.ts';
import type { CallPolicy } from './policy.ts';
import { announcementOver, recordingCommandFailed } from './recording.ts';
import { foundTalking, recovered } from './recovered.ts';
import { legReplaced } from './replaced.ts';
import { agentLegEnded, heldByPhone, hold, resume, resumedByPhone, transfer } from './talking.ts';
import { messageCommandFailed, voicemailCallbackSettled, voicemailPlayed, voicemailTimeOver } from './voicemail.ts';

/**
 * What an input does to a call: the call after it, what is asked of others, and what is told. Pure. An input that
 * does not fit the state (late, repeated, for an offer that does not stand) changes nothing.
 */
export function reduceCall(call: Call, input: CallInput, policy: CallPolicy): CallStep {
  const draft = new Draft(call, policy, Math.max(input.atMs, call.phaseSinceMs));
  if (call.phase !== 'ended' && !(call.outbound && applyOutbound(draft, call.outbound, input))) apply(draft, input);
  return draft.finish();
}

function apply(draft: Draft, input: CallInput): void {
  const { call } = draft;
  switch (input.kind) {
    case 'pbx':
      return fromPbx(draft, input.fact);
    case 'commandFailed':
      return applyFailure(draft, input);
    case 'joined':
      return joined(draft, input.legIds);
    case 'customerFound':
      return customerFound(draft, input.result, input.late);
    case 'checked':
      return flowChecked(draft, input.plays, input.outcome);
    case 'timerFired':
      return timerFired(draft, input.timer);
    case 'offered':
      return offerTo(draft, input);
    case 'dialCleared':
      return;
    case 'estimated':
      return estimated(draft, input);
    case 'callbackSettled':
      if (call.phase === 'voicemail') return voicemailCallbackSettled(draft);
      return callbackSettled(draft, input.verdict);
    case 'offerExpired':
      return offerOver(draft, offerNamed(call, input.token), 'noAnswer');
    case 'offerWithdrawn':
      offerOver(draft, offerNamed(call, input.token), 'withdrawn');
      return partyWithdrawn(draft, input.token);
    case 'overflowed':
      // A ring of overflows, or a queue that is not there: the entry's way out is better than a hangup.
      return overflowTo(draft, input.reason === 'noQueue' ? wayOut(draft) : input.target, input.reason);
    case 'wrapUpEnded':
      if (call.phase === 'wrapUp' && call.talk?.agentId === input.agentId) end(draft, 'completed');
      return;
    case 'draining':
      return overflowTo(draft, wayOut(draft), 'draining');
    case 'recovered':
      return input.talk ? foundTalking(draft, input.talk) : recovered(draft, input.astray);
    case 'accept':
      return accept(draft, input.agentId);
    case 'reject':
      offerOver(draft, offerToAgent(call, input.agentId), 'declined');
      return partyRejects(draft, input.agentId);
    case 'hold':
      return hold(draft);
    case 'resume':
      return resume(draft);
    case 'transfer':
      return transfer(draft, input.target);
    case 'consult':
    case 'consultAction':
    case 'leaveConsult':
    case 'mute':
    case 'sendKeys':
    case 'record':
      return control(draft, input);
    case 'dispose':
      return dispose(draft, input.agentId, input.code);
    case 'hangUp':
      return hangUp(draft);
    case 'attachData':
      return attachData(draft, input.data);
    default:
      return unreachable(input);
  }
}

/** An offer that nobody has answered yet comes to nothing. */
function offerOver(draft: Draft, offer: Offer | undefined, outcome: OfferOutcome): void {
  if (offer && offer.stage !== 'answered') offerFailed(draft, offer, outcome);
}

function accept(draft: Draft, agentId: string): void {
  const offer = offerToAgent(draft.call, agentId);
  if (offer) accepted(draft, offer);
}

function timerFired(draft: Draft, timer: CallTimer): void {
  switch (timer) {
    case 'greeting':
      return greetingOverdue(draft);
    case 'menu':
      return flowTimeOver(draft);
    case 'dialling':
      return;
    case 'wait':
      return waitTimeOver(draft);
    case 'closing':
      return closingTime(draft);
    case 'voicemail':
      return voicemailTimeOver(draft);
    case 'consult':
    case 'announcement':
    case 'recordingPause':
      return controlTimer(draft, timer);
    default:
      return unreachable(timer);
  }
}

function fromPbx(draft: Draft, fact: PbxFact): void {
  if (fact.kind === 'legReplaced') return legReplaced(draft, fact);
  const { consult } = draft.call;
  if (consult && 'legId' in fact && fact.legId === consult.legId) return partyFact(draft, consult, fact);
  if (!recordingFact(draft, fact)) applyFact(draft, fact);
}

function applyFact(draft: Draft, fact: PbxFact): void {
  const { call } = draft;
  switch (fact.kind) {
    case 'legEnded':
      draft.goneLegId = fact.legId;
      return legGone(draft, fact.legId, fact.cause);
    case 'legLeft':
      // A hung-up leg leaves before it ends, and only its end names the cause: an unanswered offer waits for that.
      draft.goneLegId = fact.legId;
      if (fact.legId === call.callerLegId) return callerLegGone(draft);
      if (fact.legId === call.talk?.legId) return agentLegGone(draft);
      return;
    case 'legRinging':
      return legRings(draft, fact.legId);
    case 'legAnswered':
      return legAnswered(draft, fact.legId);
    case 'playbackEnded':
      if (fact.playbackId === greetingIdOf(call.id)) return greetingOver(draft);
      if (waitSoundOver(draft, fact.playbackId)) return;
      if (call.phase === 'voicemail') return voicemailPlayed(draft, fact.playbackId, fact.failed);
      return promptOver(draft, fact.playbackId, fact.failed);
    case 'legHeld':
      if (fact.legId === call.talk?.legId) heldByPhone(draft);
      return;
    case 'legUnheld':
      if (fact.legId === call.talk?.legId) resumedByPhone(draft);
      return;
    case 'bridgeEnded':
      if (fact.bridgeId === bridgeIdOf(call.id)) bridgeLost(draft);
      return;
    case 'legEntered':
      return refuseStranger(draft, fact.legId);
    case 'keyPressed':
      if (fact.legId === call.callerLegId && !callbackKey(draft, fact.key)) keyPressed(draft, fact.key);
      return;
    case 'legArrived':
    case 'legReplaced':
    case 'recordingEnded':
      return;
    default:
      return unreachable(fact);
  }
}

function legGone(draft: Draft, legId: string, cause: number): void {
  const { call } = draft;
  if (legId === call.callerLegId) return callerLegGone(draft);
  const offer = offerOfLeg(call, legId);
  if (offer) return offerFailed(draft, offer, outcomeOfCause(cause));
  if (legId === call.talk?.legId) agentLegGone(draft);
}

function legRings(draft: Draft, legId: string): void {
  const offer = offerOfLeg(draft.call, legId);
  if (offer) agentRings(draft, offer);
}

function agentLegGone(draft: Draft): void {
  const { consult: asked, talk, phase } = draft.call;
  if (!talk || (phase !== 'talking' && phase !== 'held')) return;
  if (asked) return askerGone(draft, asked, talk);
  // Back with the caller since so short a time that nobody can have said goodbye: agent and party are gone at once.
  if (talk.backAtMs !== undefined && draft.atMs - talk.backAtMs < draft.policy.dropGraceMs) {
    return returnCaller(draft, talk);
  }
  agentLegEnded(draft, talk);
}

function callerLegGone(draft: Draft): void {
  return draft.call.phase === 'outside' ? outsideOver(draft) : callerGone(draft);
}

function legAnswered(draft: Draft, legId: string): void {
  const { call } = draft;
  if (legId === call.callerLegId) return draft.change({ answered: true });
  const offer = offerOfLeg(call, legId);
  if (offer) return agentAnswered(draft, offer);
  refuseStranger(draft, legId);
}

/** A phone was reached, or picked up, in the moment its offer was withdrawn: nobody is there for it. */
function refuseStranger(draft: Draft, legId: string): void {
  const { callerLegId, consult: asked, talk } = draft.call;
  if ([callerLegId, asked?.legId, talk?.legId].includes(legId) || offerOfLeg(draft.call, legId)) return;
  draft.pbx({ kind: 'hangup', legId, reason: 'normal' });
}

/** Somebody destroyed our bridge: who was in it hears nothing until there is a new one. */
function bridgeLost(draft: Draft): void {
  const { call } = draft;
  if (!call.bridged) return;
  if (call.phase === 'waiting') return draft.change({ bridged: false });
  const answered = answeredOffer(call);
  const legIds = answered ? [call.callerLegId, answered.legId] : bridgeLegsOf(call);
  draft.pbx({ kind: 'createBridge', bridgeId: bridgeIdOf(call.id) });
  if (legIds.length > 0) draft.pbx({ kind: 'join', bridgeId: bridgeIdOf(call.id), legIds });
}

function applyFailure(draft: Draft, { command, failure }: CommandFailed): void {
  const { call } = draft;
  switch (command.kind) {
    case 'dial':
      // Whatever the reason: an outcome without a rest would offer the same phone again at once, for ever.
      return dialFailed(draft, command.legId, failure);
    case 'join':
      return joinFailed(draft, command.legIds, failure);
    case 'record':
    case 'muteRecording':
    case 'unmuteRecording':
    case 'stopRecording':
      if (call.phase === 'voicemail') return messageCommandFailed(draft, command.recordingId, failure);
      return recordingCommandFailed(draft, command, failure);
    case 'playToBridge':
      return announcementOver(draft);
    case 'play':
    case 'recordLeg':
    case 'answer':
    case 'ring':
    case 'startMusic':
    case 'setVariables':
      if (command.legId !== call.callerLegId) return;
      // The PBX does not know the caller's channel any more: its end was missed, or will be told in a moment.
      if (failure !== 'gone') return notTaken(draft, command, failure);
      draft.goneLegId = call.callerLegId;
      return callerGone(draft);
    default:
      return;
  }
}

function dialFailed(draft: Draft, legId: string, failure: CommandFailure): void {
  const offer = offerOfLeg(draft.call, legId);
  const { stage } = offer ?? draft.call.consult ?? {};
  // Only the answer was lost: the phone has been heard of since.
  const isUnanswered = failure === 'timeout' || failure === 'unavailable';
  if (isUnanswered && (stage === 'ringing' || stage === 'answered')) return;
  if (offer) offerFailed(draft, offer, 'unreachable');
  else if (legId === draft.call.consult?.legId) askedInVain(draft, 'unreachable');
}

function notTaken(draft: Draft, command: PbxCommand, failure: CommandFailure): void {
  if (command.kind === 'recordLeg') return messageCommandFailed(draft, command.recordingId, failure);
  if (command.kind === 'play') notPlayed(draft, command.playbackId, failure);
}

function notPlayed(draft: Draft, playbackId: string, failure: CommandFailure): void {
  if (draft.call.phase === 'voicemail') {
    // Without the link nobody knows what was heard.
    return failure === 'unavailable' ? undefined : voicemailPlayed(draft, playbackId, true);
  }
  if (playbackId === greetingIdOf(draft.call.id)) greetingOver(draft);
  else if (!waitSoundOver(draft, playbackId)) promptRefused(draft, playbackId, failure);
}

/** While the link is away nobody knows whether the two hear each other; the comparison after it will tell. */
function joinFailed(draft: Draft, legIds: readonly string[], failure: CommandFailure): void {
  const { consult: asked, callerLegId } = draft.call;
  // Whether it was done nobody knows. Joined again they hear each other in any case; parted, a conversation might be cut.
  if (failure === 'timeout' && stillWanted(draft.call, legIds)) {
    return draft.pbx({ kind: 'join', bridgeId: bridgeIdOf(draft.call.id), legIds });
  }
  if (asked?.joined && legIds.length === 1 && legIds[0] === asked.legId) {
    // Without the link nobody knows; otherwise the two do not hear each other, so there is nothing to go on with.
    if (failure !== 'unavailable') partyOut(draft, 'dropped');
    return;
  }
  // The caller alone is joined by a resume. `hold` again makes PBX and state agree, whatever became of the join.
  if (failure !== 'gone' && legIds.length === 1 && legIds[0] === callerLegId) return hold(draft);
  const offer = answeredOffer(draft.call);
  if (!offer || !legIds.includes(offer.legId) || failure === 'unavailable') return;
  // The bridge may be what has gone: the next agent gets a new one.
  draft.pbx({ kind: 'destroyBridge', bridgeId: bridgeIdOf(draft.call.id) });
  draft.change({ bridged: false });
  agentDropped(draft);
}

/** Whether those who were to be joined still are: agent and caller, or who is asked. */
function stillWanted(call: Call, legIds: readonly string[]): boolean {
  const offer = answeredOffer(call);
  if (offer && legIds.includes(offer.legId)) return true;
  return legIds.length === 1 && legIds[0] !== call.callerLegId && bridgeLegsOf(call).includes(legIds[0] ?? '');
}

function attachData(draft: Draft, data: Readonly<Record<string, string>>): void {
  const { data: before, phase } = draft.call;
  if (Object.entries(data).every(([key, value]) => Object.hasOwn(before, key) && before[key] === value)) return;
  draft.change({ data: { ...before, ...data } });
  draft.tell({ type: 'call.data.updated.v1' });
  if (!draft.policy.rules?.looksAtCall || (phase !== 'waiting' && phase !== 'offering')) return;
  placeAnew(draft);
  draft.ask({ kind: 'reassess' });
}

function dispose(draft: Draft, agentId: string, code: string): void {
  const { disposition, talk } = draft.call;
  if (!talk || disposition === code) return;
  draft.change({ disposition: code });
  draft.tell({ type: 'call.disposition.v1', agentId, code });
}

function hangUp(draft: Draft): void {
  const { call } = draft;
  if (call.phase === 'wrapUp') return;
  if (call.phase === 'outside') return outsideOver(draft);
  if (call.talk) return concludeTalk(draft);
  draft.pbx({ kind: 'hangup', legId: call.callerLegId, reason: 'normal' });
  callerGone(draft);
}
