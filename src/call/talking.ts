import { bridgeIdOf, type Talk } from './call.ts';
import type { Draft } from './draft.ts';
import { accountTalk, concludeTalk, sendTo } from './leaving.ts';
import { agentDropped } from './offering.ts';
import { type Target, targetName } from './target.ts';

/** Hold by our API: the caller hears music, the agent silence. */
export function hold(draft: Draft): void {
  const { call, policy } = draft;
  if (call.phase !== 'talking' || !call.talk) return;
  draft.pbx({ kind: 'separate', bridgeId: bridgeIdOf(call.id), legId: call.callerLegId });
  const { musicClass } = policy.queue(call.queueId ?? policy.entry.queueId);
  draft.pbx({ kind: 'startMusic', legId: call.callerLegId, musicClass });
  enterHeld(draft, call.talk, 'api');
}

/** Hold by the phone's own button: the PBX plays the music by itself. */
export function heldByPhone(draft: Draft): void {
  if (draft.call.phase === 'talking' && draft.call.talk) enterHeld(draft, draft.call.talk, 'phone');
}

function enterHeld(draft: Draft, talk: Talk, heldBy: 'api' | 'phone'): void {
  draft.enter('held', { talk: { ...talk, heldBy } });
  draft.tell({ type: 'call.held.v1', agentId: talk.agentId });
}

export function resume(draft: Draft): void {
  const { call } = draft;
  // What the phone's own button holds, only that button can bring back.
  if (call.phase !== 'held' || call.talk?.heldBy !== 'api') return;
  draft.pbx({ kind: 'stopMusic', legId: call.callerLegId });
  draft.pbx({ kind: 'join', bridgeId: bridgeIdOf(call.id), legIds: [call.callerLegId] });
  leaveHeld(draft, call.talk);
}

export function resumedByPhone(draft: Draft): void {
  const { phase, talk } = draft.call;
  if (phase === 'held' && talk?.heldBy === 'phone') leaveHeld(draft, talk);
}

function leaveHeld(draft: Draft, talk: Talk): void {
  const heldMs = draft.call.heldMs + Math.max(0, draft.atMs - draft.call.phaseSinceMs);
  draft.enter('talking', { heldMs, talk: { ...talk, heldBy: undefined } });
  draft.tell({ type: 'call.resumed.v1', agentId: talk.agentId });
}

/** Blind transfer: the agent is free to write up at once, the caller goes on with its age and its data. */
export function transfer(draft: Draft, target: Target): void {
  const { call } = draft;
  const { talk } = call;
  if (!talk || call.consult || (call.phase !== 'talking' && call.phase !== 'held')) return;
  accountTalk(draft);
  if (talk.heldBy !== 'api') {
    draft.pbx({ kind: 'separate', bridgeId: bridgeIdOf(call.id), legId: call.callerLegId });
  } else if (target.kind !== 'queue' && target.kind !== 'agent') {
    draft.pbx({ kind: 'stopMusic', legId: call.callerLegId });
  }
  draft.pbx({ kind: 'hangup', legId: talk.legId, reason: 'normal' });
  draft.talkEnded(talk.agentId, 'talked');
  draft.change({ talk: undefined });
  draft.tell({ type: 'call.transferred.v1', agentId: talk.agentId, target: targetName(target) });
  sendTo(draft, target, 'transfer', 'transferred');
}

/** The agent's leg is gone. So soon after the join that nobody can have spoken, the caller goes back first in line. */
export function agentLegEnded(draft: Draft, talk: Talk): void {
  const { call, policy, atMs } = draft;
  const spokeMs = atMs - talk.sinceMs;
  // An agent who hangs up at once on a customer whom he called has heard enough.
  const mayBeDrop = call.direction !== 'outbound' && !talk.adopted;
  if (call.phase === 'talking' && mayBeDrop && spokeMs < policy.dropGraceMs) return agentDropped(draft);
  concludeTalk(draft, talk.legId);
}
