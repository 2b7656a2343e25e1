import type { Clock, Logger } from '../../kernel/index.ts';
import type { Identity, Seal } from '../../security/index.ts';
import type { CommittedLog } from '../committed-log.ts';
import type { EventStream } from '../stream.ts';
import type { Consumers } from './consumers.ts';
import type { Cursors } from './cursors.ts';
import type { EventFrames } from './frames.ts';
import type { SnapshotSource } from './snapshots.ts';
import type { Subscription } from './subscription.ts';

export interface SocketLimits {
  readonly connectionsMax: number;
  readonly subscriptionsMax: number;
  /** The largest frame that a client may send. */
  readonly frameBytesMax: number;
  readonly framesPerSecondMax: number;
  /** Bad frames until the connection is closed. */
  readonly badFramesMax: number;
  readonly authTimeoutMs: number;
  /** A connection that gives no sign of life for two of these is taken for dead. */
  readonly pingEveryMs: number;
  /** What may wait for a slow reader beyond what its socket holds. */
  readonly queueMessagesMax: number;
  readonly queueBytesMax: number;
  /** Events given to a durable consumer ahead of its acks. */
  readonly ackWindow: number;
  /** A reader further behind than this gets a snapshot instead of a replay; durable consumers always get everything. */
  readonly replayMax: number;
  /** How long a snapshot waits for the store to have what it shows. */
  readonly snapshotHoldMs: number;
}

export const socketLimitDefaults: SocketLimits = {
  connectionsMax: 5000,
  subscriptionsMax: 16,
  frameBytesMax: 16_384,
  framesPerSecondMax: 200,
  badFramesMax: 10,
  authTimeoutMs: 5000,
  pingEveryMs: 20_000,
  queueMessagesMax: 256,
  queueBytesMax: 1_048_576,
  ackWindow: 256,
  replayMax: 20_000,
  snapshotHoldMs: 10_000,
};

/** What happened on all connections since the start. */
export interface SocketCounts {
  connections: number;
  deliveries: number;
  snapshots: number;
  acks: number;
  badFrames: number;
  refused: number;
  /** Turned away at the door, because so many read already. */
  tooMany: number;
  slowReaders: number;
  halfOpen: number;
  coalesced: number;
}

/** Turns a token into who holds it; undefined when it is not valid. */
export type Authenticate = (token: string) => Identity | undefined | Promise<Identity | undefined>;

/** What all sessions of a server share. */
export interface SessionContext {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly log: CommittedLog;
  readonly stream: EventStream;
  readonly snapshots: SnapshotSource;
  readonly cursors: Cursors;
  readonly consumers: Consumers;
  readonly frames: EventFrames;
  /** Subscriptions whose snapshot waits for the store. */
  readonly held: Set<Subscription>;
  /** Subscriptions that pull for ever; told after each batch that there is more. */
  readonly durable: Set<Subscription>;
  readonly limits: SocketLimits;
  readonly counts: SocketCounts;
  readonly authenticate: Authenticate;
  /** Tells when a session ends before its token does; gives the way to stop that. */
  readonly watch?: (sessionId: string, tell: () => void) => () => void;
  /** The queues that an agent serves. */
  readonly queuesOf: (agentId: string) => readonly string[];
  readonly seal?: Seal;
}

/** What a session needs of its connection. */
export interface SessionLink {
  readonly idle: boolean;
  sendText(text: string): void;
  sendFrame(frame: Buffer, coalesceKey: string | undefined): void;
  close(code: number, reason: string): void;
}
