import type { AriEvent } from '../../src/ari/ports.ts';
import type { Rng } from '../../src/kernel/index.ts';
import { type Application, Applications, type BareEvent } from './applications.ts';
import { Bridges } from './bridges.ts';
import { Broadcasts } from './broadcasts.ts';
import { channelModel, newChannel, type VirtualBridge, type VirtualChannel } from './channel.ts';
import type { PbxClock } from './clock.ts';
import { DeviceStates } from './device-states.ts';
import { Media } from './media.ts';
import { type Phone, type RingingCall, wordPhone } from './phone.ts';

/** A caller whom the dialplan has. */
interface Arrival {
  readonly channelId: string;
  readonly callerNumber: string;
  readonly callerName: string;
  readonly dialledNumber: string;
  readonly onEnd?: (cause: number) => void;
  /** No application was there (`failed`), or one has given the caller back. */
  readonly onDialplan?: (context: string, exten: string) => void;
  readonly onAnswer?: () => void;
}

/** A caller as the dialplan hands it to an application. */
export interface Incoming extends Arrival {
  readonly app: string;
  readonly args: readonly string[];
}

const NORMAL = 16;
/** What Asterisk passes on as the cause of a hangup by command. */
const SOFT_FLAG = 32;

/**
 * Asterisk as our ports see it: channels, Stasis, bridges, playbacks, recordings and device states, in memory on a
 * virtual clock. What it does and in which order it tells was learned from the real one, against which
 * `test/conformance/virtual-pbx.test.ts` plays the same scenes.
 */
export class VirtualAsterisk {
  readonly channels = new Map<string, VirtualChannel>();
  readonly bridges: Bridges;
  readonly media: Media;
  readonly broadcasts: Broadcasts;
  /** Variables of the dialplan as a whole. */
  readonly globals = new Map<string, string>();
  readonly devices: DeviceStates;
  /** Channels that are gone and still listed, as asterisk#783 has it. */
  readonly ghosts = new Map<string, VirtualChannel>();
  showsGhosts = false;
  startedAtMs: number;
  isRunning = true;
  /** Told when who hears whom in a bridge changes. */
  onBridge: (bridge: VirtualBridge) => void = () => {};
  /** Told of each request before it is carried out. */
  onCommand: (operation: string, params: Readonly<Record<string, unknown>>) => void = () => {};
  readonly clock: PbxClock;
  readonly rng: Rng;
  private readonly applications: Applications;
  private readonly phones = new Map<string, Phone>();
  private readonly deviceListeners = new Set<(device: string, state: string) => void>();
  private readonly stopListeners = new Set<() => void>();

  constructor(clock: PbxClock, rng: Rng) {
    this.clock = clock;
    this.rng = rng;
    this.startedAtMs = clock.nowMs();
    this.applications = new Applications(clock);
    this.media = new Media(clock, this.applications);
    this.broadcasts = new Broadcasts(clock, this.applications);
    const changed = (bridge: VirtualBridge): void => this.onBridge(bridge);
    this.bridges = new Bridges({ clock, rng, applications: this.applications, changed });
    this.devices = new DeviceStates(
      () => this.channels.values(),
      (device, state) => {
        for (const listener of this.deviceListeners) listener(device, state);
      },
    );
  }

  /** A phone under the name by which it is dialled. */
  addPhone(endpoint: string, phone: Phone): void {
    this.phones.set(endpoint, phone);
    this.devices.add(endpoint);
  }

  /** Whoever is dialled by a number through a trunk: `PJSIP/NUMBER@NAME`. */
  addTrunk(name: string, phone: Phone): void {
    this.phones.set(`@${name}`, phone);
  }

  onDevice(listener: (device: string, state: string) => void): () => void {
    this.deviceListeners.add(listener);
    return () => this.deviceListeners.delete(listener);
  }

  /** Told when the PBX dies; links lose their connection with it. */
  onStop(listener: () => void): () => void {
    this.stopListeners.add(listener);
    return () => this.stopListeners.delete(listener);
  }

  /** A server's event socket is there; the newest of an application's counts. Gives the way to close it. */
  register(app: string, listener: (event: AriEvent) => void): () => void {
    return this.applications.register(app, listener);
  }

  isRegistered(app: string): boolean {
    return this.applications.isRegistered(app);
  }

  application(name: string): Application {
    return this.applications.of(name);
  }

  hasApplication(name: string): boolean {
    return this.applications.has(name);
  }

  tell(app: string, event: BareEvent): void {
    this.applications.tell(app, event);
  }

  /** A caller comes in and runs `Stasis(app,args)`; without the application the dialplan goes on. */
  comeIn({ app, args, ...arrival }: Incoming): void {
    const channel = this.arrive(arrival);
    if (channel) this.runStasis(channel, app, args);
  }

