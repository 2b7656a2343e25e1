import { unreachable } from '../kernel/index.ts';
import { customerFound, greetingOver } from './arriving.ts';
import { type Call, greetingIdOf } from './call.ts';
import { type CallStep, Draft } from './draft.ts';
import type { CommandFailed, PbxFact } from './facts.ts';
import type { CallInput } from './inputs.ts';
import { callerGone, concludeTalk, end, overflowTo } from './leaving.ts';
import { outcomeOfCause, sameOffer } from './offer.ts';
import { agentAnswered, agentDropped, agentRings, dial, joined, offerFailed, offerTo } from './offering.ts';
import type { CallPolicy } from './policy.ts';
import { agentLegEnded, heldByPhone, hold, resume, resumedByPhone, transfer } from './talking.ts';
import { toQueue } from './waiting.ts';

/**
 * What an input does to a call: the call after it, what is asked of others, and what is told. Pure. An input that
 * does not fit the state (late, repeated, for an offer that does not stand) changes nothing.
 */
export function reduceCall(call: Call, input: CallInput, policy: CallPolicy): CallStep {
  const draft = new Draft(call, policy, Math.max(input.atMs, call.phaseSinceMs));
  if (call.phase !== 'ended') apply(draft, input);
  return draft.finish();
}

function apply(draft: Draft, input: CallInput): void {
  const { call, policy } = draft;
  switch (input.kind) {
    case 'pbx':
      return applyFact(draft, input.fact);
    case 'commandFailed':
      return applyFailure(draft, input);
    case 'joined':
      return joined(draft);
    case 'customerFound':
      return customerFound(draft, input.result, input.late);
    case 'greetingOverdue':
      return greetingOver(draft);
    case 'offered':
      return offerTo(draft, input);
    case 'offerExpired':
      if (sameOffer(call.offer?.token, input.token) && call.offer?.stage !== 'answered') offerFailed(draft, 'noAnswer');
      return;
    case 'offerWithdrawn':
      if (sameOffer(call.offer?.token, input.token) && call.offer?.stage !== 'answered')
        offerFailed(draft, 'withdrawn');
      return;
    case 'overflowed':
      return overflowTo(draft, input.target, input.reason);
    case 'wrapUpEnded':
      if (call.phase === 'wrapUp' && call.talk?.agentId === input.agentId) end(draft, 'completed');
      return;
    case 'draining':
      return overflowTo(draft, policy.entry.fallback, 'draining');
    case 'recovered':
      return recovered(draft);
    case 'accept':
      if (call.offer?.token.agentId === input.agentId && call.offer.stage === 'pending') dial(draft, call.offer);
      return;
    case 'reject':
      if (call.offer?.token.agentId === input.agentId && call.offer.stage !== 'answered')
        offerFailed(draft, 'declined');
      return;
    case 'hold':
      return hold(draft);
    case 'resume':
      return resume(draft);
    case 'transfer':
      return transfer(draft, input.target);
    case 'hangUp':
      return hangUp(draft);
    case 'attachData':
      draft.change({ data: { ...call.data, ...input.data } });
      return;
    default:
      return unreachable(input);
  }
}

function applyFact(draft: Draft, fact: PbxFact): void {
  const { call } = draft;
  switch (fact.kind) {
    case 'legEnded':
      if (fact.legId === call.callerLegId) return callerGone(draft);
      if (fact.legId === call.offer?.legId) return offerFailed(draft, outcomeOfCause(fact.cause));
      if (fact.legId === call.talk?.legId) return agentLegGone(draft);
      return;
    case 'legLeft':
      // A hung-up leg leaves before it ends, and only its end names the cause: an unanswered offer waits for that.
      if (fact.legId === call.callerLegId) return callerGone(draft);
      if (fact.legId === call.talk?.legId) return agentLegGone(draft);
      return;
    case 'legRinging':
      if (call.offer && fact.legId === call.offer.legId) agentRings(draft, call.offer);
      return;
    case 'legAnswered':
      return legAnswered(draft, fact.legId);
    case 'playbackEnded':
      if (fact.playbackId === greetingIdOf(call.id)) greetingOver(draft);
      return;
    case 'legHeld':
      if (fact.legId === call.talk?.legId) heldByPhone(draft);
      return;
    case 'legUnheld':
      if (fact.legId === call.talk?.legId) resumedByPhone(draft);
      return;
    case 'bridgeEnded':
      if (call.bridged && call.phase === 'waiting') draft.change({ bridged: false });
      return;
    case 'legEntered':
    case 'legArrived':
    case 'keyPressed':
      return;
    default:
      return unreachable(fact);
  }
}

function agentLegGone(draft: Draft): void {
  const { talk, phase } = draft.call;
  if (talk && (phase === 'talking' || phase === 'held')) agentLegEnded(draft, talk);
}

function legAnswered(draft: Draft, legId: string): void {
  const { call } = draft;
  if (legId === call.callerLegId) return draft.change({ answered: true });
  if (call.offer && legId === call.offer.legId) return agentAnswered(draft, call.offer);
  // An agent picked up in the moment the offer was withdrawn: nobody is there for them.
  if (legId !== call.talk?.legId) draft.pbx({ kind: 'hangup', legId, reason: 'normal' });
}

function applyFailure(draft: Draft, { command, failure }: CommandFailed): void {
  const { call } = draft;
  switch (command.kind) {
    case 'dial':
      if (command.legId !== call.offer?.legId) return;
      return offerFailed(draft, failure === 'gone' || failure === 'refused' ? 'unreachable' : 'withdrawn');
    case 'join':
      if (call.phase === 'offering' && call.offer?.stage === 'answered') agentDropped(draft);
      return;
    case 'play':
      if (failure !== 'gone') return greetingOver(draft);
      return callerGone(draft);
    case 'answer':
    case 'ring':
    case 'startMusic':
    case 'setVariables':
      // The PBX does not know the caller's channel any more: its end was missed, or will be told in a moment.
      if (failure === 'gone' && command.legId === call.callerLegId) callerGone(draft);
      return;
    default:
      return;
  }
}

function hangUp(draft: Draft): void {
  const { call } = draft;
  if (call.phase === 'wrapUp') return;
  if (call.talk) return concludeTalk(draft);
  draft.pbx({ kind: 'hangup', legId: call.callerLegId, reason: 'normal' });
  callerGone(draft);
}

/** After a restart the caller is still there: what was under way is begun again, the age stays. */
function recovered(draft: Draft): void {
  const { call, policy } = draft;
  switch (call.phase) {
    case 'arriving':
      draft.change({ awaiting: { lookup: true, greeting: false } });
      draft.ask({ kind: 'lookup' });
      return;
    case 'offering':
      takeBackAfterRestart(draft);
      return toQueue(draft, call.queueId ?? policy.entry.queueId, 'recovered');
    case 'waiting':
      return toQueue(draft, call.queueId ?? policy.entry.queueId, 'recovered');
    default:
      return;
  }
}

function takeBackAfterRestart(draft: Draft): void {
  const { offer } = draft.call;
  if (!offer) return;
  draft.pbx({ kind: 'hangup', legId: offer.legId, reason: 'normal' });
  draft.tell({
    type: 'call.offer.ended.v1',
    agentId: offer.token.agentId,
    attempt: offer.token.attempt,
    outcome: 'withdrawn',
  });
}
