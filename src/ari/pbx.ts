import type { LinkChange, PbxPort } from '../bridge/ports.ts';
import type { CommandResult, PbxCommand, PbxFact, PbxSnapshot } from '../call/index.ts';
import { BoundedQueue, type Clock, type Logger, type Rng } from '../kernel/index.ts';
import { backoffMs } from './backoff.ts';
import { failureOf, type Plan, planCommand, type Step } from './commands.ts';
import { AriError, ariErrors } from './errors.ts';
import type { AriEvent, StasisStart } from './generated/models.ts';
import { type BareFact, DIALLED_MARK, LegBook } from './legs.ts';
import type { AriLink, AriLinkChange, AriMessage, AriResponse } from './ports.ts';
import { type PbxRecord, readSnapshot } from './snapshot.ts';
import { translate } from './translate.ts';

export interface AriPbxOptions {
  /** Variables of ours on channels that a snapshot reads. */
  readonly variableNames: readonly string[];
  readonly requestDeadlineMs: number;
  readonly snapshotDeadlineMs: number;
  /** Live events kept while a snapshot is read; above it the snapshot is read anew. */
  readonly bufferedEventsMax: number;
  /** Commands of one call that may wait for one another on a transport without order. */
  readonly commandsPerCallMax: number;
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
  'ChannelCallerId',
  'ChannelConnectedLine',
  'ChannelDialplan',
  'ChannelVarset',
];

interface PbxDeps {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Logger;
}

interface Chain {
  tail: Promise<unknown>;
  length: number;
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
  /** Events that came before the snapshot; undefined while facts flow. */
  private buffer: BoundedQueue<AriEvent> | undefined;
  private bufferOverflowed = false;
  private session = 0;
  private readonly chains = new Map<string, Chain>();
  /** Dials that wait for their leg to enter our application: told whether it did. */
  private readonly entering = new Map<string, (entered: boolean) => void>();
  private emitFact: (fact: PbxFact) => void = () => {};
  private emitSnapshot: (snapshot: PbxSnapshot) => void = () => {};
  private emitLink: (change: LinkChange) => void = () => {};

