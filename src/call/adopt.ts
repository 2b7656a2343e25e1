import { type AdoptedTalk, type Call, customerLegIdOf } from './call.ts';
import type { LegSnapshot } from './facts.ts';
import type { ChannelRecord } from './waiting.ts';

/**
 * A call that the PBX holds and our store does not know: made again from what we wrote on its channel. What cannot be
 * known (the customer, how long they have talked) begins anew.
 */
export function adoptCall(
  nodeId: string,
  leg: LegSnapshot,
  record: ChannelRecord,
  { talk, isBridged }: { readonly talk: AdoptedTalk | undefined; readonly isBridged: boolean },
  atMs: number,
): Call {
  return {
    id: record.id,
    nodeId,
    version: 0,
    phase: talk ? 'talking' : 'waiting',
    phaseSinceMs: atMs,
    entryId: record.entryId,
    callerLegId: leg.legId,
    callerNumber: leg.callerNumber,
    callerName: leg.callerName,
    dialledNumber: leg.dialledNumber,
    answered: leg.answered,
    // A clock that ran ahead, or a forgery, must not put the beginning into the future.
    enteredAtMs: Math.min(record.enteredAtMs, atMs),
    awaiting: { lookup: false, greeting: false },
    queueId: record.queueId,
    queuedAtMs: Math.min(record.queuedAtMs, atMs),
    queueEnteredAtMs: record.queueEnteredAtMs && Math.min(record.queueEnteredAtMs, atMs),
    returned: false,
    // The record counts the offers made when the call was queued; later ones show in the name of the agent's leg.
    attempts: Math.max(record.attempts + 1, attemptOf(talk?.legId)),
    hops: 0,
    bridged: isBridged || talk !== undefined,
    talk: talk && { ...talk, sinceMs: atMs, adopted: true },
    talkedMs: 0,
    heldMs: 0,
    data: {},
    ...(record.menuPath ? { menuPath: record.menuPath } : {}),
    ...(leg.legId === customerLegIdOf(record.id) ? { direction: 'outbound' as const } : {}),
  };
}

function attemptOf(legId: string | undefined): number {
  return Number(/\.agent(\d{1,6})$/.exec(legId ?? '')?.[1] ?? 0);
}
