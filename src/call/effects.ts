import type { EndReason } from './call.ts';
import type { PbxCommand } from './commands.ts';
import type { ConsultOutcome } from './consult.ts';
import type { CustomerResult } from './customer.ts';
import type { CommandFailure } from './facts.ts';
import type { AskedReason, CollectOutcome, CutReason, MenuOutcome } from './flow-state.ts';
import type { CallTimer, OverflowReason } from './inputs.ts';
import type { DecisionExplanation, OfferOutcome, OfferToken } from './offer.ts';
import type { DialOutcome } from './outbound-order.ts';
import type { Telling } from './told.ts';
import type { CallbackRefusal } from './wait-care.ts';
import type { VoicemailOutcome } from './voicemail-state.ts';

/** What a call asks for, as data; `bridge/` carries it out. */
export type CallEffect =
  | { readonly kind: 'pbx'; readonly command: PbxCommand }
  | { readonly kind: 'lookup' }
  /** Tell me `timerFired` after so long; starts anew when it runs already. */
  | { readonly kind: 'startTimer'; readonly timer: CallTimer; readonly afterMs: number }
  | { readonly kind: 'stopTimer'; readonly timer: CallTimer }
  /** Put me into the queue that my state names; `again`: where I had begun to wait already. */
  | { readonly kind: 'enqueue'; readonly again?: boolean }
  /** What routing knows of me has changed (customer, data). */
  | { readonly kind: 'reassess' }
  | { readonly kind: 'leaveQueue' }
  /** Where do I stand? Tell me `estimated`. */
  | { readonly kind: 'estimate' }
  /** The caller wants to be called back at this number. Tell me `callbackSettled`; asked twice it is one callback. */
  | { readonly kind: 'requestCallback'; readonly number: string }
  /** The caller was put through after all. */
  | { readonly kind: 'cancelCallback'; readonly callbackId: string }
  | { readonly kind: 'offerAnswered'; readonly token: OfferToken }
  | { readonly kind: 'offerEnded'; readonly token: OfferToken; readonly outcome: OfferOutcome }
  /**
   * The agent is out of the conversation: after one (`talked`, wrap-up follows), or because one of the two was gone
   * before they were joined; or, asked for advice, after having talked with the other agent only (`consulted`).
   */
  | {
      readonly kind: 'talkEnded';
      readonly agentId: string;
      /** The queue in which caller and agent met; its wrap-up time is the agent's. */
      readonly queueId: string;
      readonly outcome: TalkOutcome;
    }
  /** Is there such a number? Tell me `checked` with the same `plays`, within a deadline. */
  | { readonly kind: 'check'; readonly checkId: string; readonly value: string; readonly plays: number }
  /** The agent is there: may the customer be dialled, and is it written down? Tell me `dialCleared`. */
  | { readonly kind: 'clearDial' }
  /** How an outbound call came out; once a call. `dialled`: the customer's phone was dialled, or may have been. */
  | { readonly kind: 'dialEnded'; readonly outcome: DialOutcome; readonly dialled: boolean };

export type TalkOutcome = 'talked' | 'dropped' | 'callerLeft' | 'consulted';

