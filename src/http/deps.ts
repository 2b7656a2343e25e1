import type { Server } from 'node:http';
import type { Readable } from 'node:stream';
import type { Advice, AdviceQuestion, FrontDoor, MadeUpCall } from '../bridge/index.ts';
import type { OutboundFront } from '../campaigns/index.ts';
import type { CustomerCardData, RecordingViewData } from '../events/catalogue/index.ts';
import type { EventStore, TakenSnapshot } from '../events/index.ts';
import type { Clock, Logger } from '../kernel/index.ts';
import type { Metrics, ReadinessReport } from '../observability/index.ts';
import type { Audit, Authenticator, Identity, NewTicket, SignInDesk } from '../security/index.ts';
import type { RateRules } from './rate-limit.ts';
import type { ExplainedView, ReloadedView, RuleVersionView } from './rule-schemas.ts';
import type { TicketDoor } from './ticket-door.ts';

/** The limits of the HTTP server; the `server` section of the config fits. */
export interface HttpSettings {
  readonly host: string;
  readonly port: number;
  /** PEM files. */
  readonly tls?: { readonly cert: string; readonly key: string; readonly minVersion: 'TLSv1.2' | 'TLSv1.3' };
  readonly trustedOrigins: readonly string[];
  /** Origins of pages that may show ours in a frame. */
  readonly frameAncestors: readonly string[];
  readonly requestTimeoutMs: number;
  readonly connectionsMax: number;
  readonly rates: RateRules;
  /** Proxies whose X-Forwarded-For is believed, as addresses or CIDR. */
  readonly trustedProxies: readonly string[];
  readonly metricsOpen: boolean;
}

/** Who has a number. */
export interface CustomerDesk {
  /** Answers within the deadline that a caller waits. */
  find(number: string): Promise<CustomerCardData>;
  /** The CRM changed a customer with this number, now or at `updatedAtMs` (Unix). See `ManagedLookup.invalidate`. */
  changed(number: string, updatedAtMs?: number): Promise<'refreshing' | 'current' | 'ignored'>;
}

/** Where a call should go that the dialplan keeps; answers within its own deadline. */
export interface AdviceDoor {
  ask(question: AdviceQuestion): Promise<Advice>;
}

/** Rules of routing. `by` is who asks, for the audit log. Methods throw an AppError with the reason. */
export interface RulesDoor {
  explain(asked: { readonly callId: string } | MadeUpCall): ExplainedView;
  /** The oldest first. */
  versions(): readonly RuleVersionView[];
  reload(by: string, rollout?: string): ReloadedView;
  /** Undefined when none are tried. */
  promote(by: string): RuleVersionView | undefined;
  /** Undefined when there are none before. */
  rollBack(by: string): RuleVersionView | undefined;
}

/** Where people sign in. */
export interface SignInParts {
  readonly desk: SignInDesk;
  readonly tickets: { issue(identity: Identity): NewTicket | Promise<NewTicket> };
}

/** Calling out; see `OutboundFront`. */
export type OutboundApi = Pick<OutboundFront, keyof OutboundFront>;

/** Durable consumers of events; see `EventStore`. */
export type ConsumerDoor = Pick<EventStore, 'consumers' | 'removeConsumer'>;

/** What was recorded. Methods throw an AppError with the reason. */
export interface RecordingDoor {
  get(id: string): Promise<RecordingViewData>;
  list(filter: {
    readonly callId?: string;
    readonly beforeMs?: number;
    readonly limit: number;
  }): Promise<readonly RecordingViewData[]>;
  /** The file as a stream; whoever opens it reads or destroys it. `signal` ends the reading. */
  open(
    id: string,
    signal: AbortSignal,
  ): Promise<{ readonly body: Readable; readonly bytes?: number; readonly record: RecordingViewData }>;
}

/** The live state with its place in the event stream. */
export interface StateDoor {
  readonly epoch: string;
  /** When the log holds all that it shows; rejects with `events.store_away` when it does not come so far. */
  take(): TakenSnapshot | Promise<TakenSnapshot>;
}

export interface HttpDeps {
  readonly settings: HttpSettings;
  readonly frontDoor: FrontDoor;
  readonly state: StateDoor;
  readonly customers: CustomerDesk;
  readonly recordings: RecordingDoor;
  readonly consumers: ConsumerDoor;
  readonly advice: AdviceDoor;
  readonly rules: RulesDoor;
  /** Absent where nothing is configured to go out by. */
  readonly outbound?: OutboundApi | undefined;
  readonly authenticator: Pick<Authenticator, 'check'>;
  readonly signIn: SignInParts;
  readonly audit: Audit;
  /** A token that stands for a number, for readers who see it masked. */
  readonly sealPhone: (number: string) => string;
  /** Absent where no ticket desk is configured. */
  readonly tickets?: TicketDoor | undefined;
  readonly readiness: { report(): ReadinessReport };
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Makes the AsyncAPI document of the event stream, when somebody asks for it. */
  readonly asyncApi: () => object;
  /** Version of this server, for the OpenAPI document. */
  readonly version: string;
  /** Where `npm run build` leaves the live page. */
  readonly pageFolder: string;
  /** While true nothing is done any more for whoever asks: another instance takes over. */
  readonly isLeaving?: (() => boolean) | undefined;
  /** Takes over `upgrade` requests, i.e. the WebSocket. */
  readonly attachUpgrade?: (server: Server) => void;
}
