import type { TicketViewData } from '../events/catalogue/index.ts';
import type { Ticket } from './ticket.ts';

/** A ticket as the catalogue publishes it: without its text, which is for the desk. */
export function ticketView(ticket: Ticket): TicketViewData {
  const { id, version, phase, deskId, level, status, attempts, createdAtMs, updatedAtMs, subject, mark } = ticket;
  const { queue, ruleId, agentId, customerId, callerNumber, deskTicketId, deskStatus, url, failureCode } = ticket;
  const given = { queue, ruleId, agentId, customerId, callerNumber, deskTicketId, deskStatus, url, failureCode };
  const optional = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const [callId] = ticket.callIds;
  return {
    id,
    version,
    phase,
    deskId,
    level,
    status,
    subject,
    mark,
    callIds: [...ticket.callIds],
    attempts,
    createdAtMs,
    updatedAtMs,
    ...(callId === undefined ? {} : { callId }),
    ...optional,
  };
}
