import type { MirroredCall } from './call.ts';
import { Recent } from './recent.ts';

/** Channels whose call is over are remembered, so that late news of them begins no call. */
const overMax = 2_000;

/** Names are unique within a node only. */
export const nameOf = (nodeId: string, name: string): string => `${nodeId} ${name}`;

/** The calls, found by their id, their caller's channel and the phones that ring for them or talk. */
export class CallBook {
  readonly calls = new Map<string, MirroredCall>();
  private readonly byChannel = new Map<string, string>();
  private readonly byPhone = new Map<string, string>();
  private readonly over = new Recent(overMax);

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
    if (before) this.unlink(before);
    if (call.phase === 'ended') {
      this.calls.delete(call.id);
      return before;
    }
    this.calls.set(call.id, call);
    this.byChannel.set(nameOf(call.nodeId, call.uniqueId), call.id);
    for (const legId of phonesOf(call)) this.byPhone.set(nameOf(call.nodeId, legId), call.id);
    return before;
  }

  channelGone(nodeId: string, uniqueId: string): void {
    this.over.add(nameOf(nodeId, uniqueId));
  }

  isGone(nodeId: string, uniqueId: string): boolean {
    return this.over.has(nameOf(nodeId, uniqueId));
  }

  private unlink(call: MirroredCall): void {
    this.byChannel.delete(nameOf(call.nodeId, call.uniqueId));
    for (const legId of phonesOf(call)) this.byPhone.delete(nameOf(call.nodeId, legId));
  }
}

const phonesOf = ({ offers, talk }: MirroredCall): readonly string[] =>
  talk ? [talk.legId, ...offers.map(({ legId }) => legId)] : offers.map(({ legId }) => legId);