  /** A caller comes in, and the dialplan has it. Undefined when there is no PBX to come to. */
  arrive(arrival: Arrival): VirtualChannel | undefined {
    const { channelId, callerName, callerNumber, dialledNumber, onEnd, onDialplan, onAnswer } = arrival;
    if (!this.isRunning) {
      onEnd?.(34);
      return undefined;
    }
    const channel = newChannel({
      id: channelId,
      name: `PJSIP/trunk-${channelId}`,
      caller: { name: callerName, number: callerNumber },
      exten: dialledNumber,
      state: 'Ring',
      place: 'dialplan',
      onEnd,
      onDialplan,
      onAnswer,
    });
    this.channels.set(channelId, channel);
    return channel;
  }

  runStasis(channel: VirtualChannel, app: string, args: readonly string[], claimed = false): void {
    channel.claimed = claimed;
    channel.app = app;
    channel.args = args;
    if (this.isRegistered(app)) this.enterStasis(channel);
    else channel.onDialplan?.('failed', channel.exten);
  }

  /** `StasisBroadcast()`: whichever application claims the channel in time has it. */
  broadcast(channel: VirtualChannel, withinMs: number, args: readonly string[]): void {
    this.broadcasts.offer(
      channel,
      withinMs,
      (app) => this.runStasis(channel, app, args, true),
      () => channel.onDialplan?.('failed', channel.exten),
    );
  }

  /** Rings a phone for an application, or without one for the dialplan. False when it cannot be reached at all. */
  dial(channel: VirtualChannel, timeoutMs: number): boolean {
    const phone = this.phoneOf(channel.endpoint ?? '');
    if (!phone) return false;
    this.channels.set(channel.id, channel);
    if (channel.app !== '') this.application(channel.app).channelIds.add(channel.id);
    this.emit(channel.app, { type: 'Dial', peer: channelModel(channel), dialstatus: '' });
    channel.ringTimer = this.clock.after(timeoutMs, () => this.refused(channel, 'NOANSWER', 19));
    this.soon(() => {
      if (this.isAlive(channel)) channel.phone = phone.ring(this.ringingCall(channel));
    });
    return true;
  }

  private phoneOf(endpoint: string): Phone | undefined {
    const trunk = /@[^/]*$/.exec(endpoint)?.[0] ?? '';
    return this.phones.get(endpoint) ?? this.phones.get(trunk) ?? wordPhone(endpoint, this.clock);
  }

  /** The other side hangs up, as a telephone does. */
  hangUp(channelId: string, cause = NORMAL): void {
    const channel = this.channels.get(channelId);
    if (!channel) return;
    this.emitOf(channel, { type: 'ChannelHangupRequest', cause, channel: channelModel(channel) });
    this.end(channel, cause);
  }

  /** A command ends it; its thread notices a moment later. */
  hangUpByCommand(channel: VirtualChannel, cause: number): void {
    this.emitOf(channel, {
      type: 'ChannelHangupRequest',
      cause: SOFT_FLAG,
      soft: true,
      channel: channelModel(channel),
    });
    this.soon(() => {
      if (channel.place !== 'dialling') return this.end(channel, cause);
      // Whoever took the call back: to Asterisk nobody answered.
      this.refused(channel, 'NOANSWER', cause);
    });
  }

  answer(channel: VirtualChannel): void {
    if (channel.state === 'Up') return;
    channel.state = 'Up';
    this.emitOf(channel, { type: 'ChannelStateChange', channel: channelModel(channel) });
    this.changedDevice(channel);
    channel.onAnswer?.();
  }

  pressKey(channelId: string, digit: string): void {
    const channel = this.channels.get(channelId);
    if (!channel) return;
    this.emitOf(channel, { type: 'ChannelDtmfReceived', digit, duration_ms: 100, channel: channelModel(channel) });
    this.media.pressed(channelId, digit);
  }

  /** Gives a channel back to the dialplan. */
  continueInDialplan(channel: VirtualChannel, context: string, exten: string): void {
    this.soon(() => {
      if (!this.isAlive(channel) || channel.place !== 'stasis') return;
      this.bridges.leave(channel);
      channel.place = 'dialplan';
      channel.exten = exten;
      this.emitOf(channel, { type: 'StasisEnd', channel: channelModel(channel) });
      if (channel.endpoint === undefined) this.application(channel.app).channelIds.delete(channel.id);
      channel.onDialplan?.(context, exten);
    });
  }

  /** Dies as by a power cut: nobody is told of anything. */
  kill(): void {
    this.isRunning = false;
    const lost = [...this.channels.values()];
    for (const held of [this.channels, this.bridges, this.media, this.broadcasts, this.ghosts, this.applications])
      held.clear();
    for (const stop of this.stopListeners) stop();
    for (const channel of lost) this.gone(channel, NORMAL);
    for (const [device] of this.devices.all()) this.devices.refresh(device);
  }

