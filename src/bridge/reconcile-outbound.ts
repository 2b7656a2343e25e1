import { answeredOffer, type Call, type CallInput, type LegSnapshot, offersOf, type PbxFact } from '../call/index.ts';

type Legs = ReadonlyMap<string, LegSnapshot>;

interface Moment {
  readonly nodeId: string;
  readonly atMs: number;
  /** Read from the store, or from before a gap: what was asked of the PBX last may not have been written down. */
  readonly isFresh: boolean;
}

/**
 * What an outbound call missed whose customer is not reached yet. Its legs have chosen ids, so the PBX can be asked for
 * them: a customer's leg that is there was dialled. One that is not there either never was or has ended since, which
 * nobody can tell, so it counts as dialled with an unknown outcome.
 */
export function missedByOutbound(call: Call, legs: Legs, moment: Moment): CallInput[] {
  const { nodeId, atMs, isFresh } = moment;
  const fact = (bare: { kind: 'legAnswered' } | { kind: 'legEnded'; cause: 0 }, legId: string): CallInput => ({
    kind: 'pbx',
    fact: { ...bare, legId, nodeId, atMs } satisfies PbxFact,
    atMs,
  });
  const again: CallInput = { kind: 'recovered', atMs };
  const { outbound, callerLegId } = call;
  const offer = answeredOffer(call);
  if (call.phase !== 'dialling') {
    if (isFresh) return [again];
    const winner = offersOf(call).find(({ legId }) => legs.get(legId)?.answered);
    return winner ? [fact({ kind: 'legAnswered' }, winner.legId)] : stoppedRinging(call, legs, atMs);
  }
  // A callback may dial its customer before any agent.
  if (offer && !legs.has(offer.legId)) return [fact({ kind: 'legEnded', cause: 0 }, offer.legId)];
  const customerLeg = legs.get(callerLegId);
  if (customerLeg?.answered && outbound?.stage !== 'answered') return [fact({ kind: 'legAnswered' }, callerLegId)];
  if (customerLeg) return [again];
  // In this life of the server the permission to dial is still on its way.
  if (outbound?.stage === 'clearing' && !isFresh) return [];
  return [fact({ kind: 'legEnded', cause: 0 }, callerLegId)];
}

/** Why a phone stopped ringing was not heard, so nobody is blamed for it. */
export function stoppedRinging(call: Call, legs: Legs, atMs: number): CallInput[] {
  return offersOf(call)
    .filter(({ legId, stage }) => stage !== 'pending' && !legs.has(legId))
    .map(({ token }) => ({ kind: 'offerWithdrawn', token, atMs }));
}
