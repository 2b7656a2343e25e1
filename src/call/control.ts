import type { Consult } from './consult.ts';
import { consult, consultAction, partyAnswered, partyGone, partyOut, partyRings } from './consulting.ts';
import type { Draft } from './draft.ts';
import type { PbxFact } from './facts.ts';
import type { CallInput } from './inputs.ts';
import { type OfferToken, outcomeOfCause, sameOffer } from './offer.ts';
import { isAsking, partyAgentId } from './parties.ts';
import { announcementOver, isNotice, pauseOverdue, recordingAction, recordingEnded } from './recording.ts';
import { mute, sendKeys } from './side-commands.ts';
import { messageEnded } from './voicemail.ts';

/** What people wish of a conversation beyond hold and blind transfer. */
export type ControlInput = Extract<
  CallInput,
  { kind: 'consult' | 'consultAction' | 'leaveConsult' | 'mute' | 'sendKeys' | 'record' }
>;

export function control(draft: Draft, input: ControlInput): void {
  switch (input.kind) {
    case 'consult':
      return consult(draft, input);
    case 'consultAction':
      return consultAction(draft, input.action);
    case 'leaveConsult':
      if (draft.call.consult?.stage === 'answered') partyOut(draft, 'left');
      return;
    case 'mute':
      return mute(draft, input.agentId, input.muted);
    case 'sendKeys':
      return sendKeys(draft, input.digits);
    case 'record':
      return recordingAction(draft, input.action);
  }
}

/** A fact about the leg of who is asked. */
export function partyFact(draft: Draft, asked: Consult, fact: PbxFact): void {
  switch (fact.kind) {
    case 'legRinging':
      return partyRings(draft, asked);
    case 'legAnswered':
      return partyAnswered(draft, asked);
    case 'legEnded':
      draft.goneLegId = fact.legId;
      return partyGone(draft, asked, outcomeOfCause(fact.cause));
    case 'legLeft':
      // A hung-up leg leaves before it ends, and only its end names the cause.
      draft.goneLegId = fact.legId;
      if (asked.stage === 'answered') partyGone(draft, asked, 'noAnswer');
      return;
    default:
      return;
  }
}

export function partyWithdrawn(draft: Draft, token: OfferToken): void {
  const party = draft.call.consult?.party;
  if (party?.kind === 'agent' && sameOffer(party.token, token)) askedInVain(draft, 'withdrawn');
}

export function partyRejects(draft: Draft, agentId: string): void {
  if (partyAgentId(draft.call) === agentId) askedInVain(draft, 'declined');
}

/** A fact about a recording or its announcement. False: it is about something else. */
export function recordingFact(draft: Draft, fact: PbxFact): boolean {
  if (fact.kind === 'recordingEnded') {
    recordingEnded(draft, fact.recordingId, fact.failed);
    messageEnded(draft, fact.recordingId, fact.failed, fact.talkedMs);
  } else if (fact.kind === 'playbackEnded' && isNotice(draft.call, fact.playbackId)) announcementOver(draft);
  else return false;
  return true;
}

export function controlTimer(draft: Draft, timer: 'consult' | 'announcement' | 'recordingPause'): void {
  switch (timer) {
    case 'consult':
      return askedInVain(draft, 'noAnswer');
    case 'announcement':
      return announcementOver(draft);
    case 'recordingPause':
      return pauseOverdue(draft);
  }
}

/** Who is asked will not answer. */
export function askedInVain(draft: Draft, outcome: 'withdrawn' | 'declined' | 'noAnswer' | 'unreachable'): void {
  if (isAsking(draft.call)) partyOut(draft, outcome);
}
