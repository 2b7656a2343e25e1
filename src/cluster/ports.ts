import type { LogEvent } from '../events/index.ts';

/** Who owns the shard, as far as this instance knows. */
export interface Ownership {
  /** Where the owner's API is reached by the other instances. */
  readonly url: string;
  readonly instanceId: string;
}

export interface OwnershipView {
  /** Undefined when nobody is known to own the shard. */
  current(): Ownership | undefined;
}

/** What an owner tells the others of what it has committed. */
export interface EventRelay {
  /** Takes what the log has committed, in order. Returns at once, never throws; what cannot be told is counted. */
  publish(events: readonly LogEvent[]): void;
  stop(): void;
}

/** Who took a shard last, as PostgreSQL has it. */
export interface ShardOwner {
  /** Grows with each owner. */
  readonly token: number;
  /** Names one term of one instance, so that a taker whose answer got lost finds out whether it was he. */
  readonly term: string;
  readonly instanceId: string;
  readonly url: string;
}

/** The fencing tokens. Methods reject with `storage.unavailable` when the store is away. */
export interface ShardStore {
  /** Undefined when nobody has ever owned the shard. */
  owner(shard: string): Promise<ShardOwner | undefined>;
  /** Takes the next token when `expected` is still the newest (0: there is none); undefined when somebody was first. */
  take(shard: string, expected: number, owner: Omit<ShardOwner, 'token'>, atMs: number): Promise<number | undefined>;
}

/** What the lease says of its holder. */
export interface LeaseHolder {
  readonly term: string;
  readonly instanceId: string;
  readonly url: string;
  /** 0 until the token is taken and the server serves. */
  readonly token: number;
}

export type LeaseLook = { readonly kind: 'held'; readonly holder: LeaseHolder } | { readonly kind: 'free' };

/** `kept`: it was ours without a break. `taken`: it was free, so somebody else may have had it meanwhile. */
export type LeaseClaim =
  | { readonly kind: 'kept' | 'taken'; readonly standbys: number }
  | { readonly kind: 'held'; readonly holder: LeaseHolder };

/** The lease of one shard in Redis or Valkey. Methods reject when there is no answer by the deadline. */
export interface Lease {
  /** Who holds it; says too whether we stand by, ready to take it. */
  look(standsBy: boolean): Promise<LeaseLook>;
  /** Takes it when it is free, renews it when it is of this term. */
  claim(holder: LeaseHolder): Promise<LeaseClaim>;
  /** Gives it back when it is of this term, and tells those who stand by. */
  release(term: string): Promise<void>;
  /** Told of a release by somebody. */
  onReleased(listener: () => void): void;
  stop(): void;
}
