import { AppError, defineErrors } from '../kernel/index.ts';

/** What the ticket office itself refuses. What a desk refuses has codes that begin with `helpdesk.`. */
export const ticketErrors = defineErrors('tickets', {
  unknown: [404, 'there is no such ticket', 'list the tickets; old ones are removed after tickets.keepMs'],
  desk_unknown: [404, 'there is no such ticket desk', 'name a desk of the tickets section of the configuration'],
  call_unknown: [404, 'there is no such call alive', 'name a call that is not over, or make the ticket without one'],
  key_reused: [409, 'this idempotency key was used for another ticket', 'use a new key for a new ticket'],
  already_linked: [409, 'the ticket has as many calls as it may have', 'make a new ticket for this call'],
  not_failed: [409, 'the ticket has not been given up', 'only failed tickets can be replayed; wait for this one'],
  not_placed: [409, 'the ticket is not at its desk yet', 'wait for ticket.created'],
  status_fixed: [409, 'this desk changes the status of its tickets itself', 'change it in the desk'],
  not_written: [503, 'the store did not take the ticket in time', 'try again; with the same key it is made once'],
  desk_down: [
    503,
    'the ticket desk does not answer',
    'mend the desk; its tickets wait and are brought when it is back',
  ],
  given_up: [502, 'the desk could not be reached for too long', 'mend the desk, then replay the ticket'],
  gone: [410, 'the desk has this ticket no longer', 'nothing needs to be done'],
  signature_wrong: [401, 'the webhook is not signed as it should be', 'compare the secret and the clock of the desk'],
  webhook_invalid: [400, 'the webhook names no ticket', 'send a body that fits the webhook section of the template'],
  defect: [500, 'the ticket could not be handled', 'tell the maintainers, with the line of the log'],
});

export type TicketErrorName = keyof typeof ticketErrors;

export function ticketError(name: TicketErrorName, detail?: string): AppError {
  return new AppError(ticketErrors[name], detail);
}
