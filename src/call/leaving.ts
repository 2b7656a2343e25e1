import { bridgeIdOf } from './call.ts';
import { toCallback } from './callback-target.ts';
import { consultOver } from './consult-over.ts';
import type { Draft } from './draft.ts';
import { end } from './ending.ts';
import type { OverflowReason } from './inputs.ts';
import { takeBackOffers } from './offering.ts';
import { answeredOffer } from './offers.ts';
import { stopRecording } from './recording.ts';
import { silence } from './silence.ts';
import { type Target, targetName } from './target.ts';
import { changeWait, interrupt, isLeaving, isSent, wantsCallback } from './wait-sounds.ts';
import type { CallbackRefusal } from './wait-care.ts';
import { toVoicemail, voicemailCallerGone } from './voicemail.ts';
import { toQueue } from './waiting.ts';

/** A rule sends a call that is not talking somewhere else. */
export function overflowTo(draft: Draft, target: Target, reason: OverflowReason): void {
  const { phase } = draft.call;
  if (phase !== 'arriving' && phase !== 'waiting' && phase !== 'offering') return;
  // Who is being joined counts as talking already.
  if (answeredOffer(draft.call)) return;
  if (isLeaving(draft.call)) return goodbye(draft);
  // Whether he is called back is told in a moment, or found out after the next start.
  if (isSent(draft.call)) return;
  interrupt(draft);
  const staysQueued = target.kind === 'queue' || target.kind === 'agent';
  if (phase === 'arriving') stopEntering(draft);
  // Out of the queue first: an agent given back would be looked for anew.
  if (phase !== 'arriving' && !staysQueued) draft.ask({ kind: 'leaveQueue' });
  if (phase === 'offering') takeBackOffers(draft, 'withdrawn');
  draft.tell({ type: 'call.overflowed.v1', target: targetName(target), reason });
  if (target.kind === 'hangup') return refuse(draft);
  sendTo(draft, target, phase === 'arriving' ? 'arrived' : 'overflow', 'overflowed');
}

/** Where a call goes when no queue may have it: its entry's fallback, unless that is a queue itself. */
export function wayOut({ policy }: Draft): Target {
  const { fallback } = policy.entry;
  const isOurs = fallback.kind === 'queue' || fallback.kind === 'agent' || fallback.kind === 'callback';
  return isOurs ? { kind: 'hangup' } : fallback;
}

/** Who will be called back is let go. */
export function goodbye(draft: Draft): void {
  draft.pbx({ kind: 'hangup', legId: draft.call.callerLegId, reason: 'normal' });
  end(draft, 'callback');
}

function stopEntering(draft: Draft): void {
  silence(draft);
  if (draft.call.flow) draft.change({ flow: undefined });
}

function refuse(draft: Draft): void {
  draft.pbx({ kind: 'hangup', legId: draft.call.callerLegId, reason: 'busy' });
  end(draft, 'refused');
}

/** Sends the caller to a target; to the dialplan and to numbers outside the call leaves us and ends here. */
export function sendTo(
  draft: Draft,
  target: Target,
  queued: 'arrived' | 'overflow' | 'transfer',
  left: 'overflowed' | 'transferred',
): void {
  const { call, policy } = draft;
  const legId = call.callerLegId;
  switch (target.kind) {
    case 'queue':
      draft.change({ onlyAgentId: undefined });
      return toQueue(draft, target.queueId, queued);
    case 'agent':
      draft.change({ onlyAgentId: target.agentId });
      return toQueue(draft, call.queueId ?? policy.entry.queueId, queued);
    case 'number':
      draft.pbx({ kind: 'leave', legId, context: policy.transferContext, extension: target.number, priority: 1 });
      return end(draft, left);
    case 'dialplan':
      draft.pbx({
        kind: 'leave',
        legId,
        context: target.context,
        extension: target.extension,
        priority: target.priority,
      });
      return end(draft, left);
    case 'voicemail': {
      // A box that has left the config takes no message; a fallback always leads outside.
      const box = policy.voicemail?.(target.boxId);
      return box ? toVoicemail(draft, box) : sendTo(draft, policy.entry.fallback, queued, left);
    }
    case 'callback':
      return toCallback(draft, target.queueId) ? undefined : noCallback(draft, 'number');
    case 'hangup':
      draft.pbx({ kind: 'hangup', legId, reason: 'normal' });
      return end(draft, left);
  }
}

/** Who was sent here to be called back cannot be: the way out, which always leads outside. */
export function noCallback(draft: Draft, reason: CallbackRefusal): void {
  if (draft.call.wait?.callback) changeWait(draft, { callback: { stage: 'refused', number: '', asked: 0 } });
  draft.tell({ type: 'call.callback.refused.v1', reason });
  sendTo(draft, draft.policy.entry.fallback, 'overflow', 'overflowed');
}

/** The caller's channel is gone, in whatever phase; repeated news of it change nothing. */
export function callerGone(draft: Draft): void {
  switch (draft.call.phase) {
    case 'arriving':
      return end(draft, 'abandoned');
    case 'waiting':
      draft.ask({ kind: 'leaveQueue' });
      return end(draft, wantsCallback(draft.call) ? 'callback' : 'abandoned');
    case 'offering':
      // Out of the queue first: an agent given back would be looked for anew.
      draft.ask({ kind: 'leaveQueue' });
      takeBackOffers(draft, 'callerLeft');
      return end(draft, wantsCallback(draft.call) ? 'callback' : 'abandoned');
    case 'talking':
    case 'held':
      return concludeTalk(draft, draft.call.callerLegId);
    case 'voicemail':
      return voicemailCallerGone(draft);
    case 'dialling':
    case 'outside':
    case 'wrapUp':
    case 'ended':
      return;
  }
}

/** Adds the time of the conversation that ends now to the call's account. */
export function accountTalk(draft: Draft): void {
  const { call, atMs } = draft;
  if (!call.talk) return;
  const heldMs = call.phase === 'held' ? Math.max(0, atMs - call.phaseSinceMs) : 0;
  draft.change({
    talkedMs: call.talkedMs + Math.max(0, atMs - call.talk.sinceMs),
    heldMs: call.heldMs + heldMs,
  });
}

/**
 * The conversation is over, for all who are in it: the call is the caller's. The leg that is not gone already is hung up, the agent writes the call up.
 */
export function concludeTalk(draft: Draft, goneLegId?: string): void {
  const { call, policy, atMs } = draft;
  const { talk } = call;
  if (!talk) return;
  stopRecording(draft);
  consultOver(draft, goneLegId === call.callerLegId ? 'callerLeft' : 'cancelled');
  accountTalk(draft);
  for (const legId of [talk.legId, call.callerLegId]) {
    if (legId !== goneLegId) draft.pbx({ kind: 'hangup', legId, reason: 'normal' });
  }
  draft.talkEnded(talk.agentId, 'talked');
  const wrapUpMs = policy.queue(call.queueId ?? policy.entry.queueId).wrapUpMs;
  if (wrapUpMs <= 0) return end(draft, 'completed');
  if (call.bridged) draft.pbx({ kind: 'destroyBridge', bridgeId: bridgeIdOf(call.id) });
  draft.enter('wrapUp', { bridged: false });
  draft.tell({
    type: 'call.wrapup.started.v1',
    agentId: talk.agentId,
    untilMs: atMs + wrapUpMs,
    talkMs: draft.call.talkedMs,
  });
}
