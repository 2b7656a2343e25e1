import type { BroadcastCall, LinkChange, PbxPort } from '../bridge/ports.ts';
import type { CommandResult, PbxCommand, PbxFact, PbxSnapshot } from '../call/index.ts';
import { BoundedQueue, type Clock, type Logger, type Rng } from '../kernel/index.ts';
import { backoffMs } from './backoff.ts';
import { CommandRunner, type RunnerOptions } from './command-runner.ts';
import { AriError, ariErrors } from './errors.ts';
import type { AriEvent, StasisStart } from './generated/models.ts';
import { type BareFact, DIALLED_MARK, LegBook } from './legs.ts';
import type { AriLink, AriLinkChange, AriMessage } from './ports.ts';
import { type PbxRecord, readSnapshot } from './snapshot.ts';
import { BOUNDED_MARK, translate } from './translate.ts';

export interface AriPbxOptions extends RunnerOptions {
  /** Variables of ours on channels that a snapshot reads. */
  readonly variableNames: readonly string[];
  readonly snapshotDeadlineMs: number;
  /** Live events kept while a snapshot is read; above it the snapshot is read anew. */
  readonly bufferedEventsMax: number;
  readonly legsMax: number;
  /** How long a leg that left our application may take to end before the PBX is asked about it. */
  readonly departureGraceMs: number;
}

export const ARI_PBX_OPTIONS: AriPbxOptions = {
  variableNames: ['RINGMASTER_CALL', 'RINGMASTER_LEG'],
  requestDeadlineMs: 2_000,
  snapshotDeadlineMs: 5_000,
  bufferedEventsMax: 20_000,
  commandsPerCallMax: 64,
  legsMax: 20_000,
  departureGraceMs: 300,
};

const SNAPSHOT_RETRY = { firstDelayMs: 200, delayMaxMs: 5_000 };
const CONFIRM_ATTEMPTS_MAX = 3;

/** More than half of an application's traffic, and nothing that a call needs to know. */
const UNWANTED_EVENTS: readonly AriEvent['type'][] = [
  'BridgeCreated',
  'BridgeMerged',
  'ChannelCallerId',
  'ChannelConnectedLine',
  'ChannelCreated',
  'ChannelDialplan',
  'ChannelEnteredBridge',
  'ChannelLeftBridge',
  'ChannelVarset',
  'PlaybackStarted',
  'RecordingStarted',
];

interface PbxDeps {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Logger;
}

/** Call control over ARI in the words of the core. */
class AriPbx implements PbxPort {
  readonly nodeId: string;
  private readonly link: AriLink;
  private readonly options: AriPbxOptions;
  private readonly clock: Clock;
  private readonly rng: Rng;
  private readonly log: Logger;
  private readonly legs: LegBook;
  private readonly runner: CommandRunner;
  /** Events that came before the snapshot; undefined while facts flow. */
  private buffer: BoundedQueue<AriEvent> | undefined;
  private bufferOverflowed = false;
  private session = 0;
  /** Bridges that we asked to destroy and whose end has not been told yet. */
  private readonly destroyed = new Set<string>();
  private emitFact: (fact: PbxFact) => void = () => {};
  private emitSnapshot: (snapshot: PbxSnapshot) => void = () => {};
  private emitLink: (change: LinkChange) => void = () => {};
  private wanted: (call: BroadcastCall) => boolean = () => false;

  constructor(link: AriLink, options: Partial<AriPbxOptions>, deps: PbxDeps) {
    this.link = link;
    this.nodeId = link.nodeId;
    this.options = { ...ARI_PBX_OPTIONS, ...options };
    this.clock = deps.clock;
    this.rng = deps.rng;
    this.log = deps.log.child({ nodeId: link.nodeId });
    this.legs = new LegBook(this.options.legsMax);
    this.runner = new CommandRunner(link, this.legs, this.options, { clock: deps.clock, log: this.log });
    this.buffer = new BoundedQueue(this.options.bufferedEventsMax);
    link.onEvent((message) => this.heard(message));
    link.onLink((change) => this.linkChanged(change));
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
    this.wanted = wanted;
  }

