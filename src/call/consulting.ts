import { agentLegIdOf, bridgeIdOf, type Talk } from './call.ts';
import { type Consult, type ConsultAction, type FoundParty, type Party, partyName } from './consult.ts';
import { consultOver, stopAsking } from './consult-over.ts';
import type { Draft } from './draft.ts';
import { end } from './ending.ts';
import type { CallInput } from './inputs.ts';
import { accountTalk } from './leaving.ts';
import { type OfferOutcome, sameOffer } from './offer.ts';
import { callerInBridge } from './parties.ts';
import { recordByRule } from './recording.ts';
import { hold, resume } from './talking.ts';
import { targetName } from './target.ts';
import { toQueue } from './waiting.ts';

type ConsultInput = Extract<CallInput, { kind: 'consult' }>;

const unknownCustomer = { status: 'pending', source: 'nobody' } as const;

/** The agent asks somebody: the caller hears music, the agent the ringing, then the two talk in the call's bridge. */
export function consult(draft: Draft, input: ConsultInput): void {
  const { call, atMs } = draft;
  const { found, ringTimeoutMs } = input;
  const { talk } = call;
  if (found.kind === 'agent' && call.consult?.party.kind === 'agent') {
    if (sameOffer(call.consult.party.token, found.token)) return;
  }
  const isFree = call.phase === 'talking' || (call.phase === 'held' && talk?.heldBy === 'api');
  const attempt = found.kind === 'agent' ? found.token.attempt : call.attempts + 1;
  // An attempt of before would give two legs the same name.
  if (!talk || !isFree || call.consult || attempt <= call.attempts) return giveBack(draft, found);
  if (call.phase === 'talking') hold(draft);
  const legId = agentLegIdOf(call.id, attempt);
  const party = partyOf(found);
  draft.pbx({ kind: 'ring', legId: talk.legId });
  draft.pbx({
    kind: 'dial',
    legId,
    endpoint: found.kind === 'agent' ? found.endpoint : `Local/${found.number}@${draft.policy.transferContext}/n`,
    originatorLegId: call.callerLegId,
    callerNumber: call.callerNumber,
    callerName: call.customer?.customer?.name ?? call.callerName,
    timeoutMs: ringTimeoutMs,
    variables: { RINGMASTER_LEG: `${call.id},${found.kind === 'agent' ? found.agentId : ''}` },
  });
  draft.ask({ kind: 'startTimer', timer: 'consult', afterMs: ringTimeoutMs });
  draft.change({
    attempts: attempt,
    consult: { party, legId, stage: 'dialled', joined: false, metCaller: false, sinceMs: atMs },
  });
  draft.tell({ type: 'call.consult.started.v1', agentId: talk.agentId, ...named(party) });
  if (found.kind === 'agent') pop(draft, found, talk.agentId);
}

/** The agent who is asked sees what the first one saw. */
function pop(draft: Draft, found: Extract<FoundParty, { kind: 'agent' }>, askedBy: string): void {
  draft.tell({
    type: 'call.offered.v1',
    agentId: found.agentId,
    attempt: found.token.attempt,
    expiresAtMs: found.token.expiresAtMs,
    mode: 'ring',
    customer: draft.call.customer ?? unknownCustomer,
    explanation: found.explanation,
    askedBy,
  });
}

function giveBack(draft: Draft, found: FoundParty): void {
  if (found.kind === 'agent') draft.ask({ kind: 'offerEnded', token: found.token, outcome: 'withdrawn' });
}

function partyOf(found: FoundParty): Party {
  if (found.kind === 'number') return { kind: 'number' };
  const { agentId, queueId, token } = found;
  return { kind: 'agent', agentId, queueId, token };
}

const named = (party: Party) => ({
  party: partyName(party),
  ...(party.kind === 'agent' ? { partyAgentId: party.agentId } : {}),
});

export function partyRings(draft: Draft, asked: Consult): void {
  const { talk } = draft.call;
  if (asked.stage !== 'dialled' || !talk) return;
  draft.change({ consult: { ...asked, stage: 'ringing' } });
  draft.tell({ type: 'call.consult.ringing.v1', agentId: talk.agentId, ...named(asked.party) });
}

export function partyAnswered(draft: Draft, asked: Consult): void {
  const { talk } = draft.call;
  if (asked.stage === 'answered' || !talk) return;
  stopAsking(draft);
  if (asked.party.kind === 'agent') draft.ask({ kind: 'offerAnswered', token: asked.party.token });
  joinLeg(draft, asked.legId);
  draft.change({ consult: { ...asked, stage: 'answered', joined: true, sinceMs: draft.atMs } });
  draft.tell({ type: 'call.consult.answered.v1', agentId: talk.agentId, ...named(asked.party) });
}

/** The party's leg is gone: who was asked is out, and the agent is back with the caller. */
export function partyGone(draft: Draft, asked: Consult, outcome: OfferOutcome): void {
  if (draft.call.phase === 'outside') return outsideOver(draft);
  partyOut(draft, asked.stage === 'answered' ? 'left' : outcome);
}

/** The caller is not left with the music for somebody who is not there. */
export function partyOut(draft: Draft, outcome: Parameters<typeof consultOver>[1]): void {
  if (draft.call.phase === 'outside') return outsideOver(draft);
  consultOver(draft, outcome);
  resume(draft);
  const { talk } = draft.call;
  if (talk) draft.change({ talk: { ...talk, backAtMs: draft.atMs } });
}

