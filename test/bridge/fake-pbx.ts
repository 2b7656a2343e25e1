import type { BroadcastCall, DevicePort, LinkChange, PbxPort } from '../../src/bridge/ports.ts';
import type { CommandResult, DeviceFact, DeviceState, PbxCommand, PbxFact, PbxSnapshot } from '../../src/call/index.ts';
import type { Clock } from '../../src/kernel/index.ts';

interface FakeLeg {
  readonly legId: string;
  answered: boolean;
  readonly callerNumber: string;
  readonly dialledNumber: string;
  readonly variables: Record<string, string>;
}

type Bare<Fact> = Fact extends PbxFact ? Omit<Fact, 'nodeId' | 'atMs'> : never;
const gone: CommandResult = { ok: false, failure: 'gone' };
const ok: CommandResult = { ok: true };

/**
 * A PBX in memory: legs and bridges live here whether or not anybody listens. Facts follow commands and never come
 * from inside them. While the link is down nothing is told and every command fails.
 */
export class FakePbx implements PbxPort {
  readonly nodeId: string;
  readonly legs = new Map<string, FakeLeg>();
  readonly bridges = new Map<string, Set<string>>();
  /** Recordings that run. */
  readonly recordings = new Map<string, 'on' | 'silent'>();
  readonly commands: PbxCommand[] = [];
  isUp = false;
  started = false;
  /** What the next command of a kind answers instead of being carried out. */
  readonly refusals = new Map<PbxCommand['kind'], CommandResult>();
  private readonly clock: Clock;
  private emitFact: (fact: PbxFact) => void = () => {};
  private emitSnapshot: (snapshot: PbxSnapshot) => void = () => {};
  /** Whether the server wants a call that is offered to several. */
  wants: (call: BroadcastCall) => boolean = () => false;
  private emitLink: (change: LinkChange) => void = () => {};

  constructor(clock: Clock, nodeId = 'pbx1') {
    this.clock = clock;
    this.nodeId = nodeId;
  }

  onFact(listener: (fact: PbxFact) => void): void {
    this.emitFact = listener;
  }
  onSnapshot(listener: (snapshot: PbxSnapshot) => void): void {
    this.emitSnapshot = listener;
  }
  onLink(listener: (change: LinkChange) => void): void {
    this.emitLink = listener;
  }
  onBroadcast(wanted: (call: BroadcastCall) => boolean): void {
    this.wants = wanted;
  }
  start(): void {
    this.started = true;
  }
  stop(): Promise<void> {
    this.isUp = false;
    return Promise.resolve();
  }

  async send(_callId: string, command: PbxCommand): Promise<CommandResult> {
    if (!this.isUp) return { ok: false, failure: 'unavailable' };
    this.commands.push(command);
    const refusal = this.refusals.get(command.kind);
    this.refusals.delete(command.kind);
    return refusal ?? this.carryOut(command);
  }

  /** A caller is handed over by the dialplan. */
  arrive(legId: string, callerNumber = '13800000001', dialledNumber = '4001', args: readonly string[] = []): void {
    this.legs.set(legId, { legId, answered: false, callerNumber, dialledNumber, variables: {} });
    this.tell({ kind: 'legArrived', legId, callerNumber, callerName: '', dialledNumber, args, answered: false });
  }

  /** Somebody sends a caller elsewhere (a phone's transfer key, Redirect), and the way leads back to us. */
  sendRound(legId: string, dialledNumber = '4001'): void {
    const leg = this.legs.get(legId);
    for (const members of this.bridges.values()) members.delete(legId);
    this.tell({ kind: 'legLeft', legId });
    this.arrive(legId, leg?.callerNumber, dialledNumber);
    Object.assign(this.legs.get(legId)?.variables ?? {}, leg?.variables);
  }

  /** The transfer key of a phone: another leg takes the place of this one, which stays behind unless the phone hangs up. */
  replace(legId: string, byLegId: string, hangsUp = true): void {
    this.legs.set(byLegId, { legId: byLegId, answered: true, callerNumber: '', dialledNumber: '5000', variables: {} });
    for (const members of this.bridges.values()) if (members.delete(legId)) members.add(byLegId);
    this.tell({ kind: 'legReplaced', legId, byLegId, attended: false });
    if (hangsUp) this.hangUp(legId);
  }

  tell(fact: Bare<PbxFact>): void {
    if (this.isUp) this.emitFact({ ...fact, nodeId: this.nodeId, atMs: this.clock.nowMs() });
  }

  ring(legId: string): void {
    this.tell({ kind: 'legRinging', legId });
  }

  /** A server before has dialled it. */
  rings(legId: string): void {
    this.legs.set(legId, { legId, answered: false, callerNumber: '', dialledNumber: '', variables: {} });
  }

  answer(legId: string): void {
    const leg = this.legs.get(legId);
    if (leg) leg.answered = true;
    this.tell({ kind: 'legAnswered', legId });
  }

  hangUp(legId: string, cause = 16): void {
    if (!this.remove(legId)) return;
    this.tell({ kind: 'legEnded', legId, cause });
  }

  up(): void {
    this.isUp = true;
    const atMs = this.clock.nowMs();
    this.emitLink({ nodeId: this.nodeId, link: 'ari', state: 'up', atMs });
    this.emitSnapshot(this.snapshot());
  }

  down(state: 'down' | 'replaced' = 'down'): void {
    this.isUp = false;
    this.emitLink({ nodeId: this.nodeId, link: 'ari', state, atMs: this.clock.nowMs(), code: 'ari.link_lost' });
  }

