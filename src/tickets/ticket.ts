/** How much a ticket presses, in the words of a customer's open tickets. */
export const ticketLevels = ['low', 'normal', 'high', 'critical'] as const;
export type TicketLevel = (typeof ticketLevels)[number];

/** Where a ticket stands at its desk, whatever words the desk has for it. */
export const ticketStatuses = ['new', 'open', 'pending', 'solved', 'closed'] as const;
export type TicketStatus = (typeof ticketStatuses)[number];

/** `waiting`: not yet at the desk. `placed`: the desk has it. `failed`: given up, a person must look (dead letter). */
export const ticketPhases = ['waiting', 'placed', 'failed'] as const;
export type TicketPhase = (typeof ticketPhases)[number];

/** A ticket as we keep it, from the moment a rule or a person asks for it. Plain JSON data; times are Unix milliseconds. */
export interface Ticket {
  /** `<call>.<rule>` for a rule's ticket: a second one for the same call and rule has the same place. */
  readonly id: string;
  /** Grows by one with every change. */
  readonly version: number;
  readonly phase: TicketPhase;
  readonly deskId: string;
  /** The desk's own queue. */
  readonly queue?: string;
  readonly level: TicketLevel;
  readonly subject: string;
  readonly text: string;
  /** The call it came from first; calls linked later behind it. Empty for a ticket that came from none. */
  readonly callIds: readonly string[];
  readonly ruleId?: string;
  /** Who made it by hand, or who had the call. */
  readonly agentId?: string;
  readonly customerId?: string;
  readonly callerNumber?: string;
  /** What the desk knows it by before it has an id there: idempotency key and mark in the subject. */
  readonly mark: string;
  /** How often the desk was asked to make it without success. */
  readonly attempts: number;
  /** Not asked before this. */
  readonly notBeforeMs: number;
  /** Since when it waits; a replay begins anew. */
  readonly waitingSinceMs: number;
  /** Why the last attempt failed. */
  readonly failureCode?: string;
  readonly deskTicketId?: string;
  /** Where people open it; http or https. */
  readonly url?: string;
  readonly status: TicketStatus;
  /** The desk's own word for the status. */
  readonly deskStatus?: string;
  /** When the desk last changed it, by the desk's clock. */
  readonly deskUpdatedAtMs?: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export const isOpen = ({ phase, status }: Pick<Ticket, 'phase' | 'status'>): boolean =>
  phase === 'placed' && status !== 'solved' && status !== 'closed';
