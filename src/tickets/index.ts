export { type TicketEvent, type TicketJournal } from './book.ts';
export { builtInDesk } from './built-in-desk.ts';
export { type DeskSettings, TicketOffice } from './office.ts';
export { newTicket, partiesOf } from './rule.ts';
export { asSubject, asText } from './texts.ts';
export { ticketView } from './view.ts';
export { ticketError } from './errors.ts';