  /** Starts again, with nothing left of what was. */
  boot(): void {
    this.isRunning = true;
    this.startedAtMs = this.clock.nowMs();
  }

  private enterStasis(channel: VirtualChannel): void {
    channel.place = 'stasis';
    this.application(channel.app).channelIds.add(channel.id);
    this.emitOf(channel, { type: 'StasisStart', args: channel.args, channel: channelModel(channel) });
  }

  private ringingCall(channel: VirtualChannel): RingingCall {
    const rings = () => this.isAlive(channel) && channel.place === 'dialling';
    return {
      channelId: channel.id,
      callerNumber: channel.caller.number,
      callerName: channel.caller.name,
      ringing: () => {
        if (!rings() || channel.state !== 'Down') return;
        channel.state = 'Ringing';
        this.emitOf(channel, { type: 'ChannelStateChange', channel: channelModel(channel) });
        this.emit(channel.app, { type: 'Dial', peer: channelModel(channel), dialstatus: 'RINGING' });
        this.changedDevice(channel);
      },
      answer: () => {
        if (rings()) this.picksUp(channel);
      },
      refuse: (cause) => {
        if (rings()) this.refused(channel, cause === 17 || cause === 21 ? 'BUSY' : 'CHANUNAVAIL', cause);
      },
      hangUp: () => this.hangUp(channel.id),
      hold: () => {
        if (this.isAlive(channel)) this.emitOf(channel, { type: 'ChannelHold', channel: channelModel(channel) });
      },
      resume: () => {
        if (this.isAlive(channel)) this.emitOf(channel, { type: 'ChannelUnhold', channel: channelModel(channel) });
      },
    };
  }

  /** An application that has no server takes nobody: whoever picked up then hears the end at once. */
  private picksUp(channel: VirtualChannel): void {
    channel.ringTimer?.cancel();
    channel.state = 'Up';
    this.emitOf(channel, { type: 'ChannelStateChange', channel: channelModel(channel) });
    this.emit(channel.app, { type: 'Dial', peer: channelModel(channel), dialstatus: 'ANSWER' });
    this.changedDevice(channel);
    this.soon(() => {
      if (!this.isAlive(channel) || channel.place !== 'dialling') return;
      if (this.isRegistered(channel.app)) return this.enterStasis(channel);
      if (channel.app !== '') return this.end(channel, NORMAL);
      channel.place = 'dialplan';
      channel.onAnswer?.();
    });
  }

  private refused(channel: VirtualChannel, status: string, cause: number): void {
    if (!this.isAlive(channel) || channel.place !== 'dialling') return;
    this.emit(channel.app, { type: 'Dial', peer: channelModel(channel), dialstatus: status });
    this.end(channel, cause);
  }

  private end(channel: VirtualChannel, cause: number): void {
    if (!this.isAlive(channel)) return;
    this.media.channelEnds(channel.id);
    this.broadcasts.forget(channel.id);
    this.bridges.leave(channel);
    if (channel.place === 'stasis') this.emitOf(channel, { type: 'StasisEnd', channel: channelModel(channel) });
    const dialled = channel.endpoint !== undefined;
    // Leaving the application ends a caller's subscription, now and then before the end of the channel is told.
    if (dialled || this.rng.next() < 0.5) {
      this.emitOf(channel, { type: 'ChannelDestroyed', cause, cause_txt: '', channel: channelModel(channel) });
    }
    this.channels.delete(channel.id);
    this.application(channel.app).channelIds.delete(channel.id);
    if (this.showsGhosts) this.ghosts.set(channel.id, channel);
    this.gone(channel, cause);
    this.changedDevice(channel);
  }

  private gone(channel: VirtualChannel, cause: number): void {
    channel.ringTimer?.cancel();
    channel.phone?.ended();
    channel.onEnd?.(cause);
  }

  private changedDevice({ endpoint }: VirtualChannel): void {
    if (endpoint !== undefined) this.devices.refresh(endpoint);
  }

  private isAlive(channel: VirtualChannel): boolean {
    return this.channels.get(channel.id) === channel;
  }

  /** What another thread of Asterisk does. */
  private soon(run: () => void): void {
    this.clock.after(0.1, run);
  }

  /** Of a channel the application hears only as long as it is subscribed to it. */
  private emitOf(channel: VirtualChannel, event: BareEvent): void {
    this.applications.tellOf(channel.id, channel.app, event);
  }

  private emit(app: string, event: BareEvent): void {
    this.applications.tell(app, event);
  }
}
