import type { CallbackMode } from './wait-care.ts';

/**
 * How an outbound call came out. The customer's side: `answered` (the two talk), `busy` (or declined), `noAnswer`,
 * `failed` (no such number, phone off, trunk down), `unknown` (dialled, and how it ended was not seen). Ours: `noAgent`
 * (nobody took it), `agentLeft` (before the customer answered), `cancelled` (by somebody's wish), `interrupted` (the
 * server stopped or lost sight), `doNotCall` and `outsideHours` (not allowed at this moment), `unavailable` (what must be
 * written down before could not be).
 */
export type DialOutcome =
  | 'answered'
  | 'busy'
  | 'noAnswer'
  | 'failed'
  | 'unknown'
  | 'noAgent'
  | 'agentLeft'
  | 'cancelled'
  | 'interrupted'
  | 'doNotCall'
  | 'outsideHours'
  | 'unavailable';

/** Whether the customer may be dialled now. */
export type DialVerdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly outcome: 'cancelled' | 'doNotCall' | 'outsideHours' | 'unavailable' };

export interface DialCallback {
  readonly mode: CallbackMode;
  /** The age that the place has. */
  readonly queuedAtMs: number;
  /** `customerFirst`: dialled when so short a wait is left. */
  readonly leadMs: number;
}

/** How a customer is reached, made from config and a number that was checked; nothing else gets into a dial string. */
export interface CustomerDial {
  /** `PJSIP/13800000000@trunk`, `Local/13800000000@outward/n`. */
  readonly endpoint: string;
  /** The number that the customer sees; empty for the trunk's own. */
  readonly shownNumber: string;
  readonly ringTimeoutMs: number;
  /** How long an agent is looked for. */
  readonly agentWaitMs: number;
  /** An agent dials for himself: he may be paused, and is rung at once. */
  readonly byAgent: boolean;
  /** Minutes of waiting ahead of other outbound work; calls of customers always go first. */
  readonly priority: number;
  /** SIP headers for the agent's phone, such as one that makes it answer by itself. */
  readonly agentHeaders: Readonly<Record<string, string>>;
  /** Keeps the place in line of a caller who hung up; absent: behind all who wait. */
  readonly callback?: DialCallback;
  /** The job that it is an attempt of. */
  readonly jobId?: string;
  /**
   * `reserved`: an agent is looked for or rung. `clearing`: the agent is there; whether the customer may be dialled is
   * asked and written down, so from here on he may have been dialled. `answered`: the join is under way.
   */
  readonly stage: 'reserved' | 'clearing' | 'dialled' | 'ringing' | 'answered';
}

/** A call that is to go out. */
export interface OutboundOrder {
  readonly callId: string;
  readonly nodeId: string;
  /** Whose agents, ring time, wrap-up and music it has. */
  readonly queueId: string;
  /** The entry in whose name we call, or a name that no entry has. */
  readonly entryId: string;
  /** The only agent who may have it. */
  readonly agentId?: string;
  /** The customer's number as our directory writes it. */
  readonly number: string;
  readonly data: Readonly<Record<string, string>>;
  readonly dial: Omit<CustomerDial, 'stage'>;
}
