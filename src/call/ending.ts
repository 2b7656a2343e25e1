import { bridgeIdOf, type EndReason } from './call.ts';
import type { Draft } from './draft.ts';
import { stopRecording } from './recording.ts';

/** The call is over. Whatever we built for it on the PBX goes too; a destroyed channel takes itself away. */
export function end(draft: Draft, reason: EndReason): void {
  stopRecording(draft);
  const { call } = draft;
  if (call.bridged) draft.pbx({ kind: 'destroyBridge', bridgeId: bridgeIdOf(call.id) });
  draft.enter('ended', { endReason: reason, offers: undefined, bridged: false, waitedMs: draft.waitedMs() });
  draft.tell({
    type: 'call.ended.v1',
    reason,
    waitedMs: draft.waitedMs(),
    talkMs: call.talkedMs,
    holdMs: call.heldMs,
    attempts: call.attempts,
  });
}
