import { AriError, ariErrors, ToldLink } from '../../src/ari/index.ts';
import type {
  AriBody,
  AriEvent,
  AriLink,
  AriParams,
  AriResponse,
  AriStats,
  OperationName,
} from '../../src/ari/ports.ts';
import type { Clock, Timer } from '../../src/kernel/index.ts';
import { perform } from './operations.ts';
import type { VirtualAsterisk } from './virtual-asterisk.ts';
import { fairWeather, type Weather } from './weather.ts';

export interface VirtualLinkOptions {
  readonly nodeId: string;
  readonly app: string;
  /** The server's own clock. */
  readonly clock: Clock;
  readonly weather?: Weather;
  /** How what comes in reaches the server: now, or when it is awake again. */
  readonly wake?: (run: () => void) => void;
  /** Asked before each attempt, with when the PBX was heard of last, by the server's clock. */
  readonly mayConnect?: ((heardAtMs: number) => boolean) | undefined;
}

const reconnectMs = 400;
const mayConnectEveryMs = 50;
/** A connection on which nothing comes through is noticed by pings. */
const halfOpenMs = 8_000;
const noStats: AriStats = {
  connects: 0,
  eventsKnown: 0,
  eventsUnknown: 0,
  framesRefused: 0,
  requests: 0,
  requestsFailed: 0,
  requestsTimedOut: 0,
  answersLate: 0,
  pending: 0,
};

/** Keeps the order of what goes one way: nothing overtakes what was sent before it. */
class Lane {
  private freeAtMs = 0;

  /** How long something sent now takes, behind what is still under way. */
  delay(nowMs: number, travelMs: number): number {
    this.freeAtMs = Math.max(this.freeAtMs, nowMs + travelMs);
    return this.freeAtMs - nowMs;
  }
}

/** One socket from its opening to its end. */
interface Socket {
  readonly requests: Lane;
  readonly answers: Lane;
  readonly events: Lane;
  readonly pending: Set<(code: typeof ariErrors.link_lost) => void>;
  close: () => void;
  open: boolean;
}

/** The ARI link of the model: what `src/ari/client.ts` is to the real PBX, on the virtual clock and under weather. */
export class VirtualAriLink extends ToldLink implements AriLink {
  readonly nodeId: string;
  readonly app: string;
  readonly ordered = true;
  private readonly pbx: VirtualAsterisk;
  private readonly clock: Clock;
  private readonly weather: Weather;
  private readonly wake: (run: () => void) => void;
  private socket: Socket | undefined;
  private retry: Timer | undefined;
  private readonly mayConnect: ((heardAtMs: number) => boolean) | undefined;
  private heardAtMs = Number.NEGATIVE_INFINITY;
  private readonly forgetStop: () => void;

  constructor(pbx: VirtualAsterisk, options: VirtualLinkOptions) {
    super();
    const { nodeId, app, clock, weather = fairWeather, wake = (run: () => void) => run() } = options;
    this.pbx = pbx;
    this.nodeId = nodeId;
    this.app = app;
    this.clock = clock;
    this.weather = weather;
    this.wake = wake;
    this.mayConnect = options.mayConnect;
    this.forgetStop = pbx.onStop(() => this.cut());
  }

  stats(): AriStats {
    return { ...noStats, pending: this.socket?.pending.size ?? 0 };
  }

  start(): void {
    if (this.linkState !== 'stopped') return;
    this.linkState = 'connecting';
    this.clock.after(0, () => this.connect());
  }

  stop(): Promise<void> {
    this.linkState = 'stopped';
    this.retry?.cancel();
    this.forgetStop();
    this.close();
    return Promise.resolve();
  }

  /** The server is dead: the PBX sees its socket close, and nobody is told on this side. */
  die(): void {
    this.linkState = 'stopped';
    this.forgetStop();
    this.socket?.pending.clear();
    this.close();
  }

  /** The connection breaks; the PBX notices at once, the server when it is awake. */
  cut(code = ariErrors.link_lost): void {
    const { socket } = this;
    if (socket) this.leave(socket);
    this.wake(() => this.broken(code));
  }

  private broken(code: typeof ariErrors.link_lost): void {
    if (this.linkState === 'stopped' || this.linkState === 'replaced') return;
    const wasUp = this.linkState === 'up';
    this.linkState = 'connecting';
    this.close();
    if (wasUp) this.emitLink({ state: 'down', atMs: this.clock.nowMs(), code: code.code });
    this.retryLater();
  }

  /** From now on nothing gets through, which pings find out. */
  fallSilent(): void {
    const { socket } = this;
    this.clock.after(halfOpenMs, () => {
      if (socket !== undefined && socket === this.socket) this.cut(ariErrors.half_open);
    });
  }

