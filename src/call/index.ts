export { type AdoptedTalk, adoptCall } from './adopt.ts';
export { type ArrivalFact, arrive } from './arriving.ts';
export {
  agentLegIdOf,
  bridgeIdOf,
  type Call,
  type CallPhase,
  callIdPrefix,
  type EndReason,
  greetingIdOf,
  type Offer,
  type Talk,
} from './call.ts';
export type { PbxCommand } from './commands.ts';
export type {
  Customer,
  CustomerCandidate,
  CustomerResult,
  CustomerStatus,
  LastContact,
  OpenTicket,
  Purchase,
} from './customer.ts';
export type { CallStep } from './draft.ts';
export type { CallEffect, CallEvent, QueuedReason, ToldEvent } from './effects.ts';
export type { EntryPolicy } from './entry.ts';
export type {
  CommandFailed,
  CommandFailure,
  CommandResult,
  DeviceFact,
  DeviceState,
  LegSnapshot,
  PbxFact,
  PbxSnapshot,
} from './facts.ts';
export type { CallInput, OverflowReason } from './inputs.ts';
export { type DecisionExplanation, type OfferOutcome, type OfferToken, sameOffer } from './offer.ts';
export type { CallPolicy, QueueCare } from './policy.ts';
export { reduceCall } from './reduce.ts';
export { type Target, targetName } from './target.ts';
export { type ChannelRecord, channelVariable, parseChannelRecord } from './waiting.ts';
