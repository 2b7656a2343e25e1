import { bridgeIdOf, type Talk } from './call.ts';
import { consultOver } from './consult-over.ts';
import type { Draft } from './draft.ts';
import type { PbxFact } from './facts.ts';
import { accountTalk } from './leaving.ts';
import { callerInBridge } from './parties.ts';
import { channelVariables } from './waiting.ts';

type Replaced = Extract<PbxFact, { kind: 'legReplaced' }>;

/**
 * Somebody used the transfer key of the phone itself (REFER): the PBX has put another leg in the place of that one, in
 * our bridge too. Whoever talked with it goes on with who is behind the new leg.
 */
export function legReplaced(draft: Draft, { legId, byLegId, attended }: Replaced): void {
  const { callerLegId, consult, phase, talk } = draft.call;
  // Not every phone does so by itself, and the PBX leaves the leg with us.
  draft.pbx({ kind: 'hangup', legId, reason: 'normal' });
  if (legId === callerLegId) return callerReplaced(draft, byLegId);
  if (legId === talk?.legId && (phase === 'talking' || phase === 'held')) {
    return handedOn(draft, talk, byLegId, attended);
  }
  if (consult && legId === consult.legId && consult.party.kind === 'number' && consult.stage === 'answered') {
    return draft.change({ consult: { ...consult, legId: byLegId } });
  }
  // Nobody's place: it must not stay behind. The end of the replaced leg says the rest.
  draft.pbx({ kind: 'hangup', legId: byLegId, reason: 'normal' });
}

/** As after a transfer that we did ourselves to a number outside: the call lasts as long as those two talk. */
function handedOn(draft: Draft, talk: Talk, byLegId: string, attended: boolean): void {
  const { atMs } = draft;
  consultOver(draft, 'cancelled');
  accountTalk(draft);
  if (!callerInBridge(draft.call)) {
    const { callerLegId, id } = draft.call;
    draft.pbx({ kind: 'stopMusic', legId: callerLegId });
    draft.pbx({ kind: 'join', bridgeId: bridgeIdOf(id), legIds: [callerLegId] });
  }
  draft.talkEnded(talk.agentId, 'talked');
  draft.enter('outside', {
    talk: undefined,
    consult: {
      party: { kind: 'number' },
      legId: byLegId,
      stage: 'answered',
      joined: true,
      metCaller: true,
      sinceMs: atMs,
    },
  });
  draft.tell({
    type: 'call.transferred.v1',
    agentId: talk.agentId,
    target: 'number',
    ...(attended ? { attended } : {}),
  });
}

/** The caller himself, a phone of the house, gave us to somebody else: the call is that one's from now on. */
function callerReplaced(draft: Draft, byLegId: string): void {
  const { call, policy } = draft;
  const { phase } = call;
  draft.change({ callerLegId: byLegId });
  if (phase === 'wrapUp' || phase === 'ended') return;
  draft.pbx({ kind: 'setVariables', legId: byLegId, variables: channelVariables(draft) });
  const hearsMusic = phase === 'waiting' || phase === 'offering' || (phase === 'held' && call.talk?.heldBy === 'api');
  if (!hearsMusic) return;
  const { musicClass } = policy.queue(call.queueId ?? policy.entry.queueId);
  draft.pbx({ kind: 'startMusic', legId: byLegId, musicClass });
}
