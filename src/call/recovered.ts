import { type AdoptedTalk, attemptOfLeg } from './call.ts';
import { askForCallback } from './callback-target.ts';
import { partyOut, putInPlace } from './consulting.ts';
import type { Draft } from './draft.ts';
import { goOnWhenReady } from './entering.ts';
import { flowRecovered } from './flow.ts';
import { goodbye } from './leaving.ts';
import { join } from './offering.ts';
import { answeredOffer, offersOf } from './offers.ts';
import { bridgeLegsOf } from './parties.ts';
import { recordingRecovered } from './recording.ts';
import { silence } from './silence.ts';
import { isLeaving, isSent, recoverWait } from './wait-sounds.ts';
import { voicemailRecovered } from './voicemail.ts';
import { toQueue } from './waiting.ts';

/** After a restart the caller is still there: what was under way is begun again, the age stays. */
export function recovered(draft: Draft, astray: readonly string[] = []): void {
  const { call, policy } = draft;
  if (!call.customer) draft.ask({ kind: 'lookup' });
  if (isLeaving(call)) return goodbye(draft);
  if (isSent(call)) return askForCallback(draft, call.wait?.callback?.number ?? '');
  recoverWait(draft);
  switch (call.phase) {
    case 'arriving':
      silence(draft);
      draft.change({ awaiting: { lookup: !call.customer, greeting: false } });
      flowRecovered(draft);
      return goOnWhenReady(draft);
    case 'offering':
      if (joinAgain(draft)) return;
      takeBackAfterRestart(draft);
      return toQueue(draft, call.queueId ?? policy.entry.queueId, 'recovered');
    case 'waiting':
      return toQueue(draft, call.queueId ?? policy.entry.queueId, 'recovered');
    case 'voicemail':
      return voicemailRecovered(draft);
    case 'talking':
    case 'held':
    case 'outside':
      // Whoever was being rung is taken back like any offer; who has answered is not lost.
      if (call.consult && call.consult.stage !== 'answered') partyOut(draft, 'withdrawn');
      else if (astray.length > 0) putInPlace(draft, astray, bridgeLegsOf(call));
      recordingRecovered(draft);
      return;
    default:
      return;
  }
}

/**
 * A server that died with a store behind it has left two who talk, and a state from before they met. Nobody parts them:
 * the call goes on with whom the caller hears, and what was offered meanwhile is over.
 */
export function foundTalking(draft: Draft, { agentId, legId }: AdoptedTalk): void {
  const { call, policy, atMs } = draft;
  if (!call.customer) draft.ask({ kind: 'lookup' });
  takeBackAfterRestart(draft);
  if (call.talk) {
    draft.pbx({ kind: 'hangup', legId: call.talk.legId, reason: 'normal' });
    draft.talkEnded(call.talk.agentId, 'talked');
  }
  draft.enter('talking', {
    ...(call.flow ? { flow: undefined } : {}),
    ...(call.wait ? { wait: undefined } : {}),
    offers: undefined,
    awaiting: { lookup: !call.customer, greeting: false },
    answered: true,
    bridged: true,
    queueId: call.queueId ?? policy.entry.queueId,
    queuedAtMs: call.queuedAtMs ?? call.enteredAtMs,
    onlyAgentId: undefined,
    returned: false,
    attempts: Math.max(call.attempts, attemptOfLeg(call.id, legId)),
    talk: { agentId, legId, sinceMs: atMs, adopted: true },
  });
  const waitedMs = draft.waitedMs();
  draft.change({ waitedMs });
  draft.tell({ type: 'call.connected.v1', agentId, waitedMs });
}

function joinAgain(draft: Draft): boolean {
  const offer = answeredOffer(draft.call);
  if (offer) join(draft, offer);
  return offer !== undefined;
}

function takeBackAfterRestart(draft: Draft): void {
  for (const { legId, stage, token } of offersOf(draft.call)) {
    const { agentId, attempt } = token;
    if (stage !== 'pending') draft.pbx({ kind: 'hangup', legId, reason: 'normal' });
    draft.tell({ type: 'call.offer.ended.v1', agentId, attempt, outcome: 'withdrawn' });
  }
}
