import {
  type AmiFields,
  type AmiLink,
  type AmiLinkChange,
  type AmiLinkState,
  type AmiListResult,
  type AmiMessage,
  type AmiRequestOptions,
  type AmiResult,
  type AmiStats,
  amiErrors,
  emptyAmiStats,
  type Unsubscribe,
} from '../../src/ami/index.ts';
import { AppError, type Clock, type Timer } from '../../src/kernel/index.ts';
import type { VirtualAsterisk } from './virtual-asterisk.ts';
import type { VirtualLinkOptions } from './ari-link.ts';
import { fairWeather, type Weather } from './weather.ts';

const reconnectMs = 600;
const halfOpenMs = 8_000;
const deadlineMs = 5_000;

/** A message as the wire would have it. */
class VirtualMessage implements AmiMessage {
  readonly kind: 'event' | 'response';
  readonly name: string;
  private readonly headers: ReadonlyMap<string, string>;

  constructor(kind: 'event' | 'response', name: string, headers: Readonly<Record<string, string>> = {}) {
    this.kind = kind;
    this.name = name;
    this.headers = new Map(Object.entries(headers));
  }

  get(header: string): string | undefined {
    return this.headers.get(header);
  }

  getAll(header: string): readonly string[] {
    const value = this.headers.get(header);
    return value === undefined ? [] : [value];
  }

  entries(): readonly (readonly [name: string, value: string])[] {
    return [...this.headers];
  }
}

const stateEvent = (device: string, state: string): AmiMessage =>
  new VirtualMessage('event', 'DeviceStateChange', { Device: device, State: state });

type VirtualManagerOptions = Omit<VirtualLinkOptions, 'app'>;

interface Socket {
  readonly stop: () => void;
  readonly waiting: Set<(error: AppError) => void>;
  /** Messages keep their order. */
  freeAtMs: number;
  open: boolean;
}

/** The manager link of the model: device states, when the PBX started, and nothing else of our business. */
export class VirtualAmiLink implements AmiLink {
  readonly nodeId: string;
  private readonly pbx: VirtualAsterisk;
  private readonly clock: Clock;
  private readonly weather: Weather;
  private readonly wake: (run: () => void) => void;
  private readonly events = new Set<(event: AmiMessage) => void>();
  private readonly links = new Set<(change: AmiLinkChange) => void>();
  private readonly forgetStop: () => void;
  private linkState: AmiLinkState = 'stopped';
  private socket: Socket | undefined;
  private retry: Timer | undefined;

  constructor(
    pbx: VirtualAsterisk,
    { nodeId, clock, weather = fairWeather, wake = (run) => run() }: VirtualManagerOptions,
  ) {
    this.wake = wake;
    this.pbx = pbx;
    this.nodeId = nodeId;
    this.clock = clock;
    this.weather = weather;
    this.forgetStop = pbx.onStop(() => this.cut());
  }

  get state(): AmiLinkState {
    return this.linkState;
  }

  start(): void {
    this.linkState = 'connecting';
    this.clock.after(0, () => this.connect());
  }

  stop(): Promise<void> {
    this.linkState = 'stopped';
    this.retry?.cancel();
    this.forgetStop();
    this.close(new AppError(amiErrors.stopped));
    return Promise.resolve();
  }

  /** The server is dead, and nobody is told. */
  die(): void {
    this.linkState = 'stopped';
    this.forgetStop();
    this.socket?.waiting.clear();
    this.close(new AppError(amiErrors.stopped));
  }

  cut(): void {
    this.wake(() => this.broken());
  }

  private broken(): void {
    if (this.linkState === 'stopped') return;
    const wasUp = this.linkState === 'up';
    this.linkState = 'waiting';
    this.close(new AppError(amiErrors.link_lost));
    if (wasUp) for (const listener of this.links) listener({ kind: 'down', reason: amiErrors.link_lost.code });
    this.retryLater();
  }

  fallSilent(): void {
    const { socket } = this;
    this.clock.after(halfOpenMs, () => {
      if (socket !== undefined && socket === this.socket) this.cut();
    });
  }

