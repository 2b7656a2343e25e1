import type { AgentViewData, CallViewData, CustomerCardData, QueueViewData } from '../events/catalogue/index.ts';
import type { ConsultAction, RecordingAction, Target } from '../call/index.ts';

/**
 * The outcome of a command from the API. `done`: taken; its effect shows as events. Otherwise an error code:
 * what is asked does not fit the state (`conflict`), does not exist (`unknown`), or cannot be done now (`unavailable`).
 */
export type CommandOutcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly kind: 'conflict' | 'unknown' | 'unavailable'; readonly code: CommandErrorCode };

export type CommandErrorCode =
  | 'call.unknown'
  | 'call.wrong_phase'
  | 'call.not_yours'
  | 'call.target_unknown'
  | 'call.held_by_phone'
  | 'call.consulting'
  | 'call.no_consult'
  | 'call.consult_unanswered'
  | 'call.nobody_free'
  | 'call.recording_state'
  | 'call.recording_forbidden'
  | 'call.routed_elsewhere'
  | 'agent.unknown'
  | 'agent.signed_out'
  | 'agent.not_free'
  | 'agent.no_offer'
  | 'agent.no_wrap_up'
  | 'agent.wrap_up_fixed'
  | 'agent.reason_needed'
  | 'agent.reason_unknown'
  | 'agent.device_unknown'
  | 'agent.skill_unknown'
  | 'agent.disposition_needed'
  | 'call.disposition_unknown'
  | 'pbx.link_down'
  | 'server.draining';

/** A call with the card that goes with it. */
export interface CallDetail {
  readonly call: CallViewData;
  readonly customer?: CustomerCardData;
}

/** Everything alive at one moment, for a subscriber who begins or could not be resumed. */
export interface Snapshot {
  readonly calls: readonly CallDetail[];
  readonly agents: readonly AgentViewData[];
  readonly queues: readonly QueueViewData[];
}

/** Calls and queues that the PBX routes by itself: shown beside ours, and not ours to control. */
export interface Beside {
  calls(): readonly CallDetail[];
  call(callId: string): CallDetail | undefined;
  queues(): readonly QueueViewData[];
}

/** Control of a conversation beyond hold and blind transfer; `by` as in the front door. */
export interface CallControl {
  /** Asks an agent, whoever of a queue is free, or a number outside, while the caller hears music. */
  consult(callId: string, target: Target, by?: string): CommandOutcome;
  consultAction(callId: string, action: ConsultAction, by?: string): CommandOutcome;
  mute(callId: string, muted: boolean, by?: string): CommandOutcome;
  /** What the rule asked for can be paused by the agent, and stopped only by others. */
  record(callId: string, action: RecordingAction, by?: string): CommandOutcome;
  /** Keypad tones towards the caller; `digits` must have been checked. */
  sendKeys(callId: string, digits: string, by?: string): CommandOutcome;
}

/** Something to choose, with its words for pages. */
export interface Choice {
  readonly id: string;
  readonly zh?: string;
  readonly en?: string;
}

/** What the config lets agents say of themselves and their calls. */
export interface AgentChoices {
  /** `required`: a pause needs a reason. Any reason goes when none is configured. */
  readonly pauses: {
    readonly required: boolean;
    readonly reasons: readonly (Choice & { readonly productive: boolean })[];
  };
  /** `required`: agents may end a wrap-up only when the call has one. */
  readonly dispositions: { readonly required: boolean; readonly codes: readonly Choice[] };
}

/** What is changed about an agent beside the presence. `by` names who asks, when that is not the agent. */
export interface AgentControl {
  /** Where the queue allows it, up to its limit. */
  extendWrapUp(agentId: string, byMs: number): CommandOutcome;
  /** The phone to ring from the next offer on; undefined: the first that can be reached. */
  chooseDevice(agentId: string, deviceId: string | undefined): CommandOutcome;
  /** Instead of the configured ones, for waiting calls too; undefined: the configured ones again. */
  giveSkills(agentId: string, skills: Readonly<Record<string, number>> | undefined, by?: string): CommandOutcome;
  choices(): AgentChoices;
}

/**
 * What agents and integrations may ask of the switchboard. Synchronous: a command is checked against the state
 * at once and takes effect in order; what comes of it is told by events. `by` is the agent who asks, undefined for
 * an integration that may control any call.
 */
export interface FrontDoor {
  readonly control: CallControl;
  readonly agents: AgentControl;
  /** Here `by` is who asks in place of the agent: the id of a person or key. */
  signIn(agentId: string, by?: string): CommandOutcome;
  signOut(agentId: string, by?: string): CommandOutcome;
  setAvailable(agentId: string, by?: string): CommandOutcome;
  /** `reason`: one of the configured ones, where there are any. */
  pause(agentId: string, reason: string | undefined, by?: string): CommandOutcome;
  endWrapUp(agentId: string, by?: string): CommandOutcome;
  accept(callId: string, agentId: string): CommandOutcome;
  reject(callId: string, agentId: string): CommandOutcome;
  hold(callId: string, by?: string): CommandOutcome;
  resume(callId: string, by?: string): CommandOutcome;
  transfer(callId: string, target: Target, by?: string): CommandOutcome;
  hangUp(callId: string, by?: string): CommandOutcome;
  attachData(callId: string, data: Readonly<Record<string, string>>, by?: string): CommandOutcome;
  /** What came of the call, by a code of the config. */
  dispose(callId: string, code: string, by?: string): CommandOutcome;
  call(callId: string): CallDetail | undefined;
  agent(agentId: string): AgentViewData | undefined;
  queue(queueId: string): QueueViewData | undefined;
  snapshot(): Snapshot;
}
