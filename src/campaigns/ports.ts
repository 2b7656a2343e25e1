import type { DialVerdict, OutboundOrder } from '../call/index.ts';
import type { EventData, EventType } from '../events/catalogue/index.ts';
import type { Job } from './job.ts';
import type { DialNumber } from './routes.ts';

export type { Job } from './job.ts';
export { callbackTarget, targetOf } from './job.ts';

/** The switchboard, as those who call out need it. */
export interface OutboundBoard {
  /** False when there is no room for it, or the server is shutting down. */
  place(order: OutboundOrder): boolean;
  cancel(callId: string, atMs: number): void;
  /** Undefined when there is no such call any more. */
  stageOf(callId: string): 'reserving' | 'ringing' | 'dialling' | 'reached' | undefined;
  /** Whether the node is in reach and the states of its phones are known. */
  mayDialOn(nodeId: string): boolean;
  hasQueue(queueId: string): boolean;
  /** When a queue is open, by the rules in force; undefined for always. */
  queueHours(queueId: string): Hours | undefined;
  idleAgents(queueId: string, nowMs: number): number;
  /** `busy` says why the agent cannot dial out himself now; `idle` whether routing could give him a call. */
  agent(agentId: string, nowMs: number): OutboundAgent | undefined;
}

export interface OutboundAgent {
  readonly nodeId?: string;
  readonly queues: readonly string[];
  readonly busy?: string;
  readonly idle: boolean;
}

/** A call that the switchboard asks about before its customer is dialled. */
export interface AskedCall {
  readonly callId: string;
  readonly number: string;
  readonly byAgent: boolean;
  readonly jobId?: string | undefined;
}

export type Settle = (verdict: DialVerdict) => void;

export interface JobFilter {
  readonly status?: Job['status'];
  readonly queueId?: string;
  /** Only callbacks. */
  readonly callbacks?: true;
  /** Only jobs made before this one, for the next page. */
  readonly before?: { readonly createdAtMs: number; readonly id: string };
  readonly limit: number;
}

/** Jobs as last committed. Rejects with `storage.unavailable` when the store is away. */
export interface JobStore {
  get(id: string): Promise<Job | undefined>;
  byKey(idempotencyKey: string): Promise<Job | undefined>;
  /** Newest first. */
  list(filter: JobFilter): Promise<readonly Job[]>;
  active(): Promise<readonly Job[]>;
  /** Where jobs are due, as `targetOf` names it. */
  dueTargets(nowMs: number): Promise<readonly string[]>;
  /** Due jobs of a target, by priority, then by age. */
  dueOf(target: string, nowMs: number, limit: number): Promise<readonly Job[]>;
  nextDueMs(): Promise<number | undefined>;
  /** Removes jobs that finished before. Tells how many. */
  prune(beforeMs: number, limit: number): Promise<number>;
}

export interface DoNotCallEntry {
  /** As the directory writes it. */
  readonly number: string;
  readonly reason: string;
  readonly addedAtMs: number;
}

/** Numbers that must not be called. Rejects with `storage.unavailable` when the store is away. */
export interface DoNotCallStore {
  has(number: string): Promise<boolean>;
  add(entry: DoNotCallEntry): Promise<void>;
  /** False when it was not there. */
  remove(number: string): Promise<boolean>;
  /** By number, after the given one. */
  list(after: string, limit: number): Promise<readonly DoNotCallEntry[]>;
}

type JobEventType = Extract<EventType, `outbound.${string}` | `callback.${string}`>;
/** What is told of a job. */
export type JobEvent = {
  readonly [T in JobEventType]: { readonly type: T; readonly data: EventData<T> };
}[JobEventType];

/** Writes a job with what is told of it, in one transaction. */
export interface JobLog {
  /** Resolves true when it is in the store, false when that is not so by the deadline; it may still be later. */
  save(job: Job, events: readonly JobEvent[], deadlineMs: number): Promise<boolean>;
}

/** What a text says that somebody wants dialled; undefined when it is no number, or has anything else in it. */
export type NumberReader = (text: string) => DialNumber | undefined;

/** When customers of a region may be called. */
export interface Hours {
  isOpen(atMs: number): boolean;
  /** When that changes next, Unix milliseconds; undefined when never. */
  nextChangeMs(atMs: number): number | undefined;
}
