import { isOpen } from '../calendar/index.ts';
import type { CustomerResult, DecisionExplanation, EntryPolicy } from '../call/index.ts';
import type { Clock } from '../kernel/index.ts';
import type { RoutingRequest } from '../routing/index.ts';
import { isClosed } from './entries.ts';
import type { CustomerLookup } from './ports.ts';
import { customerWeight } from './routing-desk.ts';
import type { RulesAtWork } from './rule-books.ts';
import type { Switchboard } from './switchboard.ts';
import { customerCard, explanationView } from './views.ts';

/** What a dialplan asks about a call that it has. All texts are checked before. */
export interface AdviceQuestion {
  readonly via: 'http' | 'fastagi';
  /** May be left out where there is one PBX. */
  readonly nodeId?: string | undefined;
  /** The channel; a call that comes to us later from this channel keeps its id. */
  readonly uniqueId?: string | undefined;
  /** Id of an entry, or the number dialled. */
  readonly entry?: string | undefined;
  readonly dialledNumber: string;
  readonly callerNumber: string;
}

export type FallbackReason = 'draining' | 'noEntry' | 'noQueue' | 'queueFull' | 'noNode';

/** Where the call should go. An agent is kept for the call until `keptUntilMs`, Unix milliseconds. */
export type Placement =
  | {
      readonly action: 'agent';
      readonly agentId: string;
      readonly endpoint: string;
      readonly queueId: string;
      readonly ringTimeoutMs: number;
      readonly keptUntilMs: number;
      readonly explanation: DecisionExplanation;
    }
  | { readonly action: 'queue'; readonly queueId: string }
  | { readonly action: 'blacklist' }
  /** Outside the hours of the number. */
  | { readonly action: 'closed' }
  | { readonly action: 'fallback'; readonly reason: FallbackReason };

export interface Advice {
  readonly callId: string;
  readonly placement: Placement;
  readonly customer: CustomerResult;
}

export interface AdviceOptions {
  readonly tenant: string;
  /** Ids of the PBX nodes. */
  readonly nodeIds: readonly string[];
  readonly lookup: CustomerLookup;
  readonly clock: Clock;
  /** A question is answered by then with what is known. */
  readonly deadlineMs: number;
  /** How long an agent is kept for a call that the dialplan rings through. */
  readonly keepMs: number;
  /** Questions that wait for the CRM at the same time; more are answered without it. */
  readonly askedMax: number;
}

interface Reached {
  readonly ok: true;
  readonly nodeId: string;
  readonly entry: EntryPolicy;
  readonly rules: RulesAtWork;
}
type Reach = Reached | { readonly ok: false; readonly placement: Placement };

const nobodyAsked: CustomerResult = { status: 'pending', source: 'nobody' };

/**
 * Answers dialplans that keep their calls: the same lookup and the same routing engine as for our own calls, and a
 * reservation that ends by itself. Every question is answered within `deadlineMs`; nothing here talks to a PBX.
 */
export class AdviceDesk {
  private readonly board: Switchboard;
  private readonly options: AdviceOptions;
  private waiting = 0;

  constructor(board: Switchboard, options: AdviceOptions) {
    this.board = board;
    this.options = options;
  }

  async ask(question: AdviceQuestion): Promise<Advice> {
    const { board } = this;
    const nodeId = this.nodeOf(question);
    const { uniqueId } = question;
    const asked = nodeId === undefined || uniqueId === undefined ? undefined : { nodeId, uniqueId };
    // Who asks again has not used the first answer.
    const callId = (asked && board.advised.take(asked.nodeId, asked.uniqueId, board.desk)) ?? board.newCallId();
    const rules = board.books.forNew(callId);
    const entry = rules.entries.find(question.entry, question.dialledNumber);
    const reach = this.reachOf(nodeId, entry, rules);
    const told: { advice?: Advice } = {};
    const late = (customer: CustomerResult): void => {
      if (told.advice) this.tell(question, { ...told.advice, customer }, entry, true);
    };
    const customer = reach.ok ? await this.whoCalls(callId, question, late) : nobodyAsked;
    const placement = reach.ok ? this.place(callId, question, reach, customer) : reach.placement;
    const advice: Advice = { callId, placement, customer };
    told.advice = advice;
    if (asked) {
      const agentId = placement.action === 'agent' ? placement.agentId : undefined;
      board.advised.add(asked.nodeId, asked.uniqueId, { callId, agentId });
    }
    this.tell(question, advice, entry, false);
    return advice;
  }

  private nodeOf({ nodeId }: AdviceQuestion): string | undefined {
    const { nodeIds } = this.options;
    if (nodeId === undefined) return nodeIds.length === 1 ? nodeIds[0] : undefined;
    return nodeIds.includes(nodeId) ? nodeId : undefined;
  }