  snapshot(): PbxSnapshot {
    const bridgeOf = (legId: string): string | undefined =>
      [...this.bridges].find(([, members]) => members.has(legId))?.[0];
    const legs = [...this.legs.values()].map((leg) => {
      const bridgeId = bridgeOf(leg.legId);
      return { ...leg, callerName: '', ...(bridgeId === undefined ? {} : { bridgeId }) };
    });
    const bridges = [...this.bridges].map(([bridgeId, members]) => ({ bridgeId, legIds: [...members] }));
    return { nodeId: this.nodeId, atMs: this.clock.nowMs(), legs, bridges };
  }

  /** Kinds of the commands about a leg, in order. */
  askedOf(legId: string): string[] {
    return this.commands.filter((one) => 'legId' in one && one.legId === legId).map(({ kind }) => kind);
  }

  /** Who hears whom. */
  together(): string[][] {
    return [...this.bridges.values()].map((members) => [...members].sort()).filter((members) => members.length > 1);
  }

  private carryOut(command: PbxCommand): CommandResult {
    if (command.kind === 'dial') return this.dial(command);
    if (command.kind === 'createBridge') {
      if (!this.bridges.has(command.bridgeId)) this.bridges.set(command.bridgeId, new Set());
      return ok;
    }
    if (command.kind === 'destroyBridge') {
      const callId = command.bridgeId.slice(0, -'.bridge'.length);
      for (const id of this.recordings.keys()) if (id.startsWith(`${callId}.`)) this.recordings.delete(id);
      return this.bridges.delete(command.bridgeId) ? ok : gone;
    }
    if (command.kind === 'join') {
      const bridge = this.bridges.get(command.bridgeId);
      if (!bridge || !command.legIds.every((legId) => this.legs.has(legId))) return gone;
      for (const legId of command.legIds) bridge.add(legId);
      return ok;
    }
    if ('recordingId' in command) return this.onRecording(command);
    if (command.kind === 'playToBridge') return this.bridges.has(command.bridgeId) ? ok : gone;
    return command.kind === 'stopPlayback' ? gone : this.onLeg(command);
  }

  private onRecording(command: Extract<PbxCommand, { recordingId: string }>): CommandResult {
    if (command.kind === 'record') {
      if (!this.bridges.has(command.bridgeId)) return gone;
      this.recordings.set(command.recordingId, 'on');
      return ok;
    }
    if (!this.recordings.has(command.recordingId)) return gone;
    if (command.kind === 'stopRecording') this.recordings.delete(command.recordingId);
    else this.recordings.set(command.recordingId, command.kind === 'muteRecording' ? 'silent' : 'on');
    return ok;
  }

  private onLeg(command: Extract<PbxCommand, { legId: string }>): CommandResult {
    const leg = this.legs.get(command.legId);
    if (!leg) return gone;
    if (command.kind === 'answer') leg.answered = true;
    if (command.kind === 'setVariables') Object.assign(leg.variables, command.variables);
    if (command.kind === 'separate') return this.bridges.get(command.bridgeId)?.delete(leg.legId) ? ok : gone;
    if (command.kind === 'hangup') this.soon(() => this.hangUp(leg.legId));
    if (command.kind === 'leave' && this.remove(leg.legId)) {
      this.soon(() => this.tell({ kind: 'legLeft', legId: leg.legId }));
    }
    return ok;
  }

  private dial({ legId, callerNumber, variables }: Extract<PbxCommand, { kind: 'dial' }>): CommandResult {
    this.legs.set(legId, { legId, answered: false, callerNumber, dialledNumber: '', variables: { ...variables } });
    this.soon(() => this.tell({ kind: 'legEntered', legId }));
    return ok;
  }

  private remove(legId: string): boolean {
    for (const members of this.bridges.values()) members.delete(legId);
    return this.legs.delete(legId);
  }

  private soon(run: () => void): void {
    setImmediate(run);
  }
}

/** Phones whose state a test sets. */
export class FakeDevices implements DevicePort {
  readonly nodeId: string;
  private readonly states = new Map<string, DeviceState>();
  private readonly clock: Clock;
  private emitFact: (fact: DeviceFact) => void = () => {};
  private emitLink: (change: LinkChange) => void = () => {};

  constructor(clock: Clock, nodeId = 'pbx1') {
    this.clock = clock;
    this.nodeId = nodeId;
  }
  onFact(listener: (fact: DeviceFact) => void): void {
    this.emitFact = listener;
  }
  onLink(listener: (change: LinkChange) => void): void {
    this.emitLink = listener;
  }
  start(): void {}
  stop(): Promise<void> {
    return Promise.resolve();
  }
  stateOf(device: string): DeviceState | undefined {
    return this.states.get(device);
  }
  set(device: string, state: DeviceState): void {
    this.states.set(device, state);
    this.emitFact({ kind: 'deviceStateChanged', device, state, nodeId: this.nodeId, atMs: this.clock.nowMs() });
  }
  restarted(): void {
    const atMs = this.clock.nowMs();
    this.emitFact({ kind: 'pbxStarted', startedAtMs: atMs, restarted: true, nodeId: this.nodeId, atMs });
  }
  link(state: 'up' | 'down'): void {
    this.states.clear();
    this.emitLink({ nodeId: this.nodeId, link: 'ami', state, atMs: this.clock.nowMs() });
  }
}
