import type { Beside, CallDetail } from '../bridge/index.ts';
import type { CustomerLookup, Journal, NewEvent, StateWrite } from '../bridge/ports.ts';
import type { AgentViewData, QueueViewData } from '../events/catalogue/index.ts';
import { type Clock, errorText, type Logger, type Timer } from '../kernel/index.ts';
import type { MirroredCall, MirrorInput, MirrorOutput, Pause, QueueMirror } from './core/index.ts';
import type { AgentOf } from './members-of.ts';
import { PauseLane } from './pause-lane.ts';
import type { QueueListener, QueuePort } from './ports.ts';
import { detailOf, publishedEvent, queueView, routedBy } from './views.ts';

/** What the mirror does to agents here. */
export interface MirrorAgents {
  /** The agents as they are now; asked before both sides are compared. */
  all(): Iterable<{ readonly id: string; readonly presence: AgentViewData['presence']; readonly reason: string }>;
  /** Somebody has paused the agent at the PBX, or let him go on. */
  pause(agentId: string, pause: Pause): void;
  /** The agent talks on a call that is not ours to route: nobody else is to be given to him. */
  talks(agentId: string, callId: string): void;
  hungUp(agentId: string, callId: string): void;
}

export interface MirrorDeskOptions {
  readonly tenant: string;
  readonly mirror: QueueMirror;
  readonly queueIds: readonly string[];
  readonly ports: readonly QueuePort[];
  /** Whose the members are, by the agents as they are now. */
  readonly memberFinder: () => AgentOf;
  readonly lookup: CustomerLookup;
  readonly journal: Journal;
  readonly agents: MirrorAgents;
  readonly ringMaxMs: number;
  readonly graceMs: number;
  /** An order to the PBX is done by then, or not at all. */
  readonly pauseDeadlineMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What the mirror has counted since its start, and what it holds. */
export interface MirrorFigures {
  readonly phases: Readonly<Record<string, number>>;
  readonly stale: number;
  readonly shed: { readonly calls: number; readonly members: number };
  readonly pausesFailed: number;
  readonly errors: number;
  /** `ageMs`: since the last reading that succeeded. */
  readonly nodes: readonly {
    readonly nodeId: string;
    readonly readings: number;
    readonly failed: number;
    readonly ageMs: number | undefined;
  }[];
}

const figuresEveryMs = 1_000;
/** After orders that failed all is read once in so long; what the PBX refuses, it refuses again. */
const rereadAfterFailureMs = 60_000;
/** How often it is said that there was no room. */
const shedToldEveryMs = 60_000;
const pausesInFlightMax = 32;
const pausesWaitingMax = 10_000;
const pauseKind = 'pause/';
const passedKind = 'passed/';

/** Runs the mirror: feeds it, keeps its timers, looks callers up, writes and tells what follows, gives orders to the PBX. */
export class MirrorDesk implements Beside, QueueListener {
  /** Inputs and what follows from them that came to an error. */
  private errors = 0;
  private readonly lane: PauseLane;
  private readonly options: MirrorDeskOptions;
  private readonly dirtyQueues = new Set<string>();
  private ticking: Timer | undefined;
  private telling: Timer | undefined;
  private stopped = false;
  private running = false;
  private readonly inputs: MirrorInput[] = [];
  private rereadAtMs = Number.NEGATIVE_INFINITY;
  private shedTold = { atMs: Number.NEGATIVE_INFINITY, count: 0 };

  constructor(options: MirrorDeskOptions) {
    this.options = options;
    const { ports, clock, logger, pauseDeadlineMs: deadlineMs } = options;
    this.lane = new PauseLane({
      ports,
      inFlightMax: pausesInFlightMax,
      waitingMax: pausesWaitingMax,
      deadlineMs,
      clock,
      logger,
      failed: (membership, pause) => {
        this.step({ kind: 'pauseFailed', membership, pause });
        this.rereadOnce();
      },
    });
  }

