import { type ConsultOutcome, partyName } from './consult.ts';
import type { Draft } from './draft.ts';
import type { OfferOutcome } from './offer.ts';

/** The third one is out, whatever it was in: its phone is hung up, and routing gets the agent back. */
export function consultOver(draft: Draft, outcome: ConsultOutcome): void {
  const { consult, talk } = draft.call;
  if (!consult) return;
  const { party, legId } = consult;
  const answered = consult.stage === 'answered';
  if (!answered) stopAsking(draft);
  draft.pbx({ kind: 'hangup', legId, reason: outcome === 'noAnswer' ? 'no_answer' : 'normal' });
  draft.change({ consult: undefined });
  if (party.kind === 'agent') {
    if (answered) {
      const ended = outcome === 'dropped' ? 'dropped' : consult.metCaller ? 'talked' : 'consulted';
      draft.talkEnded(party.agentId, ended, party.queueId);
    } else {
      const why = offerOutcome(outcome);
      draft.ask({ kind: 'offerEnded', token: party.token, outcome: why });
      draft.tell({
        type: 'call.offer.ended.v1',
        agentId: party.agentId,
        attempt: party.token.attempt,
        outcome: why,
      });
    }
  }
  draft.tell({
    type: 'call.consult.ended.v1',
    ...(talk ? { agentId: talk.agentId } : {}),
    party: partyName(party),
    ...(party.kind === 'agent' ? { partyAgentId: party.agentId } : {}),
    outcome,
  });
}

/** The agent who asked hears the ringing no more, and nobody waits for the answer. */
export function stopAsking(draft: Draft): void {
  draft.ask({ kind: 'stopTimer', timer: 'consult' });
  if (draft.call.talk) draft.pbx({ kind: 'stopRing', legId: draft.call.talk.legId });
}

/** What routing is told: that we took the offer back is nobody's fault. */
function offerOutcome(outcome: ConsultOutcome): OfferOutcome {
  return outcome === 'cancelled' || outcome === 'left' || outcome === 'agentLeft' ? 'withdrawn' : outcome;
}
