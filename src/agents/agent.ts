import type { DeviceState, OfferOutcome, OfferToken } from '../call/index.ts';
import type { AgentProfile } from './profile.ts';

/**
 * Whether the agent is at work (`presence`, what the person says) is apart from what routing has the agent do
 * (`routing`): a signed-out agent can still be talking, a paused one can still be writing up.
 */
export type Presence = 'signedOut' | 'available' | 'paused';
export type AgentRouting = 'idle' | 'offered' | 'talking' | 'wrapUp';

/** An agent as it is now; plain JSON data but for the profile, which comes from config. Times are Unix milliseconds. */
export interface Agent {
  readonly profile: AgentProfile;
  readonly version: number;
  readonly presence: Presence;
  readonly pauseReason?: string | undefined;
  readonly routing: AgentRouting;
  readonly callId?: string | undefined;
  readonly offer?: OfferToken | undefined;
  readonly device: DeviceState;
  readonly sinceMs: number;
  readonly idleSinceMs: number;
  readonly wrapUpUntilMs?: number | undefined;
  readonly cooldownUntilMs: number;
  /** Offers in a row that rang out. */
  readonly unanswered: number;
  readonly advised?: Advised | undefined;
}

/**
 * The dialplan was told to ring this agent itself. Nobody else is given the agent until `untilMs`; by then the phone's
 * own state tells. Stays until that phone is free again, which ends the call for the agent's place in line.
 */
export interface Advised {
  readonly callId: string;
  readonly untilMs: number;
  /** What `idleSinceMs` was: an agent who was not rung after all gets the place in line back. */
  readonly idleSinceMs: number;
}

/** What of an agent is kept over a restart. */
export type AgentRecord = Omit<Agent, 'profile' | 'device'>;

export type AgentInput =
  | { readonly kind: 'signIn' }
  | { readonly kind: 'signOut' }
  | { readonly kind: 'setAvailable' }
  | { readonly kind: 'pause'; readonly reason: string }
  | { readonly kind: 'offered'; readonly token: OfferToken }
  | {
      readonly kind: 'offerEnded';
      readonly token: OfferToken;
      readonly outcome: OfferOutcome;
      readonly cooldownMs: number;
      readonly noAnswerLimit: number;
    }
  | { readonly kind: 'offerAnswered'; readonly token: OfferToken }
  | { readonly kind: 'talkEnded'; readonly callId: string; readonly wrapUpMs: number; readonly cooldownMs: number }
  | { readonly kind: 'wrapUpEnded' }
  | { readonly kind: 'advised'; readonly callId: string; readonly untilMs: number }
  /** The advised call came to us after all. */
  | { readonly kind: 'adviceUnused'; readonly callId: string }
  | { readonly kind: 'deviceChanged'; readonly state: DeviceState };

export function newAgent(profile: AgentProfile, atMs: number): Agent {
  return {
    profile,
    version: 0,
    presence: 'signedOut',
    routing: 'idle',
    device: 'unknown',
    sinceMs: atMs,
    idleSinceMs: atMs,
    cooldownUntilMs: 0,
    unanswered: 0,
  };
}

/** A phone that rings, talks or is not there cannot be offered a call; one that we know nothing of can. */
export function deviceIsFree(state: DeviceState): boolean {
  return state === 'notInUse' || state === 'unknown';
}