  /** Reads what the store kept, then begins to listen. Calls go on when their node has been read. */
  async start(): Promise<void> {
    const { journal, mirror, clock, ports } = this.options;
    for (const { kind, id, state } of await journal.load()) {
      if (kind !== 'mirrored' || state === null) continue;
      if (id.startsWith(pauseKind)) mirror.restorePause(id.slice(pauseKind.length), state);
      else if (id.startsWith(passedKind)) mirror.restorePassedOn(id.slice(passedKind.length));
      else mirror.restore(state as MirroredCall, clock.nowMs());
    }
    for (const call of mirror.book.calls.values()) if (!call.customer) this.ask(call);
    this.keepTicking();
    for (const port of ports) port.listen(this);
  }

  stop(): void {
    this.stopped = true;
    this.ticking?.cancel();
    this.telling?.cancel();
    for (const port of this.options.ports) port.stop();
  }

  fact(fact: Parameters<QueueListener['fact']>[0]): void {
    this.step({ kind: 'fact', fact });
  }

  reading(nodeId: string): void {
    this.step({ kind: 'reading', nodeId });
  }

  snapshot(snapshot: Parameters<QueueListener['snapshot']>[0]): void {
    this.tellStanding();
    this.step({ kind: 'snapshot', snapshot });
  }

  lost(nodeId: string): void {
    this.step({ kind: 'linkLost', nodeId });
  }

  /** The agents have changed: members may be somebody else's. */
  remap(): void {
    this.tellStanding();
    this.step({ kind: 'remap', agentOf: this.options.memberFinder() });
  }

  /** What is counted, for the metrics. */
  figures(): MirrorFigures {
    const { mirror, ports } = this.options;
    const phases: Record<string, number> = {};
    let stale = 0;
    for (const call of mirror.book.calls.values()) {
      phases[call.phase] = (phases[call.phase] ?? 0) + 1;
      if (mirror.isStale(call)) stale += 1;
    }
    const nowMs = this.options.clock.nowMs();
    const nodes = ports.map((port) => {
      const { readings, failed, readAtMs } = port.figures();
      return { nodeId: port.nodeId, readings, failed, ageMs: readAtMs === undefined ? undefined : nowMs - readAtMs };
    });
    return { phases, stale, shed: mirror.shed, pausesFailed: this.lane.failures, errors: this.errors, nodes };
  }

  /** The journal as others write to it: what an agent does here goes to the PBX from there. */
  watching(journal: Journal): Journal {
    return {
      write: (events, states) => {
        for (const event of events) if (event.type === 'agent.state.v1') this.agentChanged(event);
        return journal.write(events, states);
      },
      load: () => journal.load(),
      endedLately: () => journal.endedLately(),
    };
  }

  calls(): readonly CallDetail[] {
    const { mirror } = this.options;
    return [...mirror.book.calls.values()].map((call) => detailOf(call, mirror.isStale(call)));
  }

  call(callId: string): CallDetail | undefined {
    const { mirror } = this.options;
    const call = mirror.book.get(callId);
    return call && detailOf(call, mirror.isStale(call));
  }

  queues(): readonly QueueViewData[] {
    const nowMs = this.options.clock.nowMs();
    return this.options.queueIds.map((id) => queueView(this.options.mirror, id, nowMs));
  }

  private agentChanged({ data }: NewEvent): void {
    const { agent } = data as { agent: AgentViewData };
    const presence = { presence: agent.presence, reason: agent.pauseReason ?? '' };
    const news = agent.changedBy === routedBy ? 'learnt' : 'changed';
    this.step({ kind: 'presence', agentId: agent.id, presence, news });
  }

  private tellStanding(): void {
    for (const { id: agentId, ...presence } of this.options.agents.all()) {
      this.step({ kind: 'presence', agentId, presence, news: 'stands' });
    }
  }

  private step(input: MirrorInput): void {
    this.inputs.push(input);
    if (this.running) return;
    const { mirror, clock } = this.options;
    this.running = true;
    // One after the other: what comes of an output, such as a customer found at once, is the next step.
    for (let next = this.inputs.shift(); next && !this.stopped; next = this.inputs.shift()) {
      const one = next;
      const outputs = this.guarded(one.kind, () => mirror.step(one, clock.nowMs())) ?? [];
      for (const output of outputs) this.guarded(output.kind, () => this.carryOut(output));
    }
    this.running = false;
    this.keepTicking();
  }

