import { ownCall, situationOf } from './select.ts';
import type { DeskCall, DeskState } from './state.ts';

/** When the customer's card opens by itself: at the ring, at the answer, or only when asked for. */
export type PopPolicy = 'ring' | 'answer' | 'off';
export const popPolicies: readonly PopPolicy[] = ['ring', 'answer', 'off'];

/** Whether the card shows without being asked for. `rings`: the agent has not answered yet. */
export function cardIsOpen(rings: boolean, policy: PopPolicy): boolean {
  if (policy === 'off') return false;
  return policy === 'ring' || !rings;
}

export interface OfferNews {
  /** Names the offer: one that was announced under this key is not announced again. */
  readonly key: string;
  readonly call: DeskCall;
  /** The agent is asked for advice by the one who has the call. */
  readonly asked: boolean;
}

/**
 * The offer to the agent who looks, to be announced once. Only of the present: nothing while the past is replayed or
 * the connection is away, nothing when the time of the offer is over. `nowMs` is the server's time.
 */
export function offerNews(state: DeskState, nowMs: number): OfferNews | undefined {
  if (state.link.kind !== 'live') return undefined;
  const call = ownCall(state);
  const situation = call && situationOf(call, state.viewer?.agentId);
  if (!call || (situation !== 'offered' && situation !== 'asked')) return undefined;
  const expiresAtMs = call.offer?.expiresAtMs;
  if (expiresAtMs !== undefined && expiresAtMs <= nowMs) return undefined;
  return { key: `${call.view.id} ${call.view.phaseSinceMs}`, call, asked: situation === 'asked' };
}
