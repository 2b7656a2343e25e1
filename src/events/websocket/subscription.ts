import { AppError } from '../../kernel/index.ts';
import { catalogue, isEventType } from '../catalogue/index.ts';
import { eventErrors } from '../errors.ts';
import type { LogEvent } from '../event.ts';
import { type EventFilter, matches } from '../filter.ts';
import type { EventStream, Subscriber } from '../stream.ts';
import type { AckWindow } from './ack-window.ts';
import type { TakenSnapshot } from './snapshots.ts';

const pageMax = 128;

/** What a subscription needs of its connection. */
export interface Carrier {
  /** True when the next frame would go to the socket at once. */
  readonly idle: boolean;
  sendEvent(subscription: Subscription, event: LogEvent, coalesceKey?: string): void;
  sendSnapshot(subscription: Subscription, taken: TakenSnapshot): void;
  /** The subscription cannot go on; the reader is told why and must begin again. */
  broken(subscription: Subscription, error: AppError | 'hole'): void;
}

export interface SubscriptionSetup {
  readonly id: string;
  readonly filter: EventFilter;
  readonly mayReadPii: boolean;
  /** Durable when given. */
  readonly consumerId: string | undefined;
}

/**
 * One reader's place in the stream. `cursor` is the newest sequence dealt with. It is
 * - `holding`: a snapshot waits until the events that it takes account of are committed; later ones follow it;
 * - `replaying`: pulls pages after the cursor, only as fast as the socket takes them and acks come;
 * - `live`: is given each event as it is committed.
 * A durable one stays with pulling for ever, because its speed is set by its acks.
 */
export class Subscription implements Subscriber {
  readonly id: string;
  readonly filter: EventFilter;
  readonly mayReadPii: boolean;
  readonly consumerId: string | undefined;
  private acks: AckWindow | undefined;
  private readonly stream: EventStream;
  private readonly carrier: Carrier;
  private phase: 'starting' | 'holding' | 'replaying' | 'live' | 'ended' = 'starting';
  private cursor = 0;
  private held: TakenSnapshot | undefined;
  private pulling = false;
  private leave: (() => void) | undefined;

  constructor(setup: SubscriptionSetup, stream: EventStream, carrier: Carrier) {
    this.id = setup.id;
    this.filter = setup.filter;
    this.mayReadPii = setup.mayReadPii;
    this.consumerId = setup.consumerId;
    this.stream = stream;
    this.carrier = carrier;
  }

  /** Makes it durable; before it starts. */
  useAcks(window: AckWindow): void {
    this.acks = window;
  }

  get ended(): boolean {
    return this.phase === 'ended';
  }

  get holding(): boolean {
    return this.phase === 'holding';
  }

  /** Goes on after a sequence: what is missing first, then live. */
  startAfter(sequence: number): void {
    this.cursor = sequence;
    this.phase = 'replaying';
    this.pull();
  }

  /** Begins with a snapshot, at once or as soon as everything in it is committed. */
  startWith(taken: TakenSnapshot): void {
    this.cursor = taken.sequence;
    this.held = taken;
    this.phase = 'holding';
    this.releaseHeld(this.stream.position);
    if (this.holding) this.join();
  }

  /** Called before events up to `committedTo` are delivered. */
  releaseHeld(committedTo: number): void {
    if (this.phase !== 'holding' || !this.held || this.held.sequence > committedTo) return;
    const taken = this.held;
    this.held = undefined;
    this.phase = this.leave ? 'live' : 'replaying';
    this.carrier.sendSnapshot(this, taken);
    if (this.phase === 'replaying') this.pull();
  }

  deliver(event: LogEvent): void {
    if (event.sequence <= this.cursor) return;
    this.cursor = event.sequence;
    this.carrier.sendEvent(this, event, coalesceKey(this, event));
  }

  /** Goes on pulling after the socket has drained, acks have come, or events were published. */
  resumePulling(): void {
    if (this.phase === 'replaying') this.pull();
  }

  /** Whether it brought the cursor on; `unknown` when nothing of that sequence was delivered. */
  ack(sequence: number): 'moved' | 'repeated' | 'unknown' {
    const before = this.acks?.acknowledged;
    if (!this.acks?.ack(sequence)) return 'unknown';
    const moved = this.acks.acknowledged !== before;
    this.resumePulling();
    return moved ? 'moved' : 'repeated';
  }

  end(): void {
    this.phase = 'ended';
    this.held = undefined;
    this.leave?.();
    this.acks?.close();
  }

  private join(): void {
    // A durable reader pulls; nothing is pushed to it.
    if (!this.acks) this.leave = this.stream.subscribe(this);
  }

  private pull(): void {
    if (this.pulling) return;
    this.pulling = true;
    void this.pullPages();
  }

  private async pullPages(): Promise<void> {
    try {
      while (this.mayPull()) {
        const found = this.stream.after(this.cursor, pageMax);
        // Awaited only when it must be: a reader that has caught up joins in the same turn.
        const page = found instanceof Promise ? await found : found;
        if (this.phase !== 'replaying') return;
        if (page === 'hole') return this.carrier.broken(this, 'hole');
        this.takePage(page);
        if (this.cursor >= this.stream.position && this.caughtUp()) return;
      }
    } catch (error) {
      if (!this.ended)
        this.carrier.broken(this, error instanceof AppError ? error : new AppError(eventErrors.store_away));
    } finally {
      this.pulling = false;
    }
  }

  /** True when pulling is over for now. */
  private caughtUp(): boolean {
    this.acks?.passed(this.cursor);
    if (!this.acks && this.phase === 'replaying') {
      this.phase = 'live';
      this.join();
    }
    return true;
  }

  private mayPull(): boolean {
    return this.phase === 'replaying' && this.carrier.idle && (this.acks?.hasRoom ?? true);
  }

  private takePage(page: readonly LogEvent[]): void {
    for (const event of page) {
      if (matches(this.filter, event)) {
        if (!this.mayPull()) return;
        this.cursor = event.sequence;
        this.acks?.delivered(event.sequence);
        this.carrier.sendEvent(this, event);
      } else {
        this.cursor = event.sequence;
      }
    }
  }
}

function coalesceKey(subscription: Subscription, event: LogEvent): string | undefined {
  if (!isEventType(event.type) || !catalogue[event.type].coalesce) return undefined;
  return `${subscription.id} ${event.type} ${event.subject}`;
}
