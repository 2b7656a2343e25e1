import type { DecisionExplanation, OfferOutcome, OfferToken } from './offer.ts';

/** Whom an agent asks for advice: another agent, reserved by routing as for an offer, or a number outside. */
export type Party =
  | {
      readonly kind: 'agent';
      readonly agentId: string;
      /** Where this agent was asked; its wrap-up time is the agent's, and the call's if it is handed over. */
      readonly queueId: string;
      readonly token: OfferToken;
    }
  | { readonly kind: 'number' };

/** Somebody to ask, as routing or the front door found it. */
export type FoundParty =
  | (Extract<Party, { kind: 'agent' }> & { readonly endpoint: string; readonly explanation: DecisionExplanation })
  /** Digits, `*`, `#` and a leading `+` only. */
  | { readonly kind: 'number'; readonly number: string };

/**
 * A third one on a call. Whether the caller is in the bridge is told by the call's phase, whether the party is by
 * `joined`: the two say who talks with whom (private, back with the caller, or all three).
 */
export interface Consult {
  readonly party: Party;
  readonly legId: string;
  readonly stage: 'dialled' | 'ringing' | 'answered';
  readonly joined: boolean;
  /** The party and the caller have been in the bridge together: there is a conversation to write up. */
  readonly metCaller: boolean;
  readonly muted?: true | undefined;
  readonly sinceMs: number;
}

/** How a consultation ended that was not completed. `left`: the party hung up after it had answered. */
export type ConsultOutcome = OfferOutcome | 'cancelled' | 'left' | 'agentLeft';

/** What the agent may do with a consultation. */
export type ConsultAction = 'complete' | 'cancel' | 'swap' | 'merge';

/** A short name for events, like that of a target. */
export const partyName = (party: Party): string => (party.kind === 'agent' ? `agent:${party.agentId}` : 'number');
