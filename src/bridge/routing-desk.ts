import type { AgentInput } from '../agents/index.ts';
import type { Call, CallInput, CustomerResult } from '../call/index.ts';
import type { Clock, Timer } from '../kernel/index.ts';
import {
  openFigures,
  type QueueFigures,
  queueFigures,
  type RoutingEngine,
  type RoutingInput,
  type RoutingOutput,
  type RoutingRequest,
} from '../routing/index.ts';
import { Openings } from './openings.ts';

/** What routing's decisions lead to. */
export interface RoutingDeskListener {
  post(callId: string, input: CallInput): void;
  /** Runs work whose posts must wait until it is done. */
  hold(work: () => void): void;
  agentChanged(agentId: string): void;
  /** Nothing but the state of the agent's phone changed. */
  phoneChanged(agentId: string): void;
  queueFigures(figures: QueueFigures): void;
  /** Routing itself failed at a timer: a defect, which must not end the dispatching. */
  failed(error: unknown): void;
}

/** What routing has decided since the start, by outcome. */
export interface Decisions {
  offer: number;
  consult: number;
  advised: number;
  overflow: number;
  /** A call came, or changed, and nobody was there for it. */
  wait: number;
}

export type Advised = Extract<RoutingOutput, { kind: 'advised' }>;

const queueFiguresEveryMs = 1000;
/** After a failure the next timer is not awaited, for it may not be known. */
const afterFailureMs = 1000;

/** Runs one step of the engine; a place to measure how long it takes. */
export type AroundStep = <T>(step: () => T) => T;
const plainly: AroundStep = (step) => step();

/** Runs the routing engine: feeds it, keeps its one timer, and hands its outputs on. */
export class RoutingDesk {
  readonly engine: RoutingEngine;
  private readonly clock: Clock;
  private readonly listener: RoutingDeskListener;
  readonly decisions: Decisions = { offer: 0, consult: 0, advised: 0, overflow: 0, wait: 0 };
  private readonly around: AroundStep;
  private readonly dirtyQueues = new Set<string>();
  private wakeUp: { timer: Timer; atMs: number } | undefined;
  private figuresTimer: Timer | undefined;
  private stopped = false;
  private advised: Advised | undefined;
  private readonly openings: Openings;

  constructor(engine: RoutingEngine, clock: Clock, listener: RoutingDeskListener, around: AroundStep = plainly) {
    this.around = around;
    this.engine = engine;
    this.clock = clock;
    this.listener = listener;
    this.openings = new Openings(
      clock,
      () => engine.queuePolicies(),
      (queueId) => this.queueChanged(queueId),
    );
    this.openings.watch();
  }

  step(input: RoutingInput): void {
    this.listener.hold(() => void this.stepNow(input));
  }

  /** Reserves somebody for an agent who asks for advice; the call is told. False when nobody is free. */
  consult(request: RoutingRequest): boolean {
    let found = false;
    this.listener.hold(() => {
      found = this.stepNow({ kind: 'consult', request }).some(({ kind }) => kind === 'consult');
    });
    return found;
  }

  private stepNow(input: RoutingInput): readonly RoutingOutput[] {
    const nowMs = this.clock.nowMs();
    const outputs = this.around(() => this.engine.step(input, nowMs));
    this.count(input, outputs);
    const changedAgents = new Set<string>();
    for (const output of outputs) this.carryOut(output, nowMs, changedAgents);
    const phoneOnly = outputs.length === 1 && input.kind === 'agent' && input.input.kind === 'deviceChanged';
    for (const agentId of changedAgents) this.listener[phoneOnly ? 'phoneChanged' : 'agentChanged'](agentId);
    this.setWakeUp();
    if (input.kind === 'policy') this.openings.watch();
    return outputs;
  }

  /** Queues with hours of their own, and whether they are open. */
  *openQueues(): Iterable<readonly [string, boolean]> {
    const nowMs = this.clock.nowMs();
    for (const policy of this.engine.queuePolicies()) {
      const figures = openFigures(policy, nowMs);
      if (figures) yield [policy.id, figures.open];
    }
  }

  /** What routing was told that cannot be, since the start. */
  impossible(): Omit<ReturnType<RoutingEngine['stats']>, 'offers'> {
    const { offers: _, ...impossible } = this.engine.stats();
    return impossible;
  }

  private count({ kind }: RoutingInput, outputs: readonly RoutingOutput[]): void {
    const { decisions } = this;
    let decided = false;
    for (const output of outputs) {
      if (!Object.hasOwn(decisions, output.kind)) continue;
      decisions[output.kind as keyof Decisions] += 1;
      decided = true;
    }
    if (!decided && (kind === 'enqueue' || kind === 'reassess')) decisions.wait += 1;
  }

  /** Whom a call would get that the dialplan rings through; the agent is kept for it. Undefined when nobody is free. */
  advise(request: RoutingRequest, holdMs: number): Advised | undefined {
    this.advised = undefined;
    this.step({ kind: 'advise', request, holdMs });
    return this.advised;
  }

