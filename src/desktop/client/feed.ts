import { type BackoffLimits, backoffMs } from './backoff.ts';
import { CatchUp } from './catch-up.ts';
import { type DeskEvent, parseFrame, type ServerFrame, type SnapshotState } from './frames.ts';
import type { DeskClock, DeskSocket, DeskTimer } from './ports.ts';

/** What of the state a subscription fills; its snapshot replaces just that. */
export type Holding = 'calls' | 'agents' | 'queues';

export type FeedNews =
  | { readonly kind: 'signedIn'; readonly name: string; readonly agentId: string | undefined }
  | { readonly kind: 'hello'; readonly serverMinusLocalMs: number; readonly principalKind: string }
  | { readonly kind: 'granted'; readonly agentId: string | undefined; readonly masked: boolean }
  | { readonly kind: 'snapshot'; readonly holds: readonly Holding[]; readonly state: SnapshotState }
  | { readonly kind: 'event'; readonly event: DeskEvent }
  | { readonly kind: 'link'; readonly link: LinkState };

/**
 * `catchingUp`: what comes now happened while we were away. `waiting`: no connection, tried again at `retryAtMs` (Unix,
 * local clock). `refused`: the server does not take our token, or not for this; a person has to sign in again.
 */
export type LinkState =
  | { readonly kind: 'connecting' | 'catchingUp' | 'live' | 'stopped' }
  | { readonly kind: 'waiting'; readonly retryAtMs: number }
  | { readonly kind: 'refused'; readonly code: string };

export interface FeedLimits {
  readonly backoff: BackoffLimits;
  /** From the opening of the socket to `hello`. */
  readonly helloTimeoutMs: number;
  readonly pingEveryMs: number;
  /** A socket that is silent for so long after a ping is dead, however open it looks. */
  readonly pongTimeoutMs: number;
  /** The same when the machine may have slept. */
  readonly wakeTimeoutMs: number;
  /** A replay that pauses for so long is over. */
  readonly quietMs: number;
}

export const feedLimits: FeedLimits = {
  backoff: { firstMs: 500, maxMs: 15_000 },
  helloTimeoutMs: 8_000,
  pingEveryMs: 10_000,
  pongTimeoutMs: 5_000,
  wakeTimeoutMs: 2_000,
  quietMs: 500,
};

export interface FeedParts {
  readonly open: () => DeskSocket;
  /** A token for the first frame; `refused` when signing in anew is the only way. */
  readonly token: () => Promise<{ readonly token: string } | 'refused' | 'unreachable'>;
  readonly clock: DeskClock;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly limits: FeedLimits;
  readonly tell: (news: FeedNews) => void;
}

interface Subscription {
  readonly id: string;
  readonly holds: readonly Holding[];
  readonly filter?: { readonly types: readonly string[] };
}

const everything: readonly Subscription[] = [{ id: 'all', holds: ['calls', 'agents', 'queues'] }];
/** An agent gets what concerns itself, and apart from that the figures of all queues. */
const ofAgent: readonly Subscription[] = [
  { id: 'own', holds: ['calls', 'agents'] },
  { id: 'queues', holds: ['queues'], filter: { types: ['queue.'] } },
];

/** Refusals that pass: the store or the owner among several instances is away. */
const passing = /^(cluster\.|events\.store_away$)/;
const unauthenticated = 4401;
/** One refusal may be a ticket that grew old on the way. */
const refusalsMax = 2;

/**
 * The event stream as a desk needs it: connects, proves who it is, subscribes, and comes back after each break with the
 * place where it stood, so that nothing is missed and nothing is told twice.
 */
export class Feed {
  private readonly parts: FeedParts;
  private socket: DeskSocket | undefined;
  private subscriptions: readonly Subscription[] = [];
  private epoch: string | undefined;
  private readonly places = new Map<string, number>();
  private readonly catchUp: CatchUp;
  private timer: DeskTimer | undefined;
  private heardSincePing = true;
  private attempt = 0;
  private refusals = 0;
  private running = false;

  constructor(parts: FeedParts) {
    this.parts = parts;
    this.catchUp = new CatchUp(parts.clock, parts.limits.quietMs, () => this.link({ kind: 'live' }));
  }

  start(): void {
    this.running = true;
    void this.connect();
  }

  stop(): void {
    this.running = false;
    this.drop();
    this.link({ kind: 'stopped' });
  }

  /** The machine may have slept, or the network come back: looks at once whether the socket still lives. */
  wake(): void {
    if (!this.running) return;
    if (this.socket) this.ping(this.parts.limits.wakeTimeoutMs);
    else if (this.timer) void this.connect();
  }

  private async connect(): Promise<void> {
    this.timer?.cancel();
    this.timer = undefined;
    this.link({ kind: 'connecting' });
    const token = await this.parts.token();
    if (!this.running || this.socket) return;
    if (token === 'refused') return this.refuse('events.not_authenticated');
    if (token === 'unreachable') return this.retry();
    const socket = this.parts.open();
    this.socket = socket;
    socket.addEventListener('open', () => socket.send(JSON.stringify({ type: 'auth', token: token.token })));
    socket.addEventListener('message', ({ data }) => {
      if (this.socket === socket && typeof data === 'string') this.receive(data);
    });
    socket.addEventListener('close', ({ code }) => {
      if (this.socket === socket) this.lost(code);
    });
    this.timer = this.parts.clock.after(this.parts.limits.helloTimeoutMs, () => this.lost());
  }

