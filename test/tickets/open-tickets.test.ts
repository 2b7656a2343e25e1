import { describe, expect, it } from 'vitest';
import type { Customer, CustomerResult } from '../../src/call/index.ts';
import { OpenTickets } from '../../src/tickets/open-tickets.ts';
import { endedCall, placedTicket, ticket } from './fixtures.ts';

const known = endedCall().customer as CustomerResult & { readonly customer: Customer };
const card = (over: Partial<Customer> = {}): CustomerResult => ({ ...known, customer: { ...known.customer, ...over } });
const titles = (result: CustomerResult) => result.customer?.openTickets.map(({ id }) => id);

describe("the open tickets on a customer's card", () => {
  it('are those of the customer, most urgent first, at most five', () => {
    const cards = new OpenTickets(100);
    const levels = ['low', 'normal', 'critical', 'high', 'normal', 'low'] as const;
    levels.forEach((level, n) => cards.note(placedTicket({ id: `t${n}`, deskTicketId: `T${n}`, level })));
    cards.note(placedTicket({ id: 'other', deskTicketId: 'X', customerId: 'C2' }));
    expect(titles(cards.onCard(card(), ''))).toEqual(['T2', 'T3', 'T1', 'T4', 'T0']);
    expect(cards.onCard(card(), '').customer?.openTickets[0]).toEqual({
      id: 'T2',
      title: '未接来电',
      status: 'new',
      urgency: 'critical',
    });
  });

  it('stand beside those of the CRM, each once, ours being the newer', () => {
    const cards = new OpenTickets(100);
    cards.note(placedTicket({ status: 'pending' }));
    const theirs = card({
      openTickets: [
        { id: 'T1', title: 'old', status: 'new' },
        { id: 'K9', title: 'theirs' },
      ],
    });
    const merged = cards.onCard(theirs, '');
    expect(merged.customer?.openTickets.map(({ id, status }) => [id, status])).toEqual([
      ['T1', 'pending'],
      ['K9', undefined],
    ]);
    expect(cards.onCard(merged, '')).toEqual(merged);
  });

  it('go when they are over, also from a card that a cache has kept', () => {
    const cards = new OpenTickets(100);
    cards.note(placedTicket());
    const shown = cards.onCard(card(), '');
    cards.note(placedTicket({ status: 'solved' }));
    expect(titles(cards.onCard(shown, ''))).toEqual([]);
    cards.note(placedTicket({ status: 'open' }));
    expect(titles(cards.onCard(card(), ''))).toEqual(['T1']);
  });

  it('are found by the number for a caller who was nobody then', () => {
    const cards = new OpenTickets(100);
    const { customerId: _, ...unknown } = placedTicket();
    cards.note(unknown);
    expect(titles(cards.onCard(card(), '13900000001'))).toEqual(['T1']);
    expect(titles(cards.onCard(card(), '13900000002'))).toEqual([]);
  });

  it('leave the very same card where there is nothing to say', () => {
    const cards = new OpenTickets(100);
    const nobody: CustomerResult = { status: 'none', source: 'nobody' };
    const mine = card();
    expect(cards.onCard(mine, '')).toBe(mine);
    cards.note(ticket());
    cards.note(placedTicket({ customerId: 'C2' }));
    expect(cards.onCard(mine, '')).toBe(mine);
    expect(cards.onCard(nobody, '')).toBe(nobody);
  });

  it('are kept within bounds, the oldest going first', () => {
    const cards = new OpenTickets(3);
    for (let n = 0; n < 5; n += 1) cards.note(placedTicket({ id: `t${n}`, deskTicketId: `T${n}` }));
    expect(titles(cards.onCard(card(), ''))?.sort()).toEqual(['T2', 'T3', 'T4']);
  });
});