/** What a call has to tell the world; `events/catalogue` declares the published form of each. */
export type CallEvent =
  | { readonly type: 'call.arrived.v1' }
  /** An outbound call begins: an agent is looked for. */
  | { readonly type: 'call.placed.v1'; readonly byAgent: boolean }
  /** The agent is on the line, the customer is being dialled. */
  | { readonly type: 'call.dialling.v1'; readonly agentId?: string }
  | { readonly type: 'call.dial.ringing.v1'; readonly agentId?: string }
  | {
      readonly type: 'call.dial.ended.v1';
      readonly agentId?: string;
      readonly outcome: DialOutcome;
      readonly dialled: boolean;
    }
  | { readonly type: 'call.customer.updated.v1'; readonly customer: CustomerResult; readonly late: boolean }
  /** The caller hears the prompt of a menu. */
  | {
      readonly type: 'call.menu.asked.v1';
      readonly menu: string;
      readonly attempt: number;
      readonly reason: AskedReason;
    }
  | {
      readonly type: 'call.menu.left.v1';
      readonly menu: string;
      readonly outcome: MenuOutcome;
      readonly key?: string;
      readonly target: string;
    }
  /** The caller hears the question for digits. */
  | {
      readonly type: 'call.input.asked.v1';
      readonly step: string;
      readonly name: string;
      readonly attempt: number;
      readonly reason: AskedReason;
    }
  | {
      readonly type: 'call.input.left.v1';
      readonly step: string;
      readonly name: string;
      readonly outcome: CollectOutcome;
      readonly attempts: number;
      readonly target: string;
    }
  /** The flow is left before its end. */
  | { readonly type: 'call.flow.cut.v1'; readonly step: string; readonly reason: CutReason; readonly target: string }
  | { readonly type: 'call.queued.v1'; readonly reason: QueuedReason }
  /** The caller hears where he stands. */
  | ({ readonly type: 'call.announced.v1' } & Telling)
  | { readonly type: 'call.callback.offered.v1' }
  | { readonly type: 'call.callback.refused.v1'; readonly reason: CallbackRefusal }
  | {
      readonly type: 'call.offered.v1';
      readonly agentId: string;
      readonly attempt: number;
      readonly expiresAtMs: number;
      readonly mode: 'ring' | 'accept';
      readonly customer: CustomerResult;
      readonly explanation: DecisionExplanation;
      /** The agent who asks this one for advice; absent when the caller is offered. */
      readonly askedBy?: string;
    }
  | { readonly type: 'call.offer.ringing.v1'; readonly agentId: string; readonly attempt: number }
  | {
      readonly type: 'call.offer.ended.v1';
      readonly agentId: string;
      readonly attempt: number;
      readonly outcome: OfferOutcome;
    }
  | {
      readonly type: 'call.answered.v1';
      readonly agentId: string;
      readonly ringMs: number;
      readonly waitedMs: number;
    }
  | { readonly type: 'call.connected.v1'; readonly agentId: string; readonly waitedMs: number }
  | { readonly type: 'call.data.updated.v1' }
  | { readonly type: 'call.disposition.v1'; readonly agentId: string; readonly code: string }
  | { readonly type: 'call.held.v1'; readonly agentId: string }
  | { readonly type: 'call.resumed.v1'; readonly agentId: string }
  | {
      readonly type: 'call.transferred.v1';
      readonly agentId: string;
      readonly target: string;
      readonly attended?: true;
    }
  | ({ readonly type: 'call.consult.started.v1'; readonly agentId: string } & NamedParty)
  | ({ readonly type: 'call.consult.ringing.v1'; readonly agentId: string } & NamedParty)
  | ({ readonly type: 'call.consult.answered.v1'; readonly agentId: string } & NamedParty)
  | ({
      readonly type: 'call.consult.ended.v1';
      readonly agentId?: string;
      readonly outcome: ConsultOutcome;
    } & NamedParty)
  | ({ readonly type: 'call.conference.started.v1'; readonly agentId: string } & NamedParty)
  | ({ readonly type: 'call.recording.started.v1' } & ToldRecording)
  | { readonly type: 'call.recording.paused.v1'; readonly recordingId: string }
  | { readonly type: 'call.recording.resumed.v1'; readonly recordingId: string; readonly pausedMs: number }
  | { readonly type: 'call.recording.pause.overdue.v1'; readonly recordingId: string; readonly pausedMs: number }
  | ({ readonly type: 'call.recording.stopped.v1' } & ToldRecording)
  | ({ readonly type: 'call.recording.failed.v1'; readonly reason: CommandFailure | 'pbx' } & ToldRecording)
  | { readonly type: 'call.voicemail.started.v1'; readonly box: string }
  | {
      readonly type: 'call.voicemail.ended.v1';
      readonly box: string;
      readonly outcome: VoicemailOutcome;
      readonly lengthMs: number;
      readonly recordingId?: string;
    }
  | { readonly type: 'call.muted.v1'; readonly agentId: string }
  | { readonly type: 'call.unmuted.v1'; readonly agentId: string }
  | { readonly type: 'call.keys.sent.v1'; readonly agentId: string; readonly count: number }
  | { readonly type: 'call.overflowed.v1'; readonly target: string; readonly reason: OverflowReason }
  | {
      readonly type: 'call.wrapup.started.v1';
      readonly agentId: string;
      readonly untilMs: number;
      readonly talkMs: number;
    }
  | {
      readonly type: 'call.ended.v1';
      readonly reason: EndReason;
      readonly waitedMs: number;
      readonly talkMs: number;
      readonly holdMs: number;
      readonly attempts: number;
    };

interface ToldRecording {
  readonly recordingId: string;
  readonly byRule: boolean;
  readonly startedAtMs: number;
  readonly format: string;
}

/** Who is asked: `agent:bob` or `number`. */
interface NamedParty {
  readonly party: string;
  readonly partyAgentId?: string;
}

export type QueuedReason = 'arrived' | 'outbound' | 'callback' | 'overflow' | 'transfer' | 'returned' | 'recovered';

/** An event with the call as it was right after it. */
export interface ToldEvent<CallState> {
  readonly call: CallState;
  readonly event: CallEvent;
}