  request<Name extends OperationName>(
    operation: Name,
    params: AriParams<Name>,
    { deadlineMs }: { readonly deadlineMs: number },
  ): Promise<AriResponse<AriBody<Name>>> {
    const { socket } = this;
    if (this.linkState !== 'up' || !socket) {
      return Promise.resolve({ ok: false, error: new AriError(ariErrors.not_connected) });
    }
    return new Promise((resolve) => {
      const settle = (response: AriResponse<AriBody<Name>>): void => {
        if (!socket.pending.delete(lost)) return;
        timer.cancel();
        resolve(response);
      };
      const lost = (spec: typeof ariErrors.link_lost): void => settle({ ok: false, error: new AriError(spec) });
      const timer = this.clock.after(deadlineMs, () => lost(ariErrors.timeout));
      socket.pending.add(lost);
      this.carry(socket, operation, params, settle);
    });
  }

  private carry<Name extends OperationName>(
    socket: Socket,
    operation: Name,
    params: AriParams<Name>,
    settle: (response: AriResponse<AriBody<Name>>) => void,
  ): void {
    const { weather, pbx } = this;
    const fate = weather.request(operation);
    if (weather.isSilent() || fate === 'ignored') return;
    this.onWorld(socket.requests, weather.requestMs(), () => {
      if (!socket.open || !pbx.isRunning) return;
      const reply =
        fate === 'refused' || fate === 'failed'
          ? ({ ok: false, status: fate === 'refused' ? 404 : 500 } as const)
          : perform(pbx, operation, params);
      if (fate === 'unanswered' || weather.isSilent()) return;
      this.comeIn(socket.answers, weather.answerMs(), () => {
        if (!socket.open) return;
        settle(
          reply.ok
            ? reply
            : { ok: false, error: new AriError(ariErrors.refused, undefined, { pbxStatus: reply.status }) },
        );
      });
    });
  }

  /** On the way the world's clock counts, whatever the server's own does. */
  private onWorld(lane: Lane, travelMs: number, run: () => void): void {
    this.pbx.clock.after(lane.delay(this.pbx.clock.exactMs(), travelMs), run);
  }

  private comeIn(lane: Lane, travelMs: number, run: () => void): void {
    this.onWorld(lane, travelMs, () => this.wake(run));
  }

  private connect(): void {
    if (this.linkState !== 'connecting') return;
    if (this.mayConnect && !this.mayConnect(this.heardAtMs)) return this.retryLater(mayConnectEveryMs);
    if (!this.pbx.isRunning || !this.weather.isReachable()) return this.retryLater();
    const socket: Socket = {
      requests: new Lane(),
      answers: new Lane(),
      events: new Lane(),
      pending: new Set(),
      close: () => {},
      open: true,
    };
    socket.close = this.pbx.register(this.app, (event) => this.carryEvent(socket, event));
    this.socket = socket;
    this.clock.after(this.weather.answerMs(), () => {
      if (!socket.open || socket !== this.socket) return;
      this.linkState = 'up';
      const startedAt = new Date(this.pbx.startedAtMs).toISOString();
      this.emitLink({ state: 'up', atMs: this.clock.nowMs(), transport: 'virtual', version: '22.10.1', startedAt });
    });
  }

  private carryEvent(socket: Socket, event: AriEvent): void {
    const { weather } = this;
    const fate = weather.event(event.type);
    if (fate === 'lost' || weather.isSilent()) return;
    for (let times = fate === 'twice' ? 2 : 1; times > 0; times -= 1) {
      this.comeIn(socket.events, weather.eventMs(), () => {
        if (socket.open && socket === this.socket) this.heard(event);
      });
    }
  }

  private heard(event: AriEvent): void {
    this.heardAtMs = this.clock.nowMs();
    if (event.type !== 'ApplicationReplaced') return this.emitEvent({ known: true, event });
    this.close();
    this.linkState = 'replaced';
    this.emitLink({ state: 'replaced', atMs: this.clock.nowMs(), code: ariErrors.replaced.code });
  }

  private retryLater(afterMs = reconnectMs): void {
    this.retry?.cancel();
    this.retry = this.clock.after(afterMs, () => this.connect());
  }

  private leave(socket: Socket): void {
    if (!socket.open) return;
    socket.open = false;
    socket.close();
  }

  private close(): void {
    const { socket } = this;
    this.socket = undefined;
    if (!socket) return;
    this.leave(socket);
    for (const lost of socket.pending) lost(ariErrors.link_lost);
  }
}
