import type { Clock } from '../../kernel/index.ts';
import { Type } from '../../schema/index.ts';
import { compileMask, type Seal } from '../../security/index.ts';
import {
  type AgentViewData,
  CallView,
  type CallViewData,
  CustomerCard,
  type CustomerCardData,
  type QueueViewData,
} from '../catalogue/index.ts';
import { admitsFamily, type EventFilter } from '../filter.ts';

/** Everything alive at one moment. */
export interface LiveState {
  readonly calls: readonly { readonly call: CallViewData; readonly customer?: CustomerCardData }[];
  readonly agents: readonly AgentViewData[];
  readonly queues: readonly QueueViewData[];
}

export interface TakenSnapshot {
  /** The newest event that the state takes account of; it may not be committed yet. */
  readonly sequence: number;
  readonly state: LiveState;
}

/** Where readers' first state comes from: from the server itself at once, from elsewhere soon or with an AppError. */
export interface SnapshotSource {
  take(): TakenSnapshot | Promise<TakenSnapshot>;
}

const maskDetail = compileMask(Type.Object({ call: CallView, customer: Type.Optional(CustomerCard) }));
const sharedForMs = 1000;

/** Takes snapshots; a thousand desktops that come back in one moment share one. */
export class Snapshots implements SnapshotSource {
  private readonly live: () => LiveState;
  private readonly sequence: () => number;
  private readonly clock: Clock;
  private last: (TakenSnapshot & { readonly takenAtMs: number }) | undefined;

  /** `sequence` tells the newest event written so far; it is asked in the same turn as `live`. */
  constructor(live: () => LiveState, sequence: () => number, clock: Clock) {
    this.live = live;
    this.sequence = sequence;
    this.clock = clock;
  }

  take(): TakenSnapshot {
    const nowMs = this.clock.nowMs();
    const sequence = this.sequence();
    if (this.last?.sequence === sequence && nowMs - this.last.takenAtMs < sharedForMs) return this.last;
    this.last = { sequence, state: this.live(), takenAtMs: nowMs };
    return this.last;
  }
}

/** The part of the state that passes the filter, masked unless the reader may see numbers. */
export function cutSnapshot(state: LiveState, filter: EventFilter, mayReadPii: boolean, seal?: Seal): LiveState {
  const { agents, queues, calls } = filter;
  const named = (wanted: readonly string[] | undefined, id: string | undefined): boolean =>
    !wanted || (id !== undefined && wanted.includes(id));
  const shownCalls = admitsFamily(filter, 'call')
    ? state.calls.filter(
        ({ call }) =>
          named(calls, call.id) &&
          [call.agentId, call.consult?.agentId, ...(call.offeredTo ?? [])].some((id) => named(agents, id)) &&
          named(queues, call.queueId),
      )
    : [];
  const shownAgents =
    admitsFamily(filter, 'agent') && !queues
      ? state.agents.filter((agent) => named(agents, agent.id) && named(calls, agent.callId))
      : [];
  const shownQueues =
    admitsFamily(filter, 'queue') && !agents && !calls ? state.queues.filter((queue) => named(queues, queue.id)) : [];
  const masked =
    mayReadPii || !maskDetail ? shownCalls : shownCalls.map((detail) => maskDetail(detail, seal) as typeof detail);
  return { calls: masked, agents: shownAgents, queues: shownQueues };
}
