import { type Call, callIdPrefix, type PbxFact } from '../call/index.ts';

/** The live calls, and which call a leg, bridge or playback belongs to. */
export class CallRegistry {
  private readonly calls = new Map<string, Call>();
  private readonly callerLegs = new Map<string, string>();
  /** Legs that took the place of one of a call's, with names that the PBX gave. */
  private readonly replacing = new Map<string, string>();

  get size(): number {
    return this.calls.size;
  }

  get(callId: string): Call | undefined {
    return this.calls.get(callId);
  }

  all(): IterableIterator<Call> {
    return this.calls.values();
  }

  /** The call that owns a leg, bridge or playback; the names of those that we made begin with the call's id. */
  ownerOf(pbxId: string): string | undefined {
    const owner = this.callerLegs.get(pbxId) ?? this.replacing.get(pbxId);
    if (owner !== undefined || !pbxId.startsWith(callIdPrefix)) return owner;
    const callId = pbxId.slice(0, pbxId.indexOf('.'));
    return this.calls.has(callId) ? callId : undefined;
  }

  /** The call that a fact is for; whoever takes a leg's place is the call's from then on. */
  ownerOfFact(fact: PbxFact): string | undefined {
    const owner = this.ownerOf(subjectOf(fact));
    if (fact.kind === 'legReplaced' && owner !== undefined) this.replacing.set(fact.byLegId, owner);
    return owner;
  }

  /** Whether a leg is that of a call still; one that is only written up has let go of its caller. */
  isHeld(legId: string): boolean {
    const owner = this.calls.get(this.ownerOf(legId) ?? '');
    return owner !== undefined && owner.phase !== 'wrapUp';
  }

  add(call: Call): void {
    this.calls.set(call.id, call);
    this.callerLegs.set(call.callerLegId, call.id);
    this.nameParty(call);
  }

  update(call: Call): void {
    const before = this.calls.get(call.id);
    this.calls.set(call.id, call);
    if (call.consult) this.nameParty(call);
    if (before === undefined || before.callerLegId === call.callerLegId) return;
    this.forgetCaller(before);
    this.callerLegs.set(call.callerLegId, call.id);
  }

  remove(call: Call): void {
    this.calls.delete(call.id);
    this.forgetCaller(call);
    for (const [legId, callId] of this.replacing) if (callId === call.id) this.replacing.delete(legId);
  }

  private nameParty({ id, consult }: Call): void {
    if (consult && !consult.legId.startsWith(callIdPrefix)) this.replacing.set(consult.legId, id);
  }

  private forgetCaller(call: Call): void {
    // A caller who was sent away in a conversation may be back as another call while the first is still written up.
    if (this.callerLegs.get(call.callerLegId) === call.id) this.callerLegs.delete(call.callerLegId);
  }
}

/** The leg that a fact for no call shows to be in our hands: nobody would ever hang it up. */
export function strayLegOf(fact: PbxFact): string | undefined {
  if (fact.kind === 'legReplaced') return fact.byLegId;
  const isIn = fact.kind === 'legEntered' || fact.kind === 'legAnswered';
  return isIn && fact.legId.startsWith(callIdPrefix) ? fact.legId : undefined;
}

/** The leg, playback, recording or bridge that a fact is about. */
function subjectOf(fact: PbxFact): string {
  if ('legId' in fact) return fact.legId;
  if ('playbackId' in fact) return fact.playbackId;
  return 'recordingId' in fact ? fact.recordingId : fact.bridgeId;
}
