import type { OfferToken } from '../call/index.ts';

/** What routing is told of a call that asks for an agent. Times are Unix milliseconds. */
export interface RoutingRequest {
  readonly callId: string;
  readonly nodeId: string;
  readonly queueId: string;
  /** Since when the caller waits, through overflow and transfer; not when this queue was entered. */
  readonly queuedAtMs: number;
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
}

/** Work for agents that no caller waits for: behind all who wait, not counted with them, given up after a time. */
export interface OutboundWork {
  readonly waitMaxMs: number;
  /** The agent's own wish: he may be paused, and need not rest. */
  readonly byAgent: boolean;
}

/** A request with what routing keeps beside it. */
export interface WaitingCall {
  request: RoutingRequest;
  orderKey: number;
  needs: Readonly<Record<string, number>>;
  queueEnteredAtMs: number;
  /** Agents who declined or let it ring; left out until nobody else would be left. */
  excluded: Set<string>;
  offer: OfferToken | undefined;
  /** It was told to go elsewhere and is on its way: nobody is looked for any more. */
  passedOn: boolean;
  /** The wait in this queue passed its limit while a phone was ringing or the node was out of sight. */
  overdue: boolean;
  onlyAgentId: string | undefined;
  attempts: number;
}
