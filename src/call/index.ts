export { holdsPlace } from './calling-back.ts';
export { adoptCall } from './adopt.ts';
export { type ArrivalFact, arrive } from './arriving.ts';
export {
  type AdoptedTalk,
  agentLegIdOf,
  attemptOfLeg,
  bridgeIdOf,
  type Call,
  type CallPhase,
  callIdPrefix,
  customerLegIdOf,
  type EndReason,
  greetingIdOf,
} from './call.ts';
export type { PbxCommand } from './commands.ts';
export type { Consult, ConsultAction } from './consult.ts';
export type {
  Customer,
  CustomerCandidate,
  CustomerResult,
  LastContact,
  OpenTicket,
  Purchase,
} from './customer.ts';
export type { CallStep } from './draft.ts';
export type { CallEffect, CallEvent, TalkOutcome, ToldEvent } from './effects.ts';
export type { EntryPolicy } from './entry.ts';
export type {
  CommandFailure,
  CommandResult,
  DeviceFact,
  DeviceState,
  LegSnapshot,
  PbxFact,
  PbxSnapshot,
} from './facts.ts';
export type { Destination, FlowBranch, FlowPolicy, FlowStep, MenuPolicy } from './flow-policy.ts';
export type { CheckOutcome } from './flow-state.ts';
export type { CallInput, CallTimer, OverflowReason } from './inputs.ts';
export {
  type Candidate,
  type DecisionExplanation,
  type OfferOutcome,
  type OfferToken,
  outcomeOfCause,
  sameOffer,
} from './offer.ts';
export { answeredOffer, offersOf, offerTo, soleOffer } from './offers.ts';
export { placeCall } from './outbound.ts';
export type { CallRules } from './call-rules.ts';
export type { Placement } from './placement.ts';
export type { DialOutcome, DialVerdict, OutboundOrder } from './outbound-order.ts';
export { bridgeLegsOf, callerInBridge, partyAgentId } from './parties.ts';
export type { CallPolicy, QueueCare } from './policy.ts';
export type { RecordingAction, RecordingCare, RecordingRule } from './recording-care.ts';
export { reduceCall } from './reduce.ts';
export { type Target, targetName } from './target.ts';
export { measuredTurn } from './told.ts';
export type {
  Announcements,
  CallbackMode,
  CallbackOffer,
  CallbackRefusal,
  CallbackVerdict,
  QueueHours,
} from './wait-care.ts';
export { type RoutingFacts, type RuledCall, routingFacts } from './rule-facts.ts';
export type { VoicemailPolicy } from './voicemail-state.ts';
export { channelVariable, parseChannelRecord } from './waiting.ts';
