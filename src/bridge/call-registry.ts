import { type Call, callIdPrefix, type PbxFact } from '../call/index.ts';

/** The live calls, and which call a leg, bridge or playback belongs to. */
export class CallRegistry {
  private readonly calls = new Map<string, Call>();
  private readonly callerLegs = new Map<string, string>();

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
    const owner = this.callerLegs.get(pbxId);
    if (owner !== undefined || !pbxId.startsWith(callIdPrefix)) return owner;
    const callId = pbxId.slice(0, pbxId.indexOf('.'));
    return this.calls.has(callId) ? callId : undefined;
  }

  /** Whether a leg is that of a call still; one that is only written up has let go of its caller. */
  isHeld(legId: string): boolean {
    const owner = this.calls.get(this.ownerOf(legId) ?? '');
    return owner !== undefined && owner.phase !== 'wrapUp';
  }

  add(call: Call): void {
    this.calls.set(call.id, call);
    this.callerLegs.set(call.callerLegId, call.id);
  }

  update(call: Call): void {
    this.calls.set(call.id, call);
  }

  remove(call: Call): void {
    this.calls.delete(call.id);
    // A caller who was sent away in a conversation may be back as another call while the first is still written up.
    if (this.callerLegs.get(call.callerLegId) === call.id) this.callerLegs.delete(call.callerLegId);
  }
}

/** The leg, playback, recording or bridge that a fact is about. */
export function subjectOf(fact: PbxFact): string {
  if ('legId' in fact) return fact.legId;
  if ('playbackId' in fact) return fact.playbackId;
  return 'recordingId' in fact ? fact.recordingId : fact.bridgeId;
}
