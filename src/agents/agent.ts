import type { DeviceState, OfferOutcome, OfferToken } from '../call/index.ts';
import type { AgentProfile } from './profile.ts';

/**
 * Whether the agent is at work (`presence`, what the person says) is apart from what routing has the agent do
 * (`routing`): a signed-out agent can still be talking, a paused one can still be writing up.
 */
export type Presence = 'signedOut' | 'available' | 'paused';
export type AgentRouting = 'idle' | 'offered' | 'talking' | 'wrapUp';

/** Something in hand that is not a call: a chat, a mail. Several may be, as many as the agent's `capacity` says. */
interface Contact {
  readonly callId: string;
  readonly channel: string;
}

/** An agent as it is now; plain JSON data but for the profile, which comes from config. Times are Unix milliseconds. */
export interface Agent {
  readonly profile: AgentProfile;
  readonly version: number;
  readonly presence: Presence;
  readonly pauseReason?: string | undefined;
  /** The pause is work of another kind, not rest; as the config says of its reason. */
  readonly pauseProductive?: boolean | undefined;
  /** Who else changed presence or skills last: the id of a person or key. Absent when the agent did, or we. */
  readonly changedBy?: string | undefined;
  readonly routing: AgentRouting;
  readonly callId?: string | undefined;
  readonly offer?: OfferToken | undefined;
  /** Chats and mails in hand, which leave `routing` to what else the agent does; absent when there are none. */
  readonly contacts?: readonly Contact[] | undefined;
  /** Of all phones together, as routing must know it. */
  readonly device: DeviceState;
  /** Of who has several phones: the state of each, by endpoint. */
  readonly devices?: Readonly<Record<string, DeviceState>> | undefined;
  /** The phone that the agent wants to be rung, instead of the first that can be reached. */
  readonly chosenDevice?: string | undefined;
  /** Skills that a supervisor gave instead of the configured ones. */
  readonly skills?: Readonly<Record<string, number>> | undefined;
  readonly sinceMs: number;
  readonly idleSinceMs: number;
  readonly wrapUpUntilMs?: number | undefined;
  /** Until when the agent may put the end of the wrap-up off; absent where it cannot be. */
  readonly wrapUpMaxUntilMs?: number | undefined;
  /** After this conversation and its wrap-up the idle time of before goes on. */
  readonly keepsIdle?: boolean | undefined;
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

/** What of an agent is kept over a restart; the PBX knows the phones, the config the rest. */
export type AgentRecord = Omit<Agent, 'profile' | 'device' | 'devices'>;

/** Who asked for it, when that was not the agent. */
interface Asked {
  readonly by?: string | undefined;
}

export type AgentInput =
  | ({ readonly kind: 'signIn' } & Asked)
  | ({ readonly kind: 'signOut' } & Asked)
  | ({ readonly kind: 'setAvailable' } & Asked)
  | ({
      readonly kind: 'pause';
      readonly reason?: string | undefined;
      readonly productive?: boolean | undefined;
    } & Asked)
  /** Undefined: the first phone that can be reached. */
  | { readonly kind: 'deviceChosen'; readonly device: string | undefined }
  /** Undefined: those of the config. Routing is told of the profile that comes of it beside this. */
  | ({ readonly kind: 'skillsGiven'; readonly skills: Readonly<Record<string, number>> | undefined } & Asked)
  | { readonly kind: 'offered'; readonly token: OfferToken }
  | {
      readonly kind: 'offerEnded';
      readonly token: OfferToken;
      readonly outcome: OfferOutcome;
      readonly cooldownMs: number;
      readonly noAnswerLimit: number;
    }
  /** `keepsIdle`: after the conversation the idle time goes on as if it had not been. */
  | { readonly kind: 'offerAnswered'; readonly token: OfferToken; readonly keepsIdle?: boolean | undefined }
  | {
      readonly kind: 'talkEnded';
      readonly callId: string;
      readonly wrapUpMs: number;
      /** The agent may put the end off until so long after the conversation; absent: not at all. */
      readonly wrapUpMaxMs?: number | undefined;
      readonly cooldownMs: number;
    }
  /** More time to write the call up, as far as the queue lets. */
  | { readonly kind: 'wrapUpExtended'; readonly byMs: number }
  | { readonly kind: 'wrapUpEnded' }
  | { readonly kind: 'advised'; readonly callId: string; readonly untilMs: number }
  /** The advised call came to us after all. */
  | { readonly kind: 'adviceUnused'; readonly callId: string }
  /** `endpoint`: which phone, of who has several. */
  | { readonly kind: 'deviceChanged'; readonly state: DeviceState; readonly endpoint?: string | undefined };

export function newAgent(profile: AgentProfile, atMs: number): AgentDraft {
  return draftOf({
    profile,
    version: 0,
    presence: 'signedOut',
    routing: 'idle',
    device: 'unknown',
    sinceMs: atMs,
    idleSinceMs: atMs,
    cooldownUntilMs: 0,
    unanswered: 0,
  });
}

/** An agent that is being changed by who owns it; nobody else sees it but by a copy. */
export type AgentDraft = { -readonly [Field in keyof Agent]: Agent[Field] };

/** A copy. Field by field and always all of them, so that every agent has the same hidden class: several times as fast as a spread. */
export function draftOf(agent: Agent): AgentDraft {
  return {
    profile: agent.profile,
    version: agent.version,
    presence: agent.presence,
    pauseReason: agent.pauseReason,
    pauseProductive: agent.pauseProductive,
    changedBy: agent.changedBy,
    routing: agent.routing,
    callId: agent.callId,
    offer: agent.offer,
    contacts: agent.contacts,
    device: agent.device,
    devices: agent.devices,
    chosenDevice: agent.chosenDevice,
    skills: agent.skills,
    sinceMs: agent.sinceMs,
    idleSinceMs: agent.idleSinceMs,
    wrapUpUntilMs: agent.wrapUpUntilMs,
    wrapUpMaxUntilMs: agent.wrapUpMaxUntilMs,
    keepsIdle: agent.keepsIdle,
    cooldownUntilMs: agent.cooldownUntilMs,
    unanswered: agent.unanswered,
    advised: agent.advised,
  };
}

/** What the store keeps of an agent. */
export function recordOf({ profile: _profile, device: _device, devices: _devices, ...record }: Agent): AgentRecord {
  return record;
}

/** The agent as the store kept it, with what config and PBX say of it now. Given skills go before configured ones. */
export function restoredAgent({ profile, device, devices }: Agent, record: AgentRecord): AgentDraft {
  return draftOf({ ...record, profile, device, devices });
}

/** The profile by which routing decides: that of the config, but for skills that a supervisor gave. */
export function givenProfile(configured: AgentProfile, { skills }: Pick<Agent, 'skills'>): AgentProfile {
  return skills ? { ...configured, skills } : configured;
}
