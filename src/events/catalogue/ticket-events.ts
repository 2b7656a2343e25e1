import { Type } from '../../schema/index.ts';
import { event, text } from './spec.ts';
import { TicketView } from './views.ts';

/** Tickets, from the wish to the desk. */
export const ticketEvents = {
  'ticket.requested.v1': event(
    'A ticket is wanted and waits for its desk',
    '工单待提交',
    Type.Object({ ticket: TicketView }),
  ),
  'ticket.created.v1': event('The desk has the ticket', '工单已建立', Type.Object({ ticket: TicketView })),
  'ticket.updated.v1': event(
    'A ticket has changed, at its desk or by the API',
    '工单更新',
    Type.Object({
      ticket: TicketView,
      changed: Type.Array(Type.Enum(['phase', 'status', 'url', 'calls'])),
      by: Type.Enum(['webhook', 'poll', 'api'], { description: 'How we know' }),
    }),
  ),
  'ticket.failed.v1': event(
    'A ticket was given up; it waits until a person replays it',
    '工单提交失败，需人工重放',
    Type.Object({ ticket: TicketView, code: text() }),
  ),
} as const;