  start(): void {
    this.link.start();
  }

  stop(): Promise<void> {
    this.session += 1;
    return this.link.stop();
  }

  send(callId: string, command: PbxCommand): Promise<CommandResult> {
    if (command.kind === 'destroyBridge') this.expectDestroyed(command.bridgeId);
    return this.runner.send(callId, command);
  }

  private heard({ known, event }: AriMessage): void {
    if (!known) return;
    if (!this.buffer) return this.read(event);
    if (!this.buffer.push(event)) this.bufferOverflowed = true;
  }

  private read(event: AriEvent): void {
    const { facts, confirmLeg, confirmBridge, broadcast, unbound } = translate(event, this.legs);
    if (unbound !== undefined) this.unbind(unbound);
    this.tell(facts);
    if (broadcast && this.wanted({ nodeId: this.nodeId, dialledNumber: broadcast.dialledNumber }))
      this.claim(broadcast.legId);
    if (confirmLeg !== undefined) this.confirmLater(confirmLeg, this.session, 1);
    // What we asked for ourselves is no news, and it is the end of every ordinary call.
    if (confirmBridge !== undefined && !this.destroyed.delete(confirmBridge))
      void this.confirmBridge(confirmBridge, this.session);
  }

  /** The first who claims a call gets it: it then arrives; for all others it goes its way, which is no failure of ours. */
  private claim(channelId: string): void {
    const { requestDeadlineMs: deadlineMs } = this.options;
    void this.link.request('events.claimChannel', { channelId, application: this.link.app }, { deadlineMs });
  }

  /** We are there: the dialplan's limit on our appearing must not end the call later. */
  private unbind(channelId: string): void {
    const { requestDeadlineMs: deadlineMs } = this.options;
    const params = { channelId, variable: 'TIMEOUT(absolute)', value: '0' };
    void this.link.request('channels.setChannelVar', params, { deadlineMs });
  }

  /** Bounded: the news of the oldest is then confirmed like that of any other. */
  private expectDestroyed(bridgeId: string): void {
    const { value: oldest } = this.destroyed.values().next();
    if (this.destroyed.size >= this.options.legsMax && oldest !== undefined) this.destroyed.delete(oldest);
    this.destroyed.add(bridgeId);
  }

  private tell(facts: readonly BareFact[]): void {
    for (const fact of facts) {
      this.emitFact({ ...fact, nodeId: this.nodeId, atMs: this.clock.nowMs() });
    }
  }

  private confirmLater(legId: string, session: number, attempt: number): void {
    this.clock.after(this.options.departureGraceMs, () => {
      if (session === this.session && this.legs.isAway(legId)) void this.confirm(legId, session, attempt);
    });
  }

  /** Asks whether a leg that left our application still lives. Without an answer it counts as gone elsewhere. */
  private async confirm(legId: string, session: number, attempt: number): Promise<void> {
    const { requestDeadlineMs: deadlineMs } = this.options;
    const params = { channelId: legId, variable: 'CHANNEL(state)' };
    const answer = await this.link.request('channels.getChannelVar', params, { deadlineMs });
    // It may have come back meanwhile, as another call.
    if (session !== this.session || !this.legs.isAway(legId)) return;
    const isDead = !answer.ok && answer.error.pbxStatus === 404;
    if (!answer.ok && !isDead && attempt < CONFIRM_ATTEMPTS_MAX) return this.confirmLater(legId, session, attempt + 1);
    this.tell(this.legs.gone(legId, !isDead));
  }

