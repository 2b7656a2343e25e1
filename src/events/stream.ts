import type { CommittedLog } from './committed-log.ts';
import { LogEvent } from './event.ts';
import { type EventFilter, matches } from './filter.ts';
import type { EventStore } from './ports.ts';
import { RecentEvents } from './recent.ts';

/** Someone who gets every matching event from the moment of subscribing on, in order, as soon as it is committed. */
export interface Subscriber {
  readonly filter: EventFilter;
  /** Called in the publisher's turn: must be quick and must not throw. */
  deliver(event: LogEvent): void;
}

export interface StreamOptions {
  /** Events kept in memory for readers who come back; about five kilobytes each. */
  readonly recentMax: number;
}

/**
 * Fans committed events out inside the process and lets readers catch up. `position` moves, the recent events grow and
 * subscribers are told in one turn, so a reader that has caught up and subscribes in the same turn misses nothing.
 */
export class EventStream {
  private readonly store: Pick<EventStore, 'read'>;
  private readonly recent: RecentEvents;
  private readonly general = new Set<Subscriber>();
  /** Desks are many and each wants one agent's events: found by key instead of asking every one. */
  private readonly byAgent = new Map<string, Set<Subscriber>>();
  private readonly beforeBatch: ((last: number) => void)[] = [];
  private readonly afterBatch: (() => void)[] = [];
  private publishedTo: number;

  constructor(log: CommittedLog, store: Pick<EventStore, 'read'>, options: StreamOptions = { recentMax: 2048 }) {
    this.store = store;
    this.recent = new RecentEvents(options.recentMax);
    this.publishedTo = log.lastCommitted;
    log.onCommitted((events) => this.publish(events));
  }

  /** The sequence of the newest event that subscribers have been given. */
  get position(): number {
    return this.publishedTo;
  }

  get subscribers(): number {
    let count = this.general.size;
    for (const group of this.byAgent.values()) count += group.size;
    return count;
  }

  /** Live only, from `position + 1` on. Gives the way to end it. */
  subscribe(subscriber: Subscriber): () => void {
    const group = this.groupOf(subscriber);
    group.add(subscriber);
    return () => {
      group.delete(subscriber);
      if (group.size === 0) this.dropGroup(subscriber, group);
    };
  }

  /**
   * Committed events after a sequence, at most `limit`, without holes; at once when they are still in memory.
   * `hole` when the first of them has been removed by retention. Rejects with `storage.unavailable`.
   */
  after(sequence: number, limit: number): readonly LogEvent[] | Promise<readonly LogEvent[] | 'hole'> {
    if (sequence >= this.publishedTo) return [];
    return this.recent.after(sequence, limit) ?? this.stored(sequence, limit);
  }

  /** Runs around each published batch: `before` gets the sequence of its last event. */
  aroundBatches(before: (last: number) => void, after: () => void): void {
    this.beforeBatch.push(before);
    this.afterBatch.push(after);
  }

  private async stored(sequence: number, limit: number): Promise<readonly LogEvent[] | 'hole'> {
    const events = await this.store.read(sequence, limit);
    const whole = events[0]?.sequence === sequence + 1;
    if (!whole) return 'hole';
    // What is committed but not yet published is left for its own turn.
    return events.filter((event) => event.sequence <= this.publishedTo).map((event) => new LogEvent(event));
  }

  private publish(events: readonly LogEvent[]): void {
    const last = events.at(-1);
    if (!last) return;
    for (const run of this.beforeBatch) run(last.sequence);
    for (const event of events) {
      this.recent.push(event);
      this.publishedTo = event.sequence;
      this.fanOut(event);
    }
    for (const run of this.afterBatch) run();
  }

  private fanOut(event: LogEvent): void {
    for (const subscriber of this.general) if (matches(subscriber.filter, event)) subscriber.deliver(event);
    if (this.byAgent.size === 0) return;
    if (event.type.startsWith('stream.')) {
      for (const group of this.byAgent.values()) for (const subscriber of group) subscriber.deliver(event);
      return;
    }
    for (const agentId of new Set(event.keys.agentIds)) {
      for (const subscriber of this.byAgent.get(agentId) ?? []) {
        if (matches(subscriber.filter, event)) subscriber.deliver(event);
      }
    }
  }

  private groupOf(subscriber: Subscriber): Set<Subscriber> {
    const agentId = onlyAgent(subscriber.filter);
    if (agentId === undefined) return this.general;
    const known = this.byAgent.get(agentId);
    if (known) return known;
    const fresh = new Set<Subscriber>();
    this.byAgent.set(agentId, fresh);
    return fresh;
  }

  private dropGroup(subscriber: Subscriber, group: Set<Subscriber>): void {
    const agentId = onlyAgent(subscriber.filter);
    if (agentId !== undefined && this.byAgent.get(agentId) === group) this.byAgent.delete(agentId);
  }
}

function onlyAgent({ agents }: EventFilter): string | undefined {
  return agents?.length === 1 ? agents[0] : undefined;
}