  /** Whether there is anything to decide; if not, nobody is asked who calls. */
  private reachOf(nodeId: string | undefined, entry: EntryPolicy | undefined, rules: RulesAtWork): Reach {
    const refuse = (reason: FallbackReason): Reach => ({ ok: false, placement: { action: 'fallback', reason } });
    if (this.board.draining) return refuse('draining');
    if (nodeId === undefined) return refuse('noNode');
    if (!entry) return refuse('noEntry');
    return this.board.desk.engine.hasQueue(entry.queueId) ? { ok: true, nodeId, entry, rules } : refuse('noQueue');
  }

  /** Answers by the deadline, at once when too many wait already. */
  private whoCalls(
    callId: string,
    { callerNumber, dialledNumber }: AdviceQuestion,
    late: (result: CustomerResult) => void,
  ): Promise<CustomerResult> {
    const { lookup, clock, tenant, deadlineMs, askedMax } = this.options;
    if (this.waiting >= askedMax) return Promise.resolve(nobodyAsked);
    this.waiting += 1;
    return new Promise((resolve) => {
      let told = false;
      const tell = (result: CustomerResult): void => {
        if (told) return late(result);
        told = true;
        timer.cancel();
        this.waiting -= 1;
        resolve(result);
      };
      const timer = clock.after(deadlineMs, () => tell(nobodyAsked));
      lookup.lookup({ callId, tenant, callerNumber, dialledNumber }, tell, late);
    });
  }

  private place(callId: string, question: AdviceQuestion, reached: Reached, customer: CustomerResult): Placement {
    const { desk, draining } = this.board;
    const { entry } = reached;
    if (draining) return { action: 'fallback', reason: 'draining' };
    if (customer.customer?.blacklisted) return { action: 'blacklist' };
    if (entry.hours && !isOpen(entry.hours.schedule, this.options.clock.nowMs())) return { action: 'closed' };
    // Which queue it is to be, the caller tells a flow of ours.
    if (entry.flow) return { action: 'queue', queueId: entry.queueId };
    const request = this.requestOf(callId, question, reached, customer);
    const { queueId } = request;
    // It comes to us, hears so, and goes where the queue says.
    if (isClosed(reached.rules.entries.hoursOf(queueId), request.queuedAtMs)) return { action: 'queue', queueId };
    const found = desk.advise(request, this.options.keepMs);
    if (found) {
      const { agentId, endpoint, ringTimeoutMs, untilMs: keptUntilMs, explanation } = found;
      return { action: 'agent', agentId, endpoint, queueId, ringTimeoutMs, keptUntilMs, explanation };
    }
    if (desk.engine.isFull(queueId)) return { action: 'fallback', reason: 'queueFull' };
    return { action: 'queue', queueId };
  }

  /** As a call of ours that came now with this would be placed and weighed. */
  private requestOf(
    callId: string,
    { callerNumber, dialledNumber }: AdviceQuestion,
    { nodeId, entry, rules }: Reached,
    customer: CustomerResult,
  ): RoutingRequest {
    const { books } = this.board;
    const nowMs = this.options.clock.nowMs();
    const call = {
      entryId: entry.id,
      queueId: entry.queueId,
      dialledNumber,
      callerNumber,
      data: {},
      hops: 0,
      customer,
    };
    const lastAgentId = books.lastAgentFor(rules, callerNumber);
    const known = lastAgentId === undefined ? call : { ...call, lastAgentId };
    const placed = rules.book.place?.(known, nowMs);
    const request = {
      ...customerWeight(customer, entry.needs),
      callId,
      nodeId,
      queueId: placed?.queueId ?? entry.queueId,
      queuedAtMs: nowMs,
      waitingSinceMs: nowMs,
      priority: entry.priority,
      returned: false,
      attempts: 0,
      hops: 0,
    };
    return books.ruled(request, placed ? { ...known, placed } : known, rules, nowMs);
  }

  private tell(question: AdviceQuestion, advice: Advice, entry: EntryPolicy | undefined, late: boolean): void {
    const { callId, placement, customer } = advice;
    const { via, uniqueId, callerNumber, dialledNumber } = question;
    const nodeId = this.nodeOf(question);
    const { action } = placement;
    const agent = action === 'agent' ? placement : undefined;
    const queueId = action === 'agent' || action === 'queue' ? placement.queueId : undefined;
    this.board.recorder.event('route.advised.v1', `route/${callId}`, this.options.clock.nowMs(), {
      advice: {
        callId,
        via,
        callerNumber,
        dialledNumber,
        action,
        ...(nodeId === undefined ? {} : { nodeId }),
        ...(uniqueId === undefined ? {} : { uniqueId }),
        ...(entry === undefined ? {} : { entryId: entry.id }),
        ...(action === 'fallback' ? { reason: placement.reason } : {}),
        ...(agent ? { agentId: agent.agentId, keptUntilMs: agent.keptUntilMs } : {}),
        ...(queueId === undefined ? {} : { queueId }),
      },
      customer: customerCard(customer),
      late,
      ...(agent ? { explanation: explanationView(agent.explanation) } : {}),
    });
  }
}
