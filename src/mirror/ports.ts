import type { Membership, Pause, QueueFact, QueueSnapshot } from './core/index.ts';

export type * from './core/facts.ts';
export type { Membership, Pause } from './core/pauses.ts';

/** What an order to the PBX came to; `lost`: nobody answered, it may have been done. */
export type PauseResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: string; readonly lost: boolean };

/** Who is told of what app_queue does. */
export interface QueueListener {
  fact(fact: QueueFact): void;
  /** The state is read from now on; until `snapshot` facts are newer than what will be found. */
  reading(nodeId: string): void;
  snapshot(snapshot: QueueSnapshot): void;
  lost(nodeId: string): void;
}

/** Readings since the start, and the time of the last that succeeded, Unix milliseconds. */
export interface QueuePortFigures {
  readonly readings: number;
  readonly failed: number;
  readonly readAtMs: number | undefined;
}

/** app_queue of one node. It tells facts while its link stands, and everything after each start of the link. */
export interface QueuePort {
  readonly nodeId: string;
  /** Begins to tell; once. */
  listen(listener: QueueListener): void;
  stop(): void;
  /** Everything once more, soon; requests that come together are one. Nothing where the link is down. */
  reread(): void;
  figures(): QueuePortFigures;
  /** Pauses a member in one queue, or lets it go on. Never rejects; bounded by the link's deadline. */
  pause(membership: Membership, pause: Pause): Promise<PauseResult>;
}