  action(name: string, _fields?: AmiFields, options?: AmiRequestOptions): Promise<AmiResult> {
    return this.ask(options, () => {
      const [CoreStartupDate = '', CoreStartupTime = ''] = new Date(this.pbx.startedAtMs).toISOString().split(/[T.]/);
      const headers = name === 'CoreStatus' ? { CoreStartupDate, CoreStartupTime } : {};
      return { kind: 'success', response: new VirtualMessage('response', 'Success', headers) };
    });
  }

  list(_name: string, _fields?: AmiFields, options?: AmiRequestOptions): Promise<AmiListResult> {
    return this.ask(options, () => {
      const events = [...this.pbx.devices.all()].map(([device, state]) => stateEvent(device, state));
      return { kind: 'complete', events, response: new VirtualMessage('response', 'Success') };
    });
  }

  onEvent(handler: (event: AmiMessage) => void): Unsubscribe {
    this.events.add(handler);
    return () => this.events.delete(handler);
  }

  onLink(handler: (change: AmiLinkChange) => void): Unsubscribe {
    this.links.add(handler);
    return () => this.links.delete(handler);
  }

  stats(): Readonly<AmiStats> {
    return emptyAmiStats();
  }

  private ask<Answer>(options: AmiRequestOptions | undefined, answer: () => Answer): Promise<Answer> {
    const { socket, weather } = this;
    if (this.linkState !== 'up' || !socket) return Promise.reject(new AppError(amiErrors.link_down));
    return new Promise((resolve, reject) => {
      const fail = (error: AppError): void => {
        if (!socket.waiting.delete(fail)) return;
        timer.cancel();
        reject(error);
      };
      const timer = this.clock.after(options?.deadlineMs ?? deadlineMs, () =>
        fail(new AppError(amiErrors.action_timeout)),
      );
      socket.waiting.add(fail);
      if (weather.isSilent()) return;
      this.pbx.clock.after(weather.requestMs(), () => {
        if (!socket.open || !this.pbx.isRunning) return;
        const given = answer();
        this.arrive(socket, weather.answerMs(), () => {
          if (!socket.waiting.delete(fail)) return;
          timer.cancel();
          resolve(given);
        });
      });
    });
  }

  private connect(): void {
    if (this.linkState !== 'connecting' && this.linkState !== 'waiting') return;
    if (!this.pbx.isRunning || !this.weather.isReachable()) return this.retryLater();
    const stop = this.pbx.onDevice((device, state) => this.carry(socket, stateEvent(device, state)));
    const socket: Socket = { stop, waiting: new Set(), freeAtMs: 0, open: true };
    this.socket = socket;
    this.arrive(socket, this.weather.answerMs(), () => {
      this.linkState = 'up';
      for (const listener of this.links) listener({ kind: 'up', bootConfirmed: true });
      this.hear(new VirtualMessage('event', 'FullyBooted'));
    });
  }

  private carry(socket: Socket, event: AmiMessage): void {
    const fate = this.weather.event(event.name);
    if (fate === 'lost' || this.weather.isSilent()) return;
    for (let times = fate === 'twice' ? 2 : 1; times > 0; times -= 1) {
      this.arrive(socket, this.weather.eventMs(), () => {
        if (this.linkState === 'up') this.hear(event);
      });
    }
  }

  private arrive(socket: Socket, travelMs: number, run: () => void): void {
    const nowMs = this.pbx.clock.exactMs();
    socket.freeAtMs = Math.max(socket.freeAtMs, nowMs + travelMs);
    this.pbx.clock.after(socket.freeAtMs - nowMs, () => {
      this.wake(() => {
        if (socket.open && socket === this.socket) run();
      });
    });
  }

  private hear(event: AmiMessage): void {
    for (const listener of this.events) listener(event);
  }

  private retryLater(): void {
    this.retry?.cancel();
    this.retry = this.clock.after(reconnectMs, () => this.connect());
  }

  private close(error: AppError): void {
    const { socket } = this;
    this.socket = undefined;
    if (!socket?.open) return;
    socket.open = false;
    socket.stop();
    for (const fail of socket.waiting) fail(error);
  }
}
