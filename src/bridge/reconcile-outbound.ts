import type { Call, CallInput, LegSnapshot, PbxFact } from '../call/index.ts';

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
  const { offer, outbound, callerLegId } = call;
  const agentLeg = offer && legs.get(offer.legId);
  if (call.phase !== 'dialling' || !offer) {
    if (isFresh) return [again];
    if (agentLeg?.answered) return [fact({ kind: 'legAnswered' }, agentLeg.legId)];
    const hasStopped = offer !== undefined && offer.stage !== 'pending' && !agentLeg;
    return hasStopped ? [{ kind: 'offerWithdrawn', token: offer.token, atMs }] : [];
  }
  if (!agentLeg) return [fact({ kind: 'legEnded', cause: 0 }, offer.legId)];
  const customerLeg = legs.get(callerLegId);
  if (customerLeg?.answered && outbound?.stage !== 'answered') return [fact({ kind: 'legAnswered' }, callerLegId)];
  if (customerLeg) return [again];
  // In this life of the server the permission to dial is still on its way.
  if (outbound?.stage === 'clearing' && !isFresh) return [];
  return [fact({ kind: 'legEnded', cause: 0 }, callerLegId)];
}