  agentInput(agentId: string, input: AgentInput): void {
    this.step({ kind: 'agent', agentId, input });
  }

  stop(): void {
    this.stopped = true;
    this.wakeUp?.timer.cancel();
    this.figuresTimer?.cancel();
    this.openings.stop();
  }

  private carryOut(output: RoutingOutput, atMs: number, changedAgents: Set<string>): void {
    const { listener } = this;
    switch (output.kind) {
      case 'offer':
        return listener.post(output.token.callId, { ...output, kind: 'offered', atMs });
      case 'consult': {
        const { token, queueId, endpoint, ringTimeoutMs, explanation } = output;
        const found = { kind: 'agent', agentId: token.agentId, queueId, token, endpoint, explanation } as const;
        return listener.post(token.callId, { kind: 'consult', found, ringTimeoutMs, atMs });
      }
      case 'offerExpired':
        return listener.post(output.token.callId, { kind: 'offerExpired', token: output.token, atMs });
      case 'withdraw':
        return listener.post(output.token.callId, { kind: 'offerWithdrawn', token: output.token, atMs });
      case 'overflow':
        return listener.post(output.callId, { kind: 'overflowed', target: output.target, reason: output.reason, atMs });
      case 'wrapUpEnded':
        return listener.post(output.callId, { kind: 'wrapUpEnded', agentId: output.agentId, atMs });
      case 'advised':
        this.advised = output;
        return;
      case 'agentChanged':
        changedAgents.add(output.agentId);
        return;
      case 'queueChanged':
        return this.queueChanged(output.queueId);
    }
  }

  private queueChanged(queueId: string): void {
    this.dirtyQueues.add(queueId);
    this.figuresTimer ??= this.clock.after(queueFiguresEveryMs, () => this.publishFigures());
  }

  private publishFigures(): void {
    this.figuresTimer = undefined;
    const nowMs = this.clock.nowMs();
    for (const queueId of this.dirtyQueues) {
      if (this.engine.hasQueue(queueId)) this.listener.queueFigures(queueFigures(this.engine, queueId, nowMs));
    }
    this.dirtyQueues.clear();
  }

  private setWakeUp(): void {
    const dueMs = this.engine.nextDueMs();
    if (dueMs === undefined || this.stopped || (this.wakeUp && this.wakeUp.atMs <= dueMs)) return;
    this.wakeAt(Math.max(dueMs, this.clock.nowMs() + 1));
  }

  private wakeAt(atMs: number): void {
    this.wakeUp?.timer.cancel();
    const timer = this.clock.after(atMs - this.clock.nowMs(), () => {
      this.wakeUp = undefined;
      try {
        this.step({ kind: 'tick' });
      } catch (error) {
        this.listener.failed(error);
        if (!this.stopped) this.wakeAt(this.clock.nowMs() + afterFailureMs);
      }
    });
    this.wakeUp = { timer, atMs };
  }
}

/** Nobody waits for an outbound call whose customer is not dialled yet. */
function outboundWork({ outbound }: Call): Pick<RoutingRequest, 'outbound' | 'priority'> | undefined {
  if (!outbound) return undefined;
  const { agentWaitMs: waitMaxMs, byAgent, callback, priority } = outbound;
  return { priority, outbound: { waitMaxMs, byAgent, ...(callback ? { inLine: true } : {}) } };
}

/** What a call asks of routing, from what is known of it now. */
export function routingRequest(
  call: Call,
  entry: { priority: number; needs: Readonly<Record<string, number>> },
): RoutingRequest {
  return {
    ...customerWeight(call.customer, entry.needs),
    callId: call.id,
    nodeId: call.nodeId,
    queueId: call.queueId ?? '',
    queuedAtMs: call.queuedAtMs ?? call.enteredAtMs,
    waitingSinceMs: call.waitingSinceMs ?? call.queuedAtMs ?? call.enteredAtMs,
    priority: entry.priority,
    onlyAgentId: call.onlyAgentId,
    returned: call.returned,
    attempts: call.attempts,
    hops: call.hops,
    ...outboundWork(call),
  };
}

/** The same of one that comes again to the queue in which it has waited. */
export const queuedAgain = (request: RoutingRequest, { queueEnteredAtMs, queuedAtMs }: Call): RoutingRequest => ({
  ...request,
  queueEnteredAtMs: queueEnteredAtMs ?? queuedAtMs,
});

/** What of the customer weighs in routing. */
export function customerWeight(
  result: CustomerResult | undefined,
  needs: Readonly<Record<string, number>>,
): Pick<RoutingRequest, 'vip' | 'value' | 'urgency' | 'needs'> {
  const customer = result?.customer;
  const urgencies = new Set(customer?.openTickets.map((ticket) => ticket.urgency));
  return {
    vip: customer?.vip ?? false,
    value: customer?.value ?? 0,
    urgency: urgencies.has('critical') ? 'critical' : urgencies.has('high') ? 'high' : 'normal',
    needs: customer?.needs ? { ...needs, ...customer.needs } : needs,
  };
}
