import type { Consult } from './consult.ts';
import type { CustomerResult } from './customer.ts';
import type { FlowState, MenuStep } from './flow-state.ts';
import type { OfferToken } from './offer.ts';
import type { CustomerDial } from './outbound-order.ts';
import type { Placement } from './placement.ts';
import type { Recording } from './recording-care.ts';
import type { WaitState } from './wait-care.ts';
import type { VoicemailState } from './voicemail-state.ts';

/** `voicemail`: the caller leaves a message. `outside`: handed over to a number outside; the two are in our bridge, no agent is with them any more. */
export type CallPhase =
  | 'arriving'
  | 'waiting'
  | 'offering'
  | 'dialling'
  | 'talking'
  | 'held'
  | 'outside'
  | 'voicemail'
  | 'wrapUp'
  | 'ended';

/** An offer that stands. `answered`: the agent picked up, the join is under way. */
export interface Offer {
  readonly token: OfferToken;
  readonly endpoint: string;
  readonly mode: 'ring' | 'accept';
  readonly ringTimeoutMs: number;
  readonly stage: 'pending' | 'dialled' | 'ringing' | 'answered';
  readonly legId: string;
  readonly offeredAtMs: number;
}

/** Who the caller talks with, as the PBX has the two in a bridge. */
export interface AdoptedTalk {
  readonly agentId: string;
  readonly legId: string;
}

/** A conversation that stands, or stood until wrap-up. */
export interface Talk {
  readonly agentId: string;
  readonly legId: string;
  readonly sinceMs: number;
  /** Who put the caller on hold: our API, or the phone with its own button. */
  readonly heldBy?: 'api' | 'phone' | undefined;
  /** When the end of a consultation put the agent back with the caller. */
  readonly backAtMs?: number | undefined;
  /** The agent's voice is not heard. */
  readonly muted?: true | undefined;
  /** Found on the PBX: it began before `sinceMs`, nobody knows when. */
  readonly adopted?: true;
}

/**
 * `unreached`: an outbound call that never connected agent and customer. `callback`: the caller hung up and is called
 * back, with the place in line kept.
 */
export type EndReason =
  | 'completed'
  | 'abandoned'
  | 'callback'
  | 'transferred'
  | 'overflowed'
  | 'refused'
  | 'voicemail'
  | 'unreached';

/**
 * One contact of one caller, from entry to the end of wrap-up; one call with several legs. Plain JSON data: it is
 * what the store keeps. Times are Unix milliseconds.
 */
export interface Call {
  readonly id: string;
  readonly nodeId: string;
  /** Grows by one with every published event of this call. */
  readonly version: number;
  readonly phase: CallPhase;
  readonly phaseSinceMs: number;
  readonly entryId: string;
  readonly callerLegId: string;
  readonly callerNumber: string;
  readonly callerName: string;
  readonly dialledNumber: string;
  readonly language?: string;
  /** The caller, or a condition, has settled the language. */
  readonly languageChosen?: boolean;
  /** True once the caller's leg is answered, by us or before us. */
  readonly answered: boolean;
  readonly enteredAtMs: number;
  /** What must still happen before the call is queued. */
  readonly awaiting: { readonly lookup: boolean; readonly greeting: boolean };
  /** Set while the caller is in the flow of its number. */
  readonly flow?: FlowState | undefined;
  /** Came outside the hours of its number, or still waited when they ended: hears so, and goes elsewhere. */
  readonly closed?: true;
  /** What the caller chose on the way in. */
  readonly menuPath?: readonly MenuStep[];
  readonly customer?: CustomerResult | undefined;
  readonly queueId?: string | undefined;
  /** Since when the caller waits, through overflow and transfer. */
  readonly queuedAtMs?: number | undefined;
  /** Since when it has been in its queue, where that is not `queuedAtMs`. */
  readonly queueEnteredAtMs?: number | undefined;
  /** Since when the caller waits now: a transfer begins a new wait, though the age stays. */
  readonly waitingSinceMs?: number | undefined;
  /** Announcements and the dialogue about a callback; absent where a caller only hears music. */
  readonly wait?: WaitState | undefined;
  /** How long the caller had waited when he gave up a while ago: he got that age back. */
  readonly resumedMs?: number;
  /** Set when an agent dropped the caller: goes first in line. */
  readonly returned: boolean;
  /** Where a transfer wants it, first. */
  readonly onlyAgentId?: string | undefined;
  /** Agents and numbers that were rung for it: offers and consultations. */
  readonly attempts: number;
  /** How many queues have passed it on without a conversation; bounds an overflow chain that runs in a ring. */
  readonly hops: number;
  /** Whose phones are rung for it now, never empty; several only where a queue rings several at once. */
  readonly offers?: readonly Offer[] | undefined;
  readonly bridged: boolean;
  readonly talk?: Talk | undefined;
  /** A third one: asked while the caller waits, joined with both, or (in phase `outside`) joined with the caller. */
  readonly consult?: Consult | undefined;
  readonly recording?: Recording | undefined;
  /** Set from when the caller is asked for a message. */
  readonly voicemail?: VoicemailState;
  /** How many recordings were begun; absent for none. */
  readonly recordings?: number;
  readonly talkedMs: number;
  readonly heldMs: number;
  /** How long the caller waited until the first conversation. */
  readonly waitedMs?: number | undefined;
  readonly data: Readonly<Record<string, string>>;
  /** What came of it, as the agent said by a code of the config. */
  readonly disposition?: string;
  readonly endReason?: EndReason | undefined;
  /** The version of the routing rules that the call keeps; absent for those with which the server started. */
  readonly rulesVersion?: string;
  /** Who talked with this number last; looked up only where rules ask for it. */
  readonly lastAgentId?: string;
  /** What a routing rule says of it; absent when none fits. */
  readonly placed?: Placement | undefined;
  /** Absent on calls that came in. On one that goes out the caller's leg and number are the customer's. */
  readonly direction?: 'outbound';
  /** What an outbound call still has to do to reach the customer; gone once the two talk. */
  readonly outbound?: CustomerDial | undefined;
}

export const bridgeIdOf = (callId: string): string => `${callId}.bridge`;
export const greetingIdOf = (callId: string): string => `${callId}.greeting`;
export const customerLegIdOf = (callId: string): string => `${callId}.customer`;
export const agentLegIdOf = (callId: string, attempt: number): string => `${callId}.agent${attempt}`;
/** Which attempt an agent's leg came from. */
export const attemptOfLeg = (callId: string, legId: string): number =>
  Number(legId.slice(agentLegIdOf(callId, 0).length - 1));

export const recordingIdOf = (callId: string, number: number): string => `${callId}.recording${number}`;
export const noticeIdOf = (callId: string, number: number): string => `${callId}.notice${number}`;

/** Calls' ids begin so; legs, bridges and playbacks that we made are told by it. */
export const callIdPrefix = 'rm-';
