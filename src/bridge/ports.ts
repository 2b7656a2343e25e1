import type {
  Call,
  CallbackVerdict,
  CheckOutcome,
  CommandResult,
  CustomerResult,
  DeviceFact,
  DeviceState,
  DialOutcome,
  DialVerdict,
  PbxCommand,
  PbxFact,
  PbxSnapshot,
} from '../call/index.ts';
import type { EventType } from '../events/catalogue/index.ts';

/** Whether a link to a neighbour stands. `replaced`: another server took our application name; we step back for good. */
export interface LinkChange {
  readonly nodeId: string;
  readonly link: 'ari' | 'ami';
  readonly state: 'up' | 'down' | 'replaced';
  readonly atMs: number;
  /** An error code when down. */
  readonly code?: string;
}

/** A call that a PBX offers to several servers at once. If we get it, it arrives like any other. */
export interface BroadcastCall {
  readonly nodeId: string;
  readonly dialledNumber: string;
}

/**
 * Call control on one PBX node (ARI). Listeners are set once, before `start`.
 * After each (re)connect the adapter delivers one snapshot and only then the facts that came meanwhile.
 */
export interface PbxPort {
  readonly nodeId: string;
  onFact(listener: (fact: PbxFact) => void): void;
  onSnapshot(listener: (snapshot: PbxSnapshot) => void): void;
  onLink(listener: (change: LinkChange) => void): void;
  /** Asked for each call that the PBX offers to whoever claims it first: whether we want it. */
  onBroadcast(wanted: (call: BroadcastCall) => boolean): void;
  /** Begins to connect and keeps trying; returns at once. */
  start(): void;
  stop(): Promise<void>;
  /** Commands of one call take effect in the order of these calls. Never rejects; bounded by the adapter's deadline. */
  send(callId: string, command: PbxCommand): Promise<CommandResult>;
}

/** State of phones and of the PBX itself on one node (AMI). */
export interface DevicePort {
  readonly nodeId: string;
  /** What was told of a device last; undefined when nothing was since the link came up. */
  stateOf(device: string): DeviceState | undefined;
  onFact(listener: (fact: DeviceFact) => void): void;
  onLink(listener: (change: LinkChange) => void): void;
  start(): void;
  stop(): Promise<void>;
}

export interface LookupRequest {
  readonly callId: string;
  readonly tenant: string;
  readonly callerNumber: string;
  readonly dialledNumber: string;
}

/** Who is calling. */
export interface CustomerLookup {
  /**
   * Never throws. Calls `settle` exactly once, synchronously on a warm in-process cache, at the latest at the lookup
   * deadline (then with `stale`, `pending`, or what the local directory knows), and `late` at most once afterwards,
   * when the CRM's answer came after the deadline or a refresh of stale data brought something new.
   */
  lookup(
    request: LookupRequest,
    settle: (result: CustomerResult) => void,
    late: (result: CustomerResult) => void,
  ): void;
}

/** A number that a caller typed, and who types it. */
export interface CheckRequest {
  readonly checkId: string;
  readonly value: string;
  readonly callId: string;
  readonly callerNumber: string;
  readonly customerId?: string | undefined;
}

/** Who knows whether there is such a number, such as that of an order. */
export interface CheckPort {
  /** Never throws. Calls `settle` once, within a deadline of its own; `unavailable` when nobody could be asked by then. */
  check(request: CheckRequest, settle: (outcome: CheckOutcome) => void): void;
}

/** An outbound call, as far as whoever wanted it must know. */
export interface OutboundCall {
  readonly callId: string;
  /** The customer's number as the directory writes it. */
  readonly number: string;
  /** An agent dials for himself. */
  readonly byAgent: boolean;
  /** The job that it is an attempt of. */
  readonly jobId?: string | undefined;
}

/** A caller who waits would rather be called back; Unix milliseconds. */
export interface CallbackWish {
  /** The call that asks: asked twice it is one callback. */
  readonly callId: string;
  /** As the PBX gave it, or as it was keyed in. */
  readonly number: string;
  readonly queueId: string;
  readonly entryId: string;
  /** The age that the place in line has. */
  readonly queuedAtMs: number;
  /** Minutes that the entry puts the call ahead. */
  readonly priority: number;
  readonly data: Readonly<Record<string, string>>;
}

/** Who says whether customers may be dialled, and wants to know what came of it. */
export interface OutboundPort {
  /**
   * The agent is on the line. Calls `settle` once, within a deadline of its own, when it is written down that the
   * customer is dialled now, or that he may not be.
   */
  clear(call: OutboundCall, settle: (verdict: DialVerdict) => void): void;
  /** Once for each outbound call. `dialled`: the customer's phone was dialled, or may have been. */
  ended(callId: string, outcome: DialOutcome, dialled: boolean): void;
  /** Calls `settle` once, within a deadline of its own, when the callback is written down or cannot be. */
  requestCallback(wish: CallbackWish, settle: (verdict: CallbackVerdict) => void): void;
  cancelCallback(callbackId: string): void;
}

/** An event before it has its place in the stream. `data` must fit the catalogue's schema of its type. */
export interface NewEvent {
  readonly type: EventType;
  /** `call/<id>`, `agent/<id>`, `queue/<id>`, `node/<id>`. */
  readonly subject: string;
  readonly atMs: number;
  /** Contiguous per call, from 1. */
  readonly callSequence?: number;
  readonly data: object;
  /** True when inferred after a gap instead of seen. */
  readonly reconciled?: boolean;
}

/** The state that goes with the events, in one transaction. `state: null` deletes. `state` is plain JSON data. */
export interface StateWrite {
  readonly kind: 'call' | 'agent' | 'lastAgent' | 'redial' | 'rules' | 'ticket' | 'job' | 'recording' | 'mirrored';
  readonly id: string;
  readonly state: object | null;
}

/** What an ended call leaves behind, to be written in the transaction of its end. */
export interface CallRemains {
  readonly ticketIds: readonly string[];
  readonly events: readonly NewEvent[];
  readonly states: readonly StateWrite[];
}

/** Looks at each call that ends, in the turn in which its end is written; undefined when it leaves nothing. */
export type AfterCall = (call: Call, atMs: number) => CallRemains | undefined;

/** The event log. Events reach subscribers only after they are in the log together with their state. */
export interface Journal {
  /**
   * Takes a batch into the bounded write buffer, in order, without waiting. False when the buffer is full (the store
   * is away for too long): the batch is then lost, counted, and the gap is announced to subscribers.
   */
  write(events: readonly NewEvent[], states: readonly StateWrite[]): boolean;
  /** All states as last committed, for a start after a stop or a crash. */
  load(): Promise<readonly StateWrite[]>;
  /** Ids of the calls that ended in the newest part of the log, which was written before us. */
  endedLately(): Promise<readonly string[]>;
}
