import type { RoutingDesk } from './routing-desk.ts';

/** What the dialplan was told about a channel. */
interface AdvisedCall {
  readonly callId: string;
  /** Who is kept for the call. */
  readonly agentId: string | undefined;
}

const advisedMax = 5_000;

/**
 * Channels that asked for advice, so that those which come to us afterwards go on as the same call. In memory and
 * bounded: after a restart, or when very many asked since, such a call gets an id of its own.
 */
export class AdvisedCalls {
  private readonly byChannel = new Map<string, AdvisedCall>();

  add(nodeId: string, uniqueId: string, advised: AdvisedCall): void {
    const { value: oldest } = this.byChannel.keys().next();
    if (this.byChannel.size >= advisedMax && oldest !== undefined) this.byChannel.delete(oldest);
    this.byChannel.set(keyOf(nodeId, uniqueId), advised);
  }

  /** The id of a channel that arrives now, if it asked before; whoever was kept for it is free again. */
  take(nodeId: string, uniqueId: string, desk: RoutingDesk): string | undefined {
    if (this.byChannel.size === 0) return undefined;
    const key = keyOf(nodeId, uniqueId);
    const advised = this.byChannel.get(key);
    if (!advised) return undefined;
    this.byChannel.delete(key);
    const { callId, agentId } = advised;
    if (agentId !== undefined) desk.step({ kind: 'adviceUnused', agentId, callId });
    return callId;
  }
}

const keyOf = (nodeId: string, uniqueId: string): string => `${nodeId} ${uniqueId}`;
