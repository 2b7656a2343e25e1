import type { LogEvent } from '../events/index.ts';

/** Who owns the shard, as far as this instance knows. */
export interface Ownership {
  /** Where the owner's API is reached by the other instances. */
  readonly url: string;
  readonly instanceId: string;
  /** The fencing token of this ownership; grows with each. */
  readonly token: number;
}

/** @public */
export interface OwnershipView {
  /** Undefined when nobody is known to own the shard. */
  current(): Ownership | undefined;
}

/** What an owner tells the others of what it has committed. */
export interface EventRelay {
  /** Takes what the log has committed, in order. Returns at once, never throws; what cannot be told is counted. */
  publish(events: readonly LogEvent[]): void;
  stop(): Promise<void>;
}
