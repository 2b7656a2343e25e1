import type { AriError } from './errors.ts';
import type { AriEvent } from './generated/models.ts';
import type { AriOperations, OperationName } from './generated/operations.ts';

export type { Application, AriEvent, Bridge, Channel } from './generated/models.ts';
export type { OperationName } from './generated/operations.ts';

/** An event that this version of Ringmaster has no model for; it passes, so that nothing is deaf to a newer PBX. */
export interface UnknownEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

export type AriMessage =
  | { readonly known: true; readonly event: AriEvent }
  | { readonly known: false; readonly event: UnknownEvent };

/** `replaced`: another server took our application name; the link is over for good. */
export type AriLinkState = 'stopped' | 'connecting' | 'up' | 'replaced';

export type AriLinkChange =
  | {
      readonly state: 'up';
      readonly atMs: number;
      /** What carries the requests. */
      readonly transport: string;
      /** Of the PBX, as it writes it. */
      readonly version: string;
      /** When the PBX started, as it writes it: another value than last time means that it lost its calls. */
      readonly startedAt: string;
    }
  | { readonly state: 'down' | 'replaced'; readonly atMs: number; readonly code: string };

export type AriResponse<Body> =
  | { readonly ok: true; readonly status: number; readonly body: Body }
  | { readonly ok: false; readonly error: AriError };

export type AriParams<Name extends OperationName> = AriOperations[Name]['params'];
export type AriBody<Name extends OperationName> = AriOperations[Name]['response'];

export interface AriStats {
  /** Times the event socket was opened. */
  readonly connects: number;
  readonly eventsKnown: number;
  readonly eventsUnknown: number;
  /** Frames dropped because they were garbage, too large, or not of the shape that their type has. */
  readonly framesRefused: number;
  readonly requests: number;
  readonly requestsFailed: number;
  readonly requestsTimedOut: number;
  /** Answers that came after their deadline or to nobody. */
  readonly answersLate: number;
  readonly pending: number;
}

/** One application on one PBX: requests, events and the state of the link. Listeners are set once, before `start`. */
export interface AriLink {
  readonly nodeId: string;
  readonly app: string;
  /** True when requests take effect in the order of the calls without waiting for answers. */
  readonly ordered: boolean;
  state(): AriLinkState;
  stats(): AriStats;
  onEvent(listener: (message: AriMessage) => void): void;
  onLink(listener: (change: AriLinkChange) => void): void;
  /** Begins to connect and keeps trying; returns at once. */
  start(): void;
  /** Ends within the configured closing time; pending requests fail with `ari.not_connected`. */
  stop(): Promise<void>;
  /** Never rejects; answers within `deadlineMs`. */
  request<Name extends OperationName>(
    operation: Name,
    params: AriParams<Name>,
    options: { readonly deadlineMs: number },
  ): Promise<AriResponse<AriBody<Name>>>;
}

/** What a transport gives back: whatever status the PBX answered with its parsed body, or why there is no answer. */
export type RestAnswer =
  | { readonly ok: true; readonly status: number; readonly reason: string; readonly body: unknown }
  | { readonly ok: false; readonly error: AriError };

/** A way to carry requests. Never rejects; answers within the deadline. */
export interface RestTransport {
  readonly name: 'websocket' | 'http' | 'ari-client';
  readonly ordered: boolean;
  readonly pending: number;
  send(operation: OperationName, params: Readonly<Record<string, unknown>>, deadlineMs: number): Promise<RestAnswer>;
  close(): Promise<void>;
}
