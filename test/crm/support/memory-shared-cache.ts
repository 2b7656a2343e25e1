import type { Clock } from '../../../src/kernel/index.ts';
import { ageOf, type CacheEntry, isAsNewAs } from '../../../src/crm/cache/entry.ts';
import type { Claim, SharedCache, SharedMessage } from '../../../src/crm/cache/shared-cache.ts';

interface Stored {
  readonly entry: CacheEntry;
  readonly untilMs: number;
}

/** The shared cache in one process, for as many instances as want one: the fake that the Redis one is held against. */
export class MemoryHub {
  readonly clock: Clock;
  readonly entries = new Map<string, Stored>();
  readonly leases = new Map<string, { token: string; untilMs: number }>();
  readonly fences = new Map<string, { id: string; since: number }>();
  private readonly members = new Set<MemorySharedCache>();
  private ids = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  instance(): MemorySharedCache {
    const member = new MemorySharedCache(this);
    this.members.add(member);
    return member;
  }

  nextId(): string {
    this.ids += 1;
    return `id${this.ids}`;
  }

  tell(message: SharedMessage, except?: MemorySharedCache): void {
    for (const member of this.members) if (member !== except) queueMicrotask(() => member.hear(message));
  }
}

export class MemorySharedCache implements SharedCache {
  private readonly hub: MemoryHub;
  private listener: (message: SharedMessage) => void = () => undefined;
  /** Turned by tests: away, or so slow that its budget passes. */
  isDown = false;

  constructor(hub: MemoryHub) {
    this.hub = hub;
  }

  state(): 'up' | 'down' {
    return this.isDown ? 'down' : 'up';
  }

  hears(): boolean {
    return !this.isDown;
  }

  onMessage(listener: (message: SharedMessage) => void): void {
    this.listener = listener;
  }

  hear(message: SharedMessage): void {
    if (!this.isDown) this.listener(message);
  }

  start(): void {}

  stop(): Promise<void> {
    return Promise.resolve();
  }

  async read(key: string): ReturnType<SharedCache['read']> {
    if (this.isDown) return { kind: 'unavailable' };
    const entry = this.stored(key);
    return entry ? { kind: 'entry', entry } : { kind: 'nothing' };
  }

  async claim(key: string, leaseMs: number): ReturnType<SharedCache['claim']> {
    if (this.isDown) return { kind: 'unavailable' };
    const nowMs = this.hub.clock.nowMs();
    const entry = this.stored(key);
    if (entry && ageOf(entry, nowMs) === 'fresh') return { kind: 'entry', entry };
    const lease = this.hub.leases.get(key);
    if (lease && lease.untilMs > nowMs) return { kind: 'busy', leaseMs: lease.untilMs - nowMs };
    const token = this.hub.nextId();
    this.hub.leases.set(key, { token, untilMs: nowMs + leaseMs });
    return { kind: 'claimed', claim: { token, fence: this.hub.fences.get(key)?.id ?? '' } };
  }

  async settle(key: string, claim: Claim | undefined, entry: CacheEntry, ttlMs: number): Promise<boolean> {
    if (this.isDown) return false;
    const old = this.stored(key);
    const fence = this.hub.fences.get(key);
    const isFenced =
      fence !== undefined && fence.id !== (claim?.fence ?? '') && !((entry.sourceUpdatedAt ?? -1) >= fence.since);
    const isOlder = (old?.sourceUpdatedAt ?? 0) > (entry.sourceUpdatedAt ?? Number.POSITIVE_INFINITY);
    const stored = ttlMs > 0 && !isFenced && !isOlder && !(entry.kind === 'error' && old);
    if (stored) this.hub.entries.set(key, { entry, untilMs: this.hub.clock.nowMs() + ttlMs });
    if (claim && this.hub.leases.get(key)?.token === claim.token) this.hub.leases.delete(key);
    this.hub.tell({ kind: 'settled', key, entry, stored });
    return stored;
  }

  async invalidate(key: string, sourceUpdatedAtMs: number): ReturnType<SharedCache['invalidate']> {
    if (this.isDown) return 'unavailable';
    const old = this.stored(key);
    if (old && isAsNewAs(old, sourceUpdatedAtMs)) return 'current';
    this.hub.entries.delete(key);
    this.hub.fences.set(key, { id: this.hub.nextId(), since: sourceUpdatedAtMs });
    this.hub.tell({ kind: 'invalidated', key, sourceUpdatedAtMs }, this);
    return 'deleted';
  }

  private stored(key: string): CacheEntry | undefined {
    const found = this.hub.entries.get(key);
    return found && found.untilMs > this.hub.clock.nowMs() ? found.entry : undefined;
  }
}
