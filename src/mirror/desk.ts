import type { Beside, CallDetail } from '../bridge/index.ts';
import type { CustomerLookup, Journal, NewEvent, StateWrite } from '../bridge/ports.ts';
import type { AgentViewData, QueueViewData } from '../events/catalogue/index.ts';
import type { Clock, Logger, Timer } from '../kernel/index.ts';
import type { MirroredCall, MirrorInput, MirrorOutput, Pause, QueueMirror } from './core/index.ts';
import type { Membership, QueueListener, QueuePort } from './ports.ts';
import { detailOf, publishedEvent, queueView } from './views.ts';

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
  readonly lookup: CustomerLookup;
  readonly journal: Journal;
  readonly agents: MirrorAgents;
  readonly ringMaxMs: number;
  readonly graceMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The mark of what an agent learnt from the PBX: it is not sent back. */
export const learntBy = 'app_queue';

const figuresEveryMs = 1_000;
const pauseKind = 'pause/';

/** Runs the mirror: feeds it, keeps its timers, looks callers up, writes and tells what follows, gives orders to the PBX. */
export class MirrorDesk implements Beside, QueueListener {
  /** Orders that the PBX refused or did not answer. */
  pausesFailed = 0;
  private readonly options: MirrorDeskOptions;
  private readonly dirtyQueues = new Set<string>();
  private ticking: Timer | undefined;
  private figures: Timer | undefined;
  private stopped = false;
  private running = false;
  private readonly inputs: MirrorInput[] = [];

  constructor(options: MirrorDeskOptions) {
    this.options = options;
  }

  /** Reads what the store kept, then begins to listen. Calls go on when their node has been read. */
  async start(): Promise<void> {
    const { journal, mirror, clock, ports } = this.options;
    for (const { kind, id, state } of await journal.load()) {
      if (kind !== 'mirrored' || state === null) continue;
      if (id.startsWith(pauseKind)) mirror.restorePause(id.slice(pauseKind.length), state as Pause);
      else mirror.restore(state as MirroredCall, clock.nowMs());
    }
    for (const call of mirror.book.calls.values()) if (!call.customer) this.ask(call);
    this.keepTicking();
    for (const port of ports) port.listen(this);
  }

  stop(): void {
    this.stopped = true;
    this.ticking?.cancel();
    this.figures?.cancel();
    for (const port of this.options.ports) port.stop();
  }

  fact(fact: Parameters<QueueListener['fact']>[0]): void {
    this.step({ kind: 'fact', fact });
  }

  reading(nodeId: string): void {
    this.step({ kind: 'reading', nodeId });
  }

  snapshot(snapshot: Parameters<QueueListener['snapshot']>[0]): void {
    for (const { id: agentId, ...presence } of this.options.agents.all()) {
      this.step({ kind: 'presence', agentId, presence, learnt: true });
    }
    this.step({ kind: 'snapshot', snapshot });
  }

  lost(nodeId: string): void {
    this.step({ kind: 'linkLost', nodeId });
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
    this.step({ kind: 'presence', agentId: agent.id, presence, learnt: agent.changedBy === learntBy });
  }

  private step(input: MirrorInput): void {
    this.inputs.push(input);
    if (this.running) return;
    const { mirror, clock } = this.options;
    this.running = true;
    // One after the other: what comes of an output, such as a customer found at once, is the next step.
    for (let next = this.inputs.shift(); next && !this.stopped; next = this.inputs.shift()) {
      for (const output of mirror.step(next, clock.nowMs())) this.carryOut(output);
    }
    this.running = false;
    this.keepTicking();
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
        return void this.pause(output.membership, output.pause);
      case 'pauseSeen':
        return void journal.write([], [kept(`${pauseKind}${output.agentId}`, output.seen)]);
      case 'queueChanged':
        this.dirtyQueues.add(output.queueId);
        this.figures ??= clock.after(figuresEveryMs, () => this.tellFigures());
        return;
      case 'compared': {
        const { nodeId, kept: known, adopted, ended } = output;
        const data = { nodeId, kept: known, adopted, ended, swept: 0, routedBy: learntBy };
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

  private async pause(membership: Membership, pause: Pause): Promise<void> {
    const { ports, logger } = this.options;
    const port = ports.find(({ nodeId }) => nodeId === membership.nodeId);
    const result = await port?.pause(membership, pause);
    if (!result || result.ok) return;
    this.pausesFailed += 1;
    const { nodeId, queue } = membership;
    // Compared anew with the next reading; a link that is down is no news.
    logger.warn({ nodeId, queue, reason: result.reason }, 'the PBX did not pause a member');
  }

  private keepTicking(): void {
    const { mirror, clock, graceMs } = this.options;
    if (this.ticking || this.stopped || mirror.book.calls.size === 0) return;
    this.ticking = clock.after(Math.max(50, graceMs / 2), () => {
      this.ticking = undefined;
      this.step({ kind: 'tick' });
    });
  }

  private tellFigures(): void {
    this.figures = undefined;
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
  }
}

const kept = (id: string, state: object | null): StateWrite => ({ kind: 'mirrored', id, state });
