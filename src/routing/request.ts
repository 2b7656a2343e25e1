import type { RelaxationStep } from './relaxation.ts';
import type { Requirement } from './requirement.ts';

/** What routing is told of a call that asks for an agent. Times are Unix milliseconds. */
export interface RoutingRequest {
  readonly callId: string;
  readonly nodeId: string;
  readonly queueId: string;
  /** Since when the caller waits, through overflow and transfer; not when this queue was entered. */
  readonly queuedAtMs: number;
  /**
   * Since when it waits in this queue, of a call that comes to it again: after a restart, or dropped by an agent. Its
   * steps, delays and limits go on, and it is not refused. Absent: from now.
   */
  readonly queueEnteredAtMs?: number | undefined;
  /** Since when the caller waits now; a transfer begins a new wait. For figures, not for the order. */
  readonly waitingSinceMs: number;
  /** Minutes that the entry puts the call ahead. */
  readonly priority: number;
  readonly vip: boolean;
  /** Customer value, 0 to 100. */
  readonly value: number;
  readonly urgency: 'low' | 'normal' | 'high' | 'critical';
  /** Skills needed besides those of the queue. */
  readonly needs: Readonly<Record<string, number>>;
  /** A transfer that wants this agent first. */
  readonly onlyAgentId?: string | undefined;
  /** An agent dropped this caller: first in line. */
  readonly returned: boolean;
  /** Offers made so far. */
  readonly attempts: number;
  /** How many queues have passed it on. */
  readonly hops: number;
  /** Nobody waits: an agent is wanted for a call that goes out. */
  readonly outbound?: OutboundWork | undefined;
  /** What takes an agent's capacity; absent: `voice`, which leaves room for nothing else. */
  readonly channel?: string | undefined;
  /** Asked of an agent besides `needs` and what the queue asks. */
  readonly requirement?: Requirement | undefined;
  /** Instead of the queue's steps: the same with this call's data folded in. */
  readonly steps?: readonly RelaxationStep[] | undefined;
  /** Class for `strict` and `accumulating` order, from 0; absent: 1 for a VIP, 0 for others. */
  readonly orderClass?: number | undefined;
  /** Agents who are never asked for this call. */
  readonly exclude?: readonly string[] | undefined;
  /** The version of the rules with which the call came in; absent or no longer known: the newest. */
  readonly policyVersion?: string | undefined;
}

/** Work for agents that no caller waits for: not counted with those who wait, given up after a time. */
export interface OutboundWork {
  readonly waitMaxMs: number;
  /** The agent's own wish: he may be paused, and need not rest. */
  readonly byAgent: boolean;
  /** A callback: keeps the place in line of the caller who hung up. Absent: behind all who wait. */
  readonly inLine?: true;
}
