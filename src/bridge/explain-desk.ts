import { nextChange } from '../calendar/index.ts';
import {
  type Customer,
  type CustomerResult,
  type EntryPolicy,
  type QueueHours,
  type RuledCall,
  targetName,
} from '../call/index.ts';
import type { Clock } from '../kernel/index.ts';
import type { DryRun, RoutingRequest } from '../routing/index.ts';
import { isClosed } from './entries.ts';
import { customerWeight } from './routing-desk.ts';
import type { RulesAtWork } from './rule-books.ts';
import type { Switchboard } from './switchboard.ts';

/** A call that nobody made, as far as it matters; all that is left out is as for an unknown caller. */
export interface MadeUpCall {
  /** Id of an entry or the number dialled; the first entry when absent. */
  readonly entry?: string;
  /** Instead of the queue that entry and rules choose. */
  readonly queueId?: string;
  readonly nodeId?: string;
  readonly callerNumber?: string;
  readonly language?: string;
  readonly data?: Readonly<Record<string, string>>;
  readonly caller?: Partial<Pick<Customer, CallerKey>>;
  readonly waitedMs?: number;
  /** Which version of the rules; the current when absent. */
  readonly version?: string;
}

type CallerKey = 'tier' | 'value' | 'vip' | 'tags' | 'language' | 'region' | 'churnRisk' | 'ownerAgentId' | 'needs';

/** Who would get a call now, and why everyone else would not. */
export interface Explained extends DryRun {
  readonly callId?: string;
  readonly entryId: string;
  /** The rule that placed it. */
  readonly rule?: string;
  /** The queue is closed to it: where it would go, and when the queue opens, Unix milliseconds. */
  readonly closed?: { readonly target: string; readonly opensAtMs?: number };
}

export type ExplainOutcome =
  | { readonly ok: true; readonly explained: Explained }
  | {
      readonly ok: false;
      readonly reason: 'unknownCall' | 'notWaiting' | 'unknownEntry' | 'unknownQueue' | 'unknownVersion';
    };

/** Answers who would get a call, without touching anything. */
export class ExplainDesk {
  private readonly board: Switchboard;
  private readonly clock: Clock;
  private readonly nodeIds: readonly string[];

  constructor(board: Switchboard, clock: Clock, nodeIds: readonly string[]) {
    this.board = board;
    this.clock = clock;
    this.nodeIds = nodeIds;
  }

  /** Of a call that waits or is being offered. */
  live(callId: string): ExplainOutcome {
    const { board } = this;
    const call = board.calls.get(callId);
    if (!call) return { ok: false, reason: 'unknownCall' };
    const found = board.desk.engine.explain({ callId }, this.clock.nowMs());
    if (!found) return { ok: false, reason: 'notWaiting' };
    const rule = call.placed ? { rule: call.placed.rule } : {};
    return { ok: true, explained: { ...found, callId, ...rule, entryId: call.entryId } };
  }

  madeUp(asked: MadeUpCall): ExplainOutcome {
    const { books } = this.board;
    const rules = asked.version === undefined ? books.current : books.version(asked.version);
    if (!rules) return { ok: false, reason: 'unknownVersion' };
    const entry = asked.entry === undefined ? rules.book.entries[0] : rules.entries.find(asked.entry, asked.entry);
    if (!entry) return { ok: false, reason: 'unknownEntry' };
    const nowMs = this.clock.nowMs();
    const call = this.callOf(asked, entry, rules);
    const placed = rules.book.place?.(call, nowMs);
    const queueId = asked.queueId ?? placed?.queueId ?? entry.queueId;
    if (!rules.entries.hasQueue(queueId)) return { ok: false, reason: 'unknownQueue' };
    const request = this.requestOf(asked, entry, call, queueId, nowMs);
    const ruled = books.ruled(request, placed ? { ...call, placed } : call, rules, nowMs);
    const found = this.board.desk.engine.explain({ request: { ...ruled, policyVersion: rules.book.version } }, nowMs);
    if (!found) return { ok: false, reason: 'unknownQueue' };
    const rule = placed ? { rule: placed.rule } : {};
    const closed = closedTo(rules.entries.hoursOf(queueId), nowMs);
    return { ok: true, explained: { ...found, ...closed, ...rule, entryId: entry.id } };
  }

  private callOf(asked: MadeUpCall, entry: EntryPolicy, rules: RulesAtWork): RuledCall {
    const { callerNumber = '', data = {}, language = entry.language } = asked;
    const lastAgentId = this.board.books.lastAgentFor(rules, callerNumber);
    return {
      entryId: entry.id,
      queueId: asked.queueId ?? entry.queueId,
      dialledNumber: entry.number,
      callerNumber,
      data,
      hops: 0,
      customer: customerOf(asked.caller),
      ...(language === undefined ? {} : { language }),
      ...(lastAgentId === undefined ? {} : { lastAgentId }),
    };
  }

  private requestOf(
    { nodeId = this.nodeIds[0] ?? '', waitedMs = 0 }: MadeUpCall,
    entry: EntryPolicy,
    call: RuledCall,
    queueId: string,
    nowMs: number,
  ): RoutingRequest {
    return {
      ...customerWeight(call.customer, entry.needs),
      callId: 'made-up',
      nodeId,
      queueId,
      queuedAtMs: nowMs - waitedMs,
      waitingSinceMs: nowMs - waitedMs,
      priority: entry.priority,
      returned: false,
      attempts: 0,
      hops: 0,
    };
  }
}

/** What follows for a call when its queue is closed. */
function closedTo(hours: QueueHours | undefined, nowMs: number): Pick<Explained, 'closed'> & Partial<DryRun> {
  if (!hours || !isClosed(hours, nowMs)) return {};
  const opensAtMs = nextChange(hours.schedule, nowMs);
  const target = targetName(hours.afterHours.target);
  const closed = { target, ...(opensAtMs === undefined ? {} : { opensAtMs }) };
  return { decision: 'refused', chosen: [], closed };
}

function customerOf(caller: MadeUpCall['caller']): CustomerResult {
  if (!caller) return { status: 'none', source: 'nobody' };
  const blank = {
    id: '',
    name: '',
    value: 0,
    vip: false,
    blacklisted: false,
    tags: [],
    purchases: [],
    openTickets: [],
  };
  return { status: 'fresh', source: 'nobody', customer: { ...blank, ...caller } };
}
