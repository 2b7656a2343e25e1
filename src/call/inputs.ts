import type { AdoptedTalk } from './call.ts';
import type { ConsultAction, FoundParty } from './consult.ts';
import type { CustomerResult } from './customer.ts';
import type { CommandFailed, PbxFact } from './facts.ts';
import type { CheckOutcome } from './flow-state.ts';
import type { DecisionExplanation, OfferToken } from './offer.ts';
import type { DialVerdict } from './outbound-order.ts';
import type { RecordingAction } from './recording-care.ts';
import type { Target } from './target.ts';
import type { Standing } from './told.ts';
import type { CallbackVerdict } from './wait-care.ts';

/** Why a call left its queue by rule. */
export type OverflowReason = 'maxWait' | 'queueFull' | 'blacklisted' | 'draining' | 'noQueue' | 'noAgents' | 'closed';

/**
 * What a call waits for with a limit of its own. `greeting`: the PBX never told of the greeting's end; we go on.
 * `menu`: the same for a prompt, and after it the caller has thought for long enough.
 * `dialling`: nothing was ever told of the customer whom we dial; we give up. `consult`: whom the agent asks
 * does not answer. `announcement`: as for the greeting, of a recording. `recordingPause`: it lasts longer than it should.
 * `wait`: the next announcement, the end of one that is never told, or of the time to answer a question in the queue.
 * `closing`: the hours of the number end. `voicemail`: the stage of a message takes too long.
 */
export type CallTimer =
  | 'greeting'
  | 'menu'
  | 'dialling'
  | 'consult'
  | 'announcement'
  | 'recordingPause'
  | 'wait'
  | 'closing'
  | 'voicemail';

/** What can happen to a call that exists: facts of the PBX, answers of neighbours, decisions, and wishes of people. */
export type CallInput = { readonly atMs: number } & (
  | { readonly kind: 'pbx'; readonly fact: PbxFact }
  | ({ readonly kind: 'commandFailed' } & CommandFailed)
  /** The PBX has put the legs of a `join` into the bridge. */
  | { readonly kind: 'joined'; readonly legIds: readonly string[] }
  | { readonly kind: 'customerFound'; readonly result: CustomerResult; readonly late: boolean }
  | { readonly kind: 'checked'; readonly plays: number; readonly outcome: CheckOutcome }
  | { readonly kind: 'timerFired'; readonly timer: CallTimer }
  | {
      readonly kind: 'offered';
      readonly token: OfferToken;
      readonly endpoint: string;
      readonly mode: 'ring' | 'accept';
      readonly ringTimeoutMs: number;
      readonly explanation: DecisionExplanation;
      /** Rings beside the phones that ring already; without it a call has one offer. */
      readonly beside?: true | undefined;
    }
  /** Where the call stands in line. */
  | ({ readonly kind: 'estimated' } & Standing)
  /** Whether the caller will be called back. */
  | { readonly kind: 'callbackSettled'; readonly verdict: CallbackVerdict }
  /** Whether the customer of an outbound call may be dialled now. */
  | { readonly kind: 'dialCleared'; readonly verdict: DialVerdict }
  | { readonly kind: 'offerExpired'; readonly token: OfferToken }
  | { readonly kind: 'offerWithdrawn'; readonly token: OfferToken }
  | { readonly kind: 'overflowed'; readonly target: Target; readonly reason: OverflowReason }
  | { readonly kind: 'wrapUpEnded'; readonly agentId: string }
  | { readonly kind: 'draining' }
  /**
   * A server that starts again found the caller still there: the call goes on where it was. `astray`: legs that are not
   * where the state says, in the bridge or out of it. `talk`: who is in the bridge with the caller, of which the store
   * was not told any more.
   */
  | { readonly kind: 'recovered'; readonly astray?: readonly string[]; readonly talk?: AdoptedTalk }
  | { readonly kind: 'accept'; readonly agentId: string }
  | { readonly kind: 'reject'; readonly agentId: string }
  | { readonly kind: 'hold' }
  | { readonly kind: 'resume' }
  | { readonly kind: 'transfer'; readonly target: Target }
  /** The agent asks somebody; an agent who is asked is reserved already. */
  | { readonly kind: 'consult'; readonly found: FoundParty; readonly ringTimeoutMs: number }
  | { readonly kind: 'consultAction'; readonly action: ConsultAction }
  /** Who was asked goes, the others go on. */
  | { readonly kind: 'leaveConsult' }
  | { readonly kind: 'mute'; readonly agentId?: string | undefined; readonly muted: boolean }
  | { readonly kind: 'sendKeys'; readonly digits: string }
  | { readonly kind: 'record'; readonly action: RecordingAction }
  /** The code was checked against the config. */
  | { readonly kind: 'dispose'; readonly agentId: string; readonly code: string }
  | { readonly kind: 'hangUp' }
  | { readonly kind: 'attachData'; readonly data: Readonly<Record<string, string>> }
);