  private receive(text: string): void {
    this.heardSincePing = true;
    const frame = parseFrame(text);
    if (frame) this.handle(frame);
  }

  private handle(frame: ServerFrame): void {
    switch (frame.type) {
      case 'hello':
        return this.welcome(frame);
      case 'subscribed':
        return this.subscribed(frame);
      case 'snapshot':
        return this.snapshot(frame);
      case 'event':
        return this.event(frame.id, frame.event);
      case 'error':
        if (frame.code === 'events.forbidden') this.refuse(frame.code);
        // No state can be had from where we are: there will be in a moment, here or elsewhere.
        else if (passing.test(frame.code)) this.lost();
        return;
      case 'pong':
      case 'unsubscribed':
        return;
    }
  }

  private welcome({ epoch, sequence, nowMs, principal }: Extract<ServerFrame, { type: 'hello' }>): void {
    const { clock, limits, tell } = this.parts;
    this.refusals = 0;
    if (epoch !== this.epoch) this.places.clear();
    this.epoch = epoch;
    tell({ kind: 'hello', serverMinusLocalMs: nowMs - clock.nowMs(), principalKind: principal.kind });
    this.subscriptions = principal.kind === 'agent' ? ofAgent : everything;
    this.catchUp.begin(
      this.subscriptions.map(({ id }) => id),
      sequence,
    );
    this.link({ kind: 'catchingUp' });
    for (const { id, filter } of this.subscriptions) {
      const place = this.places.get(id);
      const resume = place === undefined ? undefined : { epoch, sequence: place };
      this.send({ type: 'subscribe', id, ...(filter ? { filter } : {}), ...(resume ? { resume } : {}) });
    }
    this.timer?.cancel();
    this.schedulePing(limits.pingEveryMs);
  }

  private subscribed(frame: Extract<ServerFrame, { type: 'subscribed' }>): void {
    const { id, filter, masked, recovered, sequence } = frame;
    const holds = this.holdsOf(id);
    if (holds.includes('calls')) this.parts.tell({ kind: 'granted', agentId: filter.agents?.[0], masked });
    if (!recovered) return;
    this.catchUp.passed(id, sequence);
  }

  private snapshot(frame: Extract<ServerFrame, { type: 'snapshot' }>): void {
    this.places.set(frame.id, frame.sequence);
    const { calls, agents, queues } = frame;
    this.parts.tell({ kind: 'snapshot', holds: this.holdsOf(frame.id), state: { calls, agents, queues } });
    this.catchUp.done(frame.id);
  }

  private event(id: string, event: DeskEvent): void {
    const before = this.places.get(id) ?? 0;
    if (event.sequence <= before) return;
    this.places.set(id, event.sequence);
    this.parts.tell({ kind: 'event', event });
    this.catchUp.passed(id, event.sequence);
    if (event.type === 'stream.gap.v1') this.beginAnew();
  }

  /** What was lost cannot be replayed: a snapshot is the way back to the truth. */
  private beginAnew(): void {
    this.places.clear();
    this.drop();
    void this.connect();
  }

  private holdsOf(id: string): readonly Holding[] {
    return this.subscriptions.find((subscription) => subscription.id === id)?.holds ?? [];
  }

  private schedulePing(delayMs: number): void {
    this.timer = this.parts.clock.after(delayMs, () => this.ping(this.parts.limits.pongTimeoutMs));
  }

  private ping(patienceMs: number): void {
    this.heardSincePing = false;
    this.send({ type: 'ping' });
    this.timer?.cancel();
    this.timer = this.parts.clock.after(patienceMs, () => {
      if (!this.heardSincePing) return this.lost();
      this.schedulePing(this.parts.limits.pingEveryMs);
    });
  }

  private send(frame: object): void {
    this.socket?.send(JSON.stringify(frame));
  }

  private lost(code?: number): void {
    this.drop();
    if (code === unauthenticated) this.refusals += 1;
    if (this.refusals >= refusalsMax) return this.refuse('events.not_authenticated');
    this.retry();
  }

  private retry(): void {
    const { clock, random, limits } = this.parts;
    const delayMs = backoffMs(limits.backoff, this.attempt, random());
    this.attempt += 1;
    this.link({ kind: 'waiting', retryAtMs: clock.nowMs() + delayMs });
    this.timer = clock.after(delayMs, () => void this.connect());
  }

  private refuse(code: string): void {
    this.running = false;
    this.drop();
    this.link({ kind: 'refused', code });
  }

  private drop(): void {
    this.timer?.cancel();
    this.timer = undefined;
    this.catchUp.cancel();
    const { socket } = this;
    this.socket = undefined;
    socket?.close();
  }

  private link(link: LinkState): void {
    if (link.kind === 'live') this.attempt = 0;
    this.parts.tell({ kind: 'link', link });
  }
}