  /** One thing that fails must not make the mirror deaf to all that follows. */
  private guarded<T>(what: string, work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.errors += 1;
      this.options.logger.error({ what, error: errorText(error) }, 'the mirror of app_queue failed at one step');
      return undefined;
    }
  }

  private carryOut(output: MirrorOutput): void {
    const { agents, journal, clock, logger, ringMaxMs } = this.options;
    switch (output.kind) {
      case 'call': {
        const { call, told, inferred } = output;
        const events = told.map((one) => publishedEvent(one, ringMaxMs, clock.nowMs(), inferred));
        return void journal.write(events, [kept(call.id, call.phase === 'ended' ? null : call)]);
      }
      case 'lookup':
        return this.ask(output.call);
      case 'talks':
        return agents.talks(output.agentId, output.call.id);
      case 'hungUp':
        return agents.hungUp(output.agentId, output.call.id);
      case 'agentPause':
        return agents.pause(output.agentId, output.pause);
      case 'memberPause':
        return this.lane.add(output.membership, output.pause);
      case 'pauseSeen':
        return void journal.write([], [kept(`${pauseKind}${output.agentId}`, output.seen)]);
      case 'passedOn':
        return void journal.write([], [kept(`${passedKind}${output.channel}`, output.lives ? {} : null)]);
      case 'reread':
        return this.options.ports.find(({ nodeId }) => nodeId === output.nodeId)?.reread();
      case 'queueChanged':
        this.dirtyQueues.add(output.queueId);
        this.telling ??= clock.after(figuresEveryMs, () => this.tellFigures());
        return;
      case 'compared': {
        const { nodeId, kept: known, adopted, ended, afterGap } = output;
        // Without a gap it is news only when something was not known.
        if (!afterGap && adopted + ended === 0) return;
        const data = { nodeId, kept: known, adopted, ended, swept: 0, routedBy };
        logger.info({ nodeId, kept: known, adopted, ended }, 'compared with app_queue');
        journal.write([{ type: 'pbx.reconciled.v1', subject: `node/${nodeId}`, atMs: clock.nowMs(), data }], []);
      }
    }
  }

  private ask({ id: callId, callerNumber, dialledNumber }: MirroredCall): void {
    const { lookup, tenant } = this.options;
    let settled = false;
    const tell = (late: boolean) => (customer: Parameters<Parameters<CustomerLookup['lookup']>[1]>[0]) => {
      settled = true;
      this.step({ kind: 'customer', callId, customer, late });
    };
    lookup.lookup({ callId, tenant, callerNumber, dialledNumber }, tell(false), (customer) => tell(settled)(customer));
  }

  /** What was not done is compared again, soon, but not for ever. */
  private rereadOnce(): void {
    const nowMs = this.options.clock.nowMs();
    if (nowMs - this.rereadAtMs < rereadAfterFailureMs) return;
    this.rereadAtMs = nowMs;
    for (const port of this.options.ports) port.reread();
  }

  private tellShed(): void {
    const { mirror, clock, logger } = this.options;
    const { calls, members } = mirror.shed;
    const nowMs = clock.nowMs();
    if (calls + members === this.shedTold.count || nowMs - this.shedTold.atMs < shedToldEveryMs) return;
    this.shedTold = { atMs: nowMs, count: calls + members };
    logger.warn({ calls, members }, 'the mirror of app_queue has no room for some: raise callsMax or membersMax');
  }

  private keepTicking(): void {
    const { mirror, clock, graceMs } = this.options;
    if (this.ticking || this.stopped || mirror.book.calls.size === 0) return;
    this.ticking = clock.after(Math.max(50, graceMs / 2), () => {
      this.ticking = undefined;
      this.step({ kind: 'tick' });
      this.tellShed();
    });
  }

  private tellFigures(): void {
    this.telling = undefined;
    const { mirror, clock, journal } = this.options;
    const atMs = clock.nowMs();
    const events = [...this.dirtyQueues].map((id) => ({
      type: 'queue.stats.v1' as const,
      subject: `queue/${id}`,
      atMs,
      data: { queue: queueView(mirror, id, atMs) },
    }));
    this.dirtyQueues.clear();
    journal.write(events, []);
    this.tellShed();
  }
}

const kept = (id: string, state: object | null): StateWrite => ({ kind: 'mirrored', id, state });
