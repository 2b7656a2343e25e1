import type { Ticket, TicketLevel, TicketPhase, TicketStatus } from './ticket.ts';

export { ticketFactTypes } from './facts.ts';
export type { TextByLanguage, TicketRule } from './rule.ts';
export {
  isOpen,
  type Ticket,
  type TicketLevel,
  ticketLevels,
  type TicketPhase,
  type TicketStatus,
  ticketStatuses,
} from './ticket.ts';

/** What a desk is asked to make. */
export interface TicketDraft {
  /** The same for every attempt at the same ticket, and for no other. */
  readonly mark: string;
  readonly ticketId: string;
  readonly queue: string;
  readonly level: TicketLevel;
  readonly subject: string;
  readonly text: string;
  readonly callId: string;
  readonly customerId: string;
  readonly callerNumber: string;
  readonly agentId: string;
}

/** A ticket as its desk tells it. */
export interface DeskTicket {
  readonly deskTicketId: string;
  readonly status: TicketStatus;
  readonly deskStatus?: string;
  /** Where people open it. */
  readonly url?: string;
  /** When the desk last changed it, Unix milliseconds. */
  readonly updatedAtMs?: number;
}

export interface DeskChanges {
  readonly tickets: readonly DeskTicket[];
  /** To be given next time; the same as before when nothing came. */
  readonly cursor: string;
}

/**
 * What a failed request means. `refused`: the desk would refuse it again. `notDone`: the desk did nothing. `unknown`:
 * perhaps it did, so it must be searched before it is asked again.
 */
export type FailureMeaning = 'refused' | 'notDone' | 'unknown';

/** A ticket desk. Every method rejects with an AppError, and soon after `signal` aborts. */
export interface TicketDesk {
  readonly id: string;
  /**
   * Makes a ticket. After an attempt of unknown outcome it is only called again when `find` did not find the ticket, or
   * when the desk itself takes a repeated `mark` for the same ticket (`repeats: 'same'`).
   */
  create(draft: TicketDraft, signal: AbortSignal): Promise<DeskTicket>;
  readonly repeats: 'same' | 'search';
  /** What it means that one of these methods rejected. */
  meaningOf(error: unknown): FailureMeaning;
  /** The ticket that an earlier attempt made. */
  find(mark: string, signal: AbortSignal): Promise<DeskTicket | undefined>;
  /** Undefined when the desk has no such ticket any more. */
  read(deskTicketId: string, signal: AbortSignal): Promise<DeskTicket | undefined>;
  /** Changes the status; absent where the desk offers it to its own people only. */
  setStatus?(deskTicketId: string, status: TicketStatus, signal: AbortSignal): Promise<DeskTicket>;
  /** What has changed since the cursor, at least; the first cursor is empty and means from now. Absent: not polled. */
  changes?(cursor: string, nowMs: number, signal: AbortSignal): Promise<DeskChanges>;
  /** The desk's id of the ticket that a webhook's body is about; undefined when it names none. */
  subjectOf?(body: unknown): string | undefined;
  close(): Promise<void>;
}

export interface TicketFilter {
  readonly deskId?: string;
  readonly phase?: TicketPhase;
  readonly callId?: string;
  readonly customerId?: string;
  /** Only those made before, Unix milliseconds; for the next page. */
  readonly beforeMs?: number;
  readonly limit: number;
}

/** Reads what the journal has committed. Every method rejects with an AppError: `storage.unavailable`. */
export interface TicketStore {
  /** Those that wait for a desk and may be tried now: fewest attempts first, then oldest. */
  due(deskId: string, nowMs: number, limit: number): Promise<readonly Ticket[]>;
  get(id: string): Promise<Ticket | undefined>;
  byDeskTickets(deskId: string, deskTicketIds: readonly string[]): Promise<readonly Ticket[]>;
  /** Newest first. */
  list(filter: TicketFilter): Promise<readonly Ticket[]>;
  /** Tickets that are open at their desk, newest first. */
  open(limit: number): Promise<readonly Ticket[]>;
  /** How far a desk's changes have been read; empty at the beginning. */
  cursor(deskId: string): Promise<string>;
  saveCursor(deskId: string, cursor: string): Promise<void>;
  /** Removes those that are over (not open, not waiting) and have not changed since; tells how many. */
  prune(beforeMs: number, limit: number): Promise<number>;
}

/** One ticket of the built-in desk. */
export interface BuiltInTicket {
  readonly id: string;
  readonly mark: string;
  readonly status: TicketStatus;
  readonly updatedAtMs: number;
}

/** The built-in desk's own table. */
export interface BuiltInTable {
  /** Keeps it unless one with this mark is there, and gives what is there then. */
  insert(ticket: BuiltInTicket): Promise<BuiltInTicket>;
  byMark(mark: string): Promise<BuiltInTicket | undefined>;
  get(id: string): Promise<BuiltInTicket | undefined>;
  setStatus(id: string, status: TicketStatus, atMs: number): Promise<BuiltInTicket | undefined>;
}