  constructor(link: AriLink, options: Partial<AriPbxOptions>, deps: PbxDeps) {
    this.link = link;
    this.nodeId = link.nodeId;
    this.options = { ...ARI_PBX_OPTIONS, ...options };
    this.clock = deps.clock;
    this.rng = deps.rng;
    this.log = deps.log.child({ nodeId: link.nodeId });
    this.legs = new LegBook(this.options.legsMax);
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

  start(): void {
    this.link.start();
  }

  stop(): Promise<void> {
    this.session += 1;
    return this.link.stop();
  }

  send(callId: string, command: PbxCommand): Promise<CommandResult> {
    const plan = planCommand(command, this.link.app);
    if (plan instanceof AriError) {
      this.log.error({ callId, code: plan.code, error: plan.message }, 'a command is not allowed');
      return Promise.resolve({ ok: false, failure: 'refused' });
    }
    const run = () => this.run(callId, command, plan);
    return this.link.ordered ? run() : this.inTurn(callId, run);
  }

  /** Over HTTP requests overtake each other, so those of one call wait for one another. */
  private inTurn(callId: string, run: () => Promise<CommandResult>): Promise<CommandResult> {
    const chain = this.chains.get(callId) ?? { tail: Promise.resolve(), length: 0 };
    if (chain.length >= this.options.commandsPerCallMax) return Promise.resolve({ ok: false, failure: 'unavailable' });
    const result = chain.tail.then(run);
    chain.length += 1;
    chain.tail = result.finally(() => {
      chain.length -= 1;
      if (chain.length === 0) this.chains.delete(callId);
    });
    this.chains.set(callId, chain);
    return result;
  }

  private async run(callId: string, command: PbxCommand, plan: Plan): Promise<CommandResult> {
    if (command.kind === 'leave') this.legs.setLeaving(command.legId, true);
    const result = plan.kind === 'dial' ? await this.dial(plan) : await this.runSteps(plan.steps);
    if (result.ok) return result;
    if (command.kind === 'leave') this.legs.setLeaving(command.legId, false);
    this.log.info({ callId, command: command.kind, failure: result.failure }, 'a command to the PBX failed');
    return result;
  }

  private async runSteps(list: readonly Step[]): Promise<CommandResult> {
    const { requestDeadlineMs } = this.options;
    if (this.link.ordered) {
      const answers = await Promise.all(list.map((step) => step.run(this.link, requestDeadlineMs)));
      const failed = answers.findIndex((answer) => !answer.ok);
      return failed < 0 ? { ok: true } : resultOf(answers[failed], list[failed]);
    }
    for (const step of list) {
      const answer = await step.run(this.link, requestDeadlineMs);
      if (!answer.ok) return resultOf(answer, step);
    }
    return { ok: true };
  }

  /**
   * Asterisk answers `create` before the new leg has entered our application, and refuses to dial it until then: so
   * the dial waits for its StasisStart, which may also come before the answer.
   */
  private async dial({ legId, create, dial }: Plan & { kind: 'dial' }): Promise<CommandResult> {
    this.legs.add(legId, true, false);
    const entered = this.waitForEntry(legId);
    const created = await this.runSteps([create]);
    if (!created.ok) {
      this.entering.get(legId)?.(false);
      this.legs.forget(legId);
      return created;
    }
    if (!(await entered)) return { ok: false, failure: this.legs.has(legId) ? 'timeout' : 'gone' };
    return this.runSteps([dial]);
  }

  private waitForEntry(legId: string): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (entered: boolean): void => {
        timer.cancel();
        this.entering.delete(legId);
        resolve(entered);
      };
      const timer = this.clock.after(2 * this.options.requestDeadlineMs, () => settle(false));
      this.entering.set(legId, settle);
    });
  }

  private heard({ known, event }: AriMessage): void {
    if (!known) return;
    if (event.type === 'StasisStart') this.entering.get(event.channel.id)?.(true);
    if (!this.buffer) return this.read(event);
    if (!this.buffer.push(event)) this.bufferOverflowed = true;
  }

  private read(event: AriEvent): void {
    const { facts, confirm } = translate(event, this.legs);
    this.tell(facts);
    if (confirm !== undefined) this.confirmLater(confirm, this.session, 1);
  }

  private tell(facts: readonly BareFact[]): void {
    for (const fact of facts) {
      if (fact.kind === 'legEnded') this.entering.get(fact.legId)?.(false);
      this.emitFact({ ...fact, nodeId: this.nodeId, atMs: this.clock.nowMs() });
    }
  }

  private confirmLater(legId: string, session: number, attempt: number): void {
    this.clock.after(this.options.departureGraceMs, () => {
      if (session === this.session && this.legs.has(legId)) void this.confirm(legId, session, attempt);
    });
  }

  /** Asks whether a leg that left our application still lives. Without an answer it counts as gone elsewhere. */
  private async confirm(legId: string, session: number, attempt: number): Promise<void> {
    const { requestDeadlineMs: deadlineMs } = this.options;
    const params = { channelId: legId, variable: 'CHANNEL(state)' };
    const answer = await this.link.request('channels.getChannelVar', params, { deadlineMs });
    if (session !== this.session) return;
    const isDead = !answer.ok && answer.error.pbxStatus === 404;
    if (!answer.ok && !isDead && attempt < CONFIRM_ATTEMPTS_MAX) return this.confirmLater(legId, session, attempt + 1);
    this.tell(this.legs.gone(legId, !isDead));
  }

  private linkChanged(change: AriLinkChange): void {
    this.session += 1;
    if (change.state === 'up') return void this.resync(this.session, 0);
    this.startBuffering();
    for (const settle of this.entering.values()) settle(false);
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
    for (const { snapshot, dialled } of legs) this.legs.add(snapshot.legId, dialled, snapshot.answered);
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

function resultOf(answer: AriResponse<unknown> | undefined, step: Step | undefined): CommandResult {
  if (!answer || answer.ok) return { ok: true };
  return { ok: false, failure: failureOf(answer.error, step?.gone ?? []) };
}

/** Call control over a link, which it starts and stops. */
export const createAriPbx = (link: AriLink, options: Partial<AriPbxOptions>, deps: PbxDeps): PbxPort =>
  new AriPbx(link, options, deps);
