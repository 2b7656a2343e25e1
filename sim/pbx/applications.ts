import type { AriEvent } from '../../src/ari/ports.ts';
import type { PbxClock } from './clock.ts';

type WithoutHeader<Event> = Event extends AriEvent ? Omit<Event, 'application' | 'timestamp'> : never;
/** An event before application and time are put on it. */
export type BareEvent = WithoutHeader<AriEvent>;

/** One application as the PBX keeps it: it outlives the socket of its server, and so do its subscriptions. */
export interface Application {
  readonly name: string;
  readonly channelIds: Set<string>;
  readonly bridgeIds: Set<string>;
  listener: ((event: AriEvent) => void) | undefined;
}

/** Who controls calls over ARI, and what each is told. */
export class Applications {
  private readonly byName = new Map<string, Application>();
  private readonly clock: PbxClock;

  constructor(clock: PbxClock) {
    this.clock = clock;
  }

  /** A server's event socket is there; the newest of an application's counts. Gives the way to close it. */
  register(app: string, listener: (event: AriEvent) => void): () => void {
    const application = this.of(app);
    const { listener: older } = application;
    older?.({ type: 'ApplicationReplaced', application: app, timestamp: this.stamp() });
    application.listener = listener;
    return () => {
      if (application.listener === listener) application.listener = undefined;
    };
  }

  isRegistered(app: string): boolean {
    return this.byName.get(app)?.listener !== undefined;
  }

  of(name: string): Application {
    const known = this.byName.get(name);
    if (known) return known;
    const fresh: Application = { name, channelIds: new Set(), bridgeIds: new Set(), listener: undefined };
    this.byName.set(name, fresh);
    return fresh;
  }

  has(name: string): boolean {
    return this.byName.has(name);
  }

  clear(): void {
    this.byName.clear();
  }

  tell(app: string, event: BareEvent): void {
    this.byName.get(app)?.listener?.({ ...event, application: app, timestamp: this.stamp() } as AriEvent);
  }

  tellAll(event: BareEvent): void {
    for (const app of this.byName.keys()) this.tell(app, event);
  }

  /** Of a channel the application hears only as long as it is subscribed to it. */
  tellOf(channelId: string, app: string, event: BareEvent): void {
    if (this.byName.get(app)?.channelIds.has(channelId)) this.tell(app, event);
  }

  private stamp(): string {
    return new Date(this.clock.nowMs()).toISOString();
  }
}
