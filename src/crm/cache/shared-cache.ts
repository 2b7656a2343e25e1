import type { CacheEntry } from './entry.ts';

/** The right to fetch one key, held by one instance at a time. `fence` is the last invalidation seen when it began. */
export interface Claim {
  readonly token: string;
  readonly fence: string;
}

export type ReadOutcome =
  | { readonly kind: 'entry'; readonly entry: CacheEntry }
  | { readonly kind: 'nothing' }
  /** Down or slower than its budget. */
  | { readonly kind: 'unavailable' };

export type ClaimOutcome =
  | { readonly kind: 'claimed'; readonly claim: Claim }
  /** Somebody stored a fresh entry meanwhile; nothing is claimed. */
  | { readonly kind: 'entry'; readonly entry: CacheEntry }
  /** Another instance fetches; its lease ends after `leaseMs` at the latest. */
  | { readonly kind: 'busy'; readonly leaseMs: number }
  | { readonly kind: 'unavailable' };

export type SharedMessage =
  /** Some instance's fetch settled; `stored` is false when the entry answers those who wait but must not be kept. */
  | { readonly kind: 'settled'; readonly key: string; readonly entry: CacheEntry; readonly stored: boolean }
  /** The CRM announced a change; entries older than this are void. */
  | { readonly kind: 'invalidated'; readonly key: string; readonly sourceUpdatedAtMs: number }
  /** Messages may have been missed, so that nothing kept in process can be trusted. */
  | { readonly kind: 'gap' };

/**
 * The cache that instances share. No method rejects; each answers within the adapter's budget.
 * Keys are opaque and carry no personal data.
 */
export interface SharedCache {
  state(): 'up' | 'down' | 'off';
  /** Messages of the other instances; those of our own fetches may come too. Set once, before `start`. */
  onMessage(listener: (message: SharedMessage) => void): void;
  start(): void;
  stop(): Promise<void>;
  read(key: string): Promise<ReadOutcome>;
  /** Takes the lease unless there is a fresh entry or another holder. */
  claim(key: string, leaseMs: number): Promise<ClaimOutcome>;
  /**
   * Stores the entry for `ttlMs`, tells all instances and gives the lease back. False when it was not stored: older
   * than what is there, older than an invalidation that came after the claim, an error where anything is, `ttlMs` 0.
   */
  settle(key: string, claim: Claim | undefined, entry: CacheEntry, ttlMs: number): Promise<boolean>;
  /** Deletes the entry and tells all instances, unless the entry is already as new. */
  invalidate(key: string, sourceUpdatedAtMs: number): Promise<'deleted' | 'current' | 'unavailable'>;
  /** Whether a waiter will hear of a settled fetch without asking. */
  hears(): boolean;
}