  /**
   * Asterisk tells of the end of a bridge when it drops the last reference to it, by when one of the same name may
   * long have taken its place.
   */
  private async confirmBridge(bridgeId: string, session: number): Promise<void> {
    const { requestDeadlineMs: deadlineMs } = this.options;
    const answer = await this.link.request('bridges.get', { bridgeId }, { deadlineMs });
    const isGone = !answer.ok && answer.error.pbxStatus === 404;
    if (isGone && session === this.session) this.tell([{ kind: 'bridgeEnded', bridgeId }]);
  }

  private linkChanged(change: AriLinkChange): void {
    this.session += 1;
    if (change.state === 'up') return void this.resync(this.session, 0);
    this.startBuffering();
    this.emitLink({ nodeId: this.nodeId, link: 'ari', state: change.state, atMs: change.atMs, code: change.code });
  }

  private startBuffering(): void {
    this.buffer = new BoundedQueue(this.options.bufferedEventsMax);
    this.bufferOverflowed = false;
  }

  /** Reads the PBX's state, then lets the events flow that came meanwhile. Tries until it succeeds or the link is lost. */
  private async resync(session: number, attempt: number): Promise<void> {
    const { snapshotDeadlineMs, variableNames } = this.options;
    if (attempt === 0) await this.silenceNoise();
    const record = await readSnapshot(this.link, variableNames, snapshotDeadlineMs);
    if (session !== this.session) return;
    if (!(record instanceof AriError) && !this.bufferOverflowed) return this.caughtUp(record);
    const code = record instanceof AriError ? record.code : ariErrors.busy.code;
    this.log.warn({ code, attempt }, 'the state of the PBX could not be read');
    if (this.bufferOverflowed) this.startBuffering();
    this.clock.after(backoffMs(attempt, SNAPSHOT_RETRY, this.rng), () => {
      if (session === this.session) void this.resync(session, attempt + 1);
    });
  }

  private caughtUp(record: PbxRecord): void {
    const atMs = this.clock.nowMs();
    const waiting = this.buffer?.drain() ?? [];
    // Callers whose arrival is about to be told, with its arguments, need no second announcement without them.
    const arriving = new Set(waiting.flatMap((event) => (isArrival(event) ? event.channel.id : [])));
    const legs = record.legs.filter(
      ({ snapshot }) => !arriving.has(snapshot.legId) || Object.keys(snapshot.variables).length > 0,
    );
    this.legs.clear();
    for (const { snapshot, dialled, entered } of legs) {
      this.legs.add(snapshot.legId, { dialled, entered, answered: snapshot.answered });
      // Who came while nobody listened is still under the dialplan's limit; of whom we have taken, it was lifted then.
      const isNew = Object.keys(snapshot.variables).length === 0;
      if (isNew && snapshot.args?.includes(BOUNDED_MARK)) this.unbind(snapshot.legId);
    }
    this.emitLink({ nodeId: this.nodeId, link: 'ari', state: 'up', atMs });
    this.emitSnapshot({
      nodeId: this.nodeId,
      atMs,
      legs: legs.map(({ snapshot }) => snapshot),
      bridges: record.bridges,
    });
    this.buffer = undefined;
    for (const event of waiting) this.read(event);
  }

  /** Best effort: an Asterisk without event filters sends more, and nothing else changes. */
  private async silenceNoise(): Promise<void> {
    const filter = { disallowed: UNWANTED_EVENTS.map((type) => ({ type })) };
    const params = { applicationName: this.link.app, filter };
    const answer = await this.link.request('applications.filter', params, {
      deadlineMs: this.options.requestDeadlineMs,
    });
    if (!answer.ok) this.log.info({ code: answer.error.code }, 'the PBX does not filter events');
  }
}

const isArrival = (event: AriEvent): event is StasisStart =>
  event.type === 'StasisStart' && event.args[0] !== DIALLED_MARK;

/** Call control over a link, which it starts and stops. */
export const createAriPbx = (link: AriLink, options: Partial<AriPbxOptions>, deps: PbxDeps): PbxPort =>
  new AriPbx(link, options, deps);
