import type { MirroredCall } from './call.ts';

/** Channels whose call is over are remembered, so that late news of them begins no call. */
const overMax = 2_000;

/** Names are unique within a node only. */
export const nameOf = (nodeId: string, name: string): string => `${nodeId} ${name}`;

/** The calls, found by their id, their caller's channel and the phones that ring for them. */
export class CallBook {
  readonly calls = new Map<string, MirroredCall>();
  private readonly byChannel = new Map<string, string>();
  private readonly byPhone = new Map<string, string>();
  private readonly over = new Set<string>();

  get(callId: string): MirroredCall | undefined {
    return this.calls.get(callId);
  }

  ofChannel(nodeId: string, uniqueId: string): MirroredCall | undefined {
    return this.calls.get(this.byChannel.get(nameOf(nodeId, uniqueId)) ?? '');
  }

  ofPhone(nodeId: string, legId: string): MirroredCall | undefined {
    return this.calls.get(this.byPhone.get(nameOf(nodeId, legId)) ?? '');
  }

  /** The call as it is now; an ended one is kept no more. Gives back what it was. */
  put(call: MirroredCall): MirroredCall | undefined {
    const before = this.calls.get(call.id);
    if (before === call) return before;
    for (const { legId } of before?.offers ?? []) this.byPhone.delete(nameOf(call.nodeId, legId));
    const channel = nameOf(call.nodeId, call.uniqueId);
    if (call.phase === 'ended') {
      this.calls.delete(call.id);
      this.byChannel.delete(channel);
      return before;
    }
    this.calls.set(call.id, call);
    this.byChannel.set(channel, call.id);
    for (const { legId } of call.offers) this.byPhone.set(nameOf(call.nodeId, legId), call.id);
    return before;
  }

  channelGone(nodeId: string, uniqueId: string): void {
    const [oldest] = this.over;
    if (this.over.size >= overMax && oldest !== undefined) this.over.delete(oldest);
    this.over.add(nameOf(nodeId, uniqueId));
  }

  isGone(nodeId: string, uniqueId: string): boolean {
    return this.over.has(nameOf(nodeId, uniqueId));
  }
}
