import type { StateWrite } from '../bridge/ports.ts';

/** One event as it lies in the log. `body` is the whole CloudEvent as JSON text, numbers unmasked. */
export interface StoredEvent {
  /** Contiguous within the log, from 1. */
  readonly sequence: number;
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly atMs: number;
  readonly callSequence?: number;
  readonly body: string;
}

/** A state with the sequence of the newest event that it takes account of. */
export interface VersionedState extends StateWrite {
  readonly version: number;
}

export interface CommitBatch {
  readonly events: readonly StoredEvent[];
  /** At most one entry per (kind, id). */
  readonly states: readonly VersionedState[];
}

export interface LogPosition {
  /** Names this log; another value means that sequences cannot be compared. */
  readonly epoch: string;
  /** 0 when the log has never held an event. */
  readonly lastSequence: number;
  /** The sequence of the newest `stream.gap.v1` of another reason than `uncleanStop`, 0 when there is none. */
  readonly lastGap: number;
  /** True when the writer before us did not close the log: events that it had not yet committed are gone. */
  readonly unclean: boolean;
}

/** A durable consumer as the store keeps it: everything up to the sequence is done, as was written at `atMs`. */
export interface KeptConsumer {
  readonly id: string;
  readonly sequence: number;
  readonly atMs: number;
}

/** What a reader beside the writer asks of the log. Both reject with `storage.unavailable`. */
export interface FollowedStore extends Pick<EventStore, 'read'> {
  /** Where the log ends, leaving it alone; undefined before its first writer. */
  position(): Promise<LogPosition | undefined>;
}

/**
 * Where events and states are kept. One writer; a second one is refused by its sequence numbers (`storage.conflict`).
 * Every method rejects with an AppError: `storage.unavailable` when the store is away or full.
 */
export interface EventStore {
  /** Brings the schema up to date, marks the log as being written, and tells where it ends. */
  open(): Promise<LogPosition>;
  /** Writes events and states in one transaction. The same batch may be given again after a failure. */
  commit(batch: CommitBatch): Promise<void>;
  /** Events after the given sequence, in order, at most `limit`. */
  read(afterSequence: number, limit: number): Promise<readonly StoredEvent[]>;
  states(): Promise<readonly VersionedState[]>;
  /** Subjects of the events of a type after the given sequence, in order. */
  subjects(type: string, afterSequence: number): Promise<readonly string[]>;
  /** The durable consumer's cursor: the sequence up to which it has acknowledged. */
  loadCursor(consumerId: string): Promise<number | undefined>;
  /** Never moves a cursor back. */
  saveCursor(consumerId: string, sequence: number, atMs: number): Promise<void>;
  /** Durable consumers, those whose cursor has not moved for longest first; at most `limit`. */
  consumers(limit: number): Promise<readonly KeptConsumer[]>;
  /** Forgets a durable consumer. False when there is none. */
  removeConsumer(consumerId: string): Promise<boolean>;
  /** Removes the oldest events from before `beforeMs`, at most `limit`, never leaving a hole. Tells how many. */
  prune(beforeMs: number, limit: number): Promise<number>;
  /** Lets go of the store. `clean` marks the log as complete; else the next `open` says `unclean`. */
  close(ending: { readonly clean: boolean }): Promise<void>;
}