/** Caller and a number outside were joined, and one of them is gone: the other has nobody to talk to. */
export function outsideOver(draft: Draft): void {
  const { call } = draft;
  for (const legId of [call.consult?.legId, call.callerLegId]) {
    if (legId !== undefined) draft.pbx({ kind: 'hangup', legId, reason: 'normal' });
  }
  end(draft, 'transferred');
}

export function consultAction(draft: Draft, action: ConsultAction): void {
  const { consult: asked, talk, phase } = draft.call;
  if (!asked || !talk || (phase !== 'talking' && phase !== 'held')) return;
  if (action === 'cancel') return partyOut(draft, 'cancelled');
  // What the phone's own button holds, only that button can bring back.
  if (asked.stage !== 'answered' || talk.heldBy === 'phone') return;
  switch (action) {
    case 'swap':
      return swap(draft, asked);
    case 'merge':
      return merge(draft, asked, talk);
    case 'complete':
      return complete(draft, asked, talk);
  }
}

/** Toggles whom the agent talks with; the other hears music. */
function swap(draft: Draft, asked: Consult): void {
  const withCaller = callerInBridge(draft.call);
  if (withCaller === asked.joined) return withCaller ? undefined : resume(draft);
  if (withCaller) {
    bringIn(draft, asked);
    return hold(draft);
  }
  draft.pbx({ kind: 'separate', bridgeId: bridgeIdOf(draft.call.id), legId: asked.legId });
  draft.pbx({ kind: 'startMusic', legId: asked.legId, musicClass: musicOf(draft) });
  draft.change({ consult: { ...asked, joined: false } });
  resume(draft);
}

/** All three hear each other. */
function merge(draft: Draft, asked: Consult, talk: Talk): void {
  if (callerInBridge(draft.call) && asked.joined) return;
  if (!asked.joined) bringIn(draft, asked);
  resume(draft);
  draft.change({ consult: { ...asked, joined: true, metCaller: true } });
  draft.tell({ type: 'call.conference.started.v1', agentId: talk.agentId, ...named(asked.party) });
}

/** The agent who asked is out, by wish or because the phone has gone; caller and party talk. */
export function complete(draft: Draft, asked: Consult, talk: Talk): void {
  const { call, atMs } = draft;
  accountTalk(draft);
  if (!callerInBridge(call)) {
    draft.pbx({ kind: 'stopMusic', legId: call.callerLegId });
    joinLeg(draft, call.callerLegId);
  }
  if (!asked.joined) bringIn(draft, asked);
  draft.pbx({ kind: 'hangup', legId: talk.legId, reason: 'normal' });
  draft.talkEnded(talk.agentId, 'talked');
  const { party, legId, muted } = asked;
  if (party.kind === 'agent') {
    const { agentId, queueId } = party;
    draft.enter('talking', {
      talk: { agentId, legId, sinceMs: atMs, ...(muted ? { muted } : {}) },
      consult: undefined,
      queueId,
    });
  } else {
    draft.enter('outside', { talk: undefined, consult: { ...asked, joined: true } });
  }
  draft.tell({
    type: 'call.transferred.v1',
    agentId: talk.agentId,
    target: party.kind === 'agent' ? targetName(party) : 'number',
    attended: true,
  });
  if (party.kind === 'agent') recordByRule(draft);
}

/** The agent who asked is gone: who has answered takes the caller over, else the caller goes back first in line. */
export function askerGone(draft: Draft, asked: Consult, talk: Talk): void {
  if (asked.stage === 'answered') return complete(draft, asked, talk);
  consultOver(draft, 'agentLeft');
  returnCaller(draft, talk);
}

/** The caller has lost the agent for no reason of its own: first in line; the agent has the talk to write up. */
export function returnCaller(draft: Draft, talk: Talk): void {
  const { call, policy } = draft;
  accountTalk(draft);
  if (callerInBridge(call)) {
    draft.pbx({ kind: 'separate', bridgeId: bridgeIdOf(call.id), legId: call.callerLegId });
  }
  draft.pbx({ kind: 'hangup', legId: talk.legId, reason: 'normal' });
  draft.talkEnded(talk.agentId, 'talked');
  draft.change({ talk: undefined, returned: true });
  toQueue(draft, call.queueId ?? policy.entry.queueId, 'returned');
}

/** After a gap some legs are not where the state says: each is put there. */
export function putInPlace(draft: Draft, astray: readonly string[], inBridge: readonly string[]): void {
  const { call } = draft;
  const bridgeId = bridgeIdOf(call.id);
  draft.pbx({ kind: 'createBridge', bridgeId });
  for (const legId of astray) {
    if (inBridge.includes(legId)) {
      draft.pbx({ kind: 'stopMusic', legId });
      joinLeg(draft, legId);
    } else {
      draft.pbx({ kind: 'separate', bridgeId, legId });
      draft.pbx({ kind: 'startMusic', legId, musicClass: musicOf(draft) });
    }
  }
}

function bringIn(draft: Draft, asked: Consult): void {
  draft.pbx({ kind: 'stopMusic', legId: asked.legId });
  joinLeg(draft, asked.legId);
  draft.change({ consult: { ...asked, joined: true } });
}

function joinLeg(draft: Draft, legId: string): void {
  draft.pbx({ kind: 'join', bridgeId: bridgeIdOf(draft.call.id), legIds: [legId] });
}

const musicOf = ({ call, policy }: Draft): string => policy.queue(call.queueId ?? policy.entry.queueId).musicClass;
