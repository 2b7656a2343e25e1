import { agentLegIdOf, bridgeIdOf, type Call, callIdPrefix, greetingIdOf } from '../call/index.ts';

/** The live calls, and which call a leg, bridge or playback belongs to. */
export class CallRegistry {
  private readonly calls = new Map<string, Call>();
  private readonly owners = new Map<string, string>();

  get size(): number {
    return this.calls.size;
  }

  get(callId: string): Call | undefined {
    return this.calls.get(callId);
  }

  all(): IterableIterator<Call> {
    return this.calls.values();
  }

  /** The call that owns a leg, bridge or playback. What we name begins with the id of its call. */
  ownerOf(pbxId: string): string | undefined {
    const owner = this.owners.get(pbxId);
    if (owner !== undefined || !pbxId.startsWith(callIdPrefix)) return owner;
    const callId = pbxId.slice(0, pbxId.indexOf('.'));
    return this.calls.has(callId) ? callId : undefined;
  }

  add(call: Call): void {
    this.calls.set(call.id, call);
    for (const pbxId of pbxIdsOf(call)) this.owners.set(pbxId, call.id);
  }

  update(call: Call): void {
    this.calls.set(call.id, call);
  }

  own(pbxId: string, callId: string): void {
    this.owners.set(pbxId, callId);
  }

  remove(call: Call): void {
    this.calls.delete(call.id);
    for (const pbxId of pbxIdsOf(call)) this.owners.delete(pbxId);
  }
}

function* pbxIdsOf(call: Call): Generator<string> {
  yield call.callerLegId;
  yield bridgeIdOf(call.id);
  yield greetingIdOf(call.id);
  // An adopted call may have had more offers than its record on the channel knows.
  if (call.offer) yield call.offer.legId;
  if (call.talk) yield call.talk.legId;
  for (let attempt = 1; attempt <= call.attempts; attempt += 1) yield agentLegIdOf(call.id, attempt);
}
