import type { Draft } from './draft.ts';
import { partyAgentId } from './parties.ts';

/** Silences an agent towards everybody else on the call, or gives the voice back. The one who is asked may be meant. */
export function mute(draft: Draft, agentId: string | undefined, muted: boolean): void {
  const { consult, talk, phase } = draft.call;
  if (!talk || (phase !== 'talking' && phase !== 'held')) return;
  const isParty = agentId !== undefined && agentId === partyAgentId(draft.call);
  const leg = isParty ? consult : talk;
  if (!leg || (leg.muted ?? false) === muted) return;
  draft.pbx({ kind: muted ? 'mute' : 'unmute', legId: leg.legId });
  const mark = muted ? ({ muted: true } as const) : { muted: undefined };
  if (isParty && consult) draft.change({ consult: { ...consult, ...mark } });
  else draft.change({ talk: { ...talk, ...mark } });
  draft.tell({ type: muted ? 'call.muted.v1' : 'call.unmuted.v1', agentId: agentId ?? talk.agentId });
}

/** Keypad tones towards the caller. What was pressed may be a secret: only how many is told. */
export function sendKeys(draft: Draft, digits: string): void {
  const { talk, phase, callerLegId } = draft.call;
  if (!talk || phase !== 'talking') return;
  draft.pbx({ kind: 'sendKeys', legId: callerLegId, digits });
  draft.tell({ type: 'call.keys.sent.v1', agentId: talk.agentId, count: digits.length });
}
