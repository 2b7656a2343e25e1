/** One message of the manager interface as received. Header names are matched without regard to case. */
export interface AmiMessage {
  readonly kind: 'event' | 'response';
  /** The event's name (`DeviceStateChange`) or the response's word (`Success`, `Error`, `Goodbye`). */
  readonly name: string;
  /** The first value under this header. */
  get(header: string): string | undefined;
  /** All values under this header in order (`Variable`, `ChanVariable`, `Output`). */
  getAll(header: string): readonly string[];
  /** All headers in order, as spelt by the PBX (a driver may lower the case of names). */
  entries(): readonly (readonly [name: string, value: string])[];
}

/** Fields of an action; an array becomes a repeated header. */
export type AmiFields = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** `refused` is Asterisk's own `Response: Error`, an expected outcome; everything else that fails rejects with an AppError. */
export type AmiResult =
  | { readonly kind: 'success'; readonly response: AmiMessage }
  | { readonly kind: 'refused'; readonly reason: string; readonly response: AmiMessage };

export type AmiListResult =
  | { readonly kind: 'complete'; readonly events: readonly AmiMessage[]; readonly response: AmiMessage }
  | { readonly kind: 'refused'; readonly reason: string; readonly response: AmiMessage };

export interface AmiRequestOptions {
  /** Defaults to the link's `actionTimeoutMs` or `listTimeoutMs`. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
}

export type AmiLinkState = 'stopped' | 'connecting' | 'loggingIn' | 'booting' | 'up' | 'waiting';

/**
 * `down` is told when the link breaks, and when it cannot be had for a reason that was not told before.
 * `bootConfirmed` is false when no FullyBooted came in time: the user lacks `read=system`, or the PBX
 * still boots.
 */
export type AmiLinkChange =
  | { readonly kind: 'up'; readonly bootConfirmed: boolean }
  | { readonly kind: 'down'; readonly reason: string };

/** Counters since creation; gauges are marked. */
export interface AmiStats {
  messages: number;
  events: number;
  bytes: number;
  /** Messages over a limit or of unknown kind: skipped up to the next blank line. */
  refusedMessages: number;
  /** The same by error code, such as `ami.line_too_long`. */
  refusedByCode: Record<string, number>;
  connects: number;
  /** Connections lost or failed, each followed by another try. */
  reconnects: number;
  loginsRefused: number;
  actions: number;
  actionTimeouts: number;
  /** Responses that nobody waited for any more. */
  lateResponses: number;
  pingTimeouts: number;
  handlerErrors: number;
  /** Gauge: actions that wait for their answer now. */
  pendingActions: number;
}

export type Unsubscribe = () => void;

/** The link to one Asterisk's manager interface: keeps itself connected, never queues what it cannot send. */
export interface AmiLink {
  readonly nodeId: string;
  readonly state: AmiLinkState;
  /** Begins to connect, and goes on trying until `stop`. */
  start(): void;
  /** Says goodbye, closes, rejects what waits with `ami.stopped`. Bounded by `logoffTimeoutMs`. */
  stop(): Promise<void>;
  /** Rejects with `ami.link_down` unless up, `ami.action_timeout` at the deadline, `ami.link_lost` when the connection dies. */
  action(name: string, fields?: AmiFields, options?: AmiRequestOptions): Promise<AmiResult>;
  /** Like `action`, gathers the events of the answer until `EventList: Complete`. */
  list(name: string, fields?: AmiFields, options?: AmiRequestOptions): Promise<AmiListResult>;
  /** Events in the order of the wire, from `up` on; those of a list go to its caller only. */
  onEvent(handler: (event: AmiMessage) => void): Unsubscribe;
  /** `up` after login and FullyBooted: the moment to read the PBX's state anew. */
  onLink(handler: (change: AmiLinkChange) => void): Unsubscribe;
  stats(): Readonly<AmiStats>;
}
