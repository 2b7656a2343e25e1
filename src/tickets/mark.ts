import { createHash } from 'node:crypto';

const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789';
const length = 14;

/**
 * The mark of a ticket, the same for every attempt: `rm-` and fourteen letters and digits that are not mixed up when
 * read aloud. Seventy bits of a hash of the ticket's id: two tickets with one mark are not to be expected, and nobody
 * can guess one to pass a ticket off as ours.
 */
export function markOf(tenant: string, ticketId: string): string {
  const digest = createHash('sha256').update(`${tenant}\0${ticketId}`).digest();
  const letters = Array.from({ length }, (_, at) => alphabet[(digest[at] ?? 0) % alphabet.length]);
  return `rm-${letters.join('')}`;
}
