import type { DeskTicket } from './ports.ts';
import type { Ticket } from './ticket.ts';

/** Calls that one ticket may have. */
export const callsMax = 50;

/** What changed about a ticket, in the names of its view. */
export type ChangedField = 'phase' | 'status' | 'url' | 'calls';

type Change = Partial<Omit<Ticket, 'id' | 'version'>>;

/** The next version of a ticket. Each function below is pure and says `undefined` when nothing changes. */
function next(ticket: Ticket, change: Change, atMs: number): Ticket {
  return { ...ticket, ...change, version: ticket.version + 1, updatedAtMs: atMs };
}

/** The desk has it. */
export function placed(ticket: Ticket, at: DeskTicket, atMs: number): Ticket | undefined {
  if (ticket.phase !== 'waiting') return undefined;
  const { failureCode: _, ...rest } = ticket;
  return next(rest, { phase: 'placed', ...deskFields(at) }, atMs);
}

/** The desk could not be asked, or did not answer. */
export function postponed(ticket: Ticket, failureCode: string, notBeforeMs: number, atMs: number): Ticket | undefined {
  if (ticket.phase !== 'waiting') return undefined;
  return next(ticket, { failureCode, notBeforeMs, attempts: ticket.attempts + 1 }, atMs);
}

/** A person must look at it. */
export function failed(ticket: Ticket, failureCode: string, atMs: number): Ticket | undefined {
  if (ticket.phase !== 'waiting') return undefined;
  return next(ticket, { phase: 'failed', failureCode, attempts: ticket.attempts + 1 }, atMs);
}

/** A person has looked, and wants it tried anew. It keeps its attempts, so that the desk is searched first. */
export function replayed(ticket: Ticket, atMs: number): Ticket | undefined {
  if (ticket.phase !== 'failed') return undefined;
  return next(ticket, { phase: 'waiting', notBeforeMs: 0, waitingSinceMs: atMs }, atMs);
}

/** The desk tells where the ticket stands; older news, and news of what we know, change nothing. */
export function told(ticket: Ticket, at: DeskTicket, atMs: number): Ticket | undefined {
  if (ticket.phase !== 'placed' || ticket.deskTicketId !== at.deskTicketId) return undefined;
  if ((at.updatedAtMs ?? Number.POSITIVE_INFINITY) < (ticket.deskUpdatedAtMs ?? 0)) return undefined;
  // What a desk answers to the making may lack its word for the status; learning it is no news.
  const isSameWord = ticket.deskStatus === undefined || ticket.deskStatus === at.deskStatus;
  const isSame = ticket.status === at.status && isSameWord;
  return isSame ? undefined : next(ticket, deskFields(at), atMs);
}

/** Another call is about the same matter. */
export function linked(ticket: Ticket, callId: string, atMs: number): Ticket | undefined {
  if (ticket.callIds.includes(callId) || ticket.callIds.length >= callsMax) return undefined;
  return next(ticket, { callIds: [...ticket.callIds, callId] }, atMs);
}

/** Which fields of the view differ. */
export function changedFields(before: Ticket, after: Ticket): ChangedField[] {
  const fields: ChangedField[] = [];
  if (before.phase !== after.phase) fields.push('phase');
  if (before.status !== after.status || before.deskStatus !== after.deskStatus) fields.push('status');
  if (before.url !== after.url) fields.push('url');
  if (before.callIds.length !== after.callIds.length) fields.push('calls');
  return fields;
}

function deskFields({ deskTicketId, status, deskStatus, url, updatedAtMs }: DeskTicket): Change {
  return {
    deskTicketId,
    status,
    ...(deskStatus === undefined ? {} : { deskStatus }),
    ...(url === undefined ? {} : { url }),
    ...(updatedAtMs === undefined ? {} : { deskUpdatedAtMs: updatedAtMs }),
  };
}
