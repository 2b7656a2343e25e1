import { describe, expect, it } from 'vitest';
import { systemClock, systemRng } from '../../src/kernel/index.ts';
import { createStores, type Stores } from '../../src/storage/index.ts';
import type { Ticket } from '../../src/tickets/ports.ts';
import { silent } from '../events/support.ts';
import { placedTicket, ticket } from '../tickets/fixtures.ts';
import { cleanUps, databases } from './support/databases.ts';

async function open(url: string): Promise<Stores> {
  const stores = createStores({ url }, { clock: systemClock, rng: systemRng, logger: silent });
  await stores.events.open();
  cleanUps.push(() => stores.events.close({ clean: true }).catch(() => {}));
  return stores;
}

const keep = (stores: Stores, ...tickets: Ticket[]) =>
  stores.events.commit({
    events: [],
    states: tickets.map((state) => ({ kind: 'ticket', id: state.id, state, version: 1 })),
  });
const ids = (tickets: readonly Ticket[]) => tickets.map(({ id }) => id);

describe.each(databases)('tickets on $name', ({ url }) => {
  it('are written with the events and states of their call, and found again as they were', async () => {
    const at = await url();
    const stores = await open(at);
    const one = ticket({ text: '第一行\n"quoted" 😀', queue: 'q' });
    await stores.events.commit({
      events: [{ sequence: 1, id: 'e1', type: 'call.ended.v1', subject: 'call/rm-1', atMs: 1, body: '{}' }],
      states: [
        { kind: 'call', id: 'rm-1', state: null, version: 1 },
        { kind: 'ticket', id: one.id, state: one, version: 1 },
      ],
    });
    await stores.events.close({ clean: true });
    const again = await open(at);
    expect(await again.tickets.get(one.id)).toEqual(one);
    expect(await again.tickets.get('none')).toBeUndefined();
    expect(await again.events.read(0, 10)).toHaveLength(1);
    expect(await again.events.states()).toEqual([]);
  });

  it('are lost together with their events when the commit fails, and an older version changes nothing', async () => {
    const stores = await open(await url());
    const event = { sequence: 1, id: 'e1', type: 'x', subject: 's', atMs: 1, body: '{}' };
    await stores.events.commit({ events: [event], states: [] });
    const states = [{ kind: 'ticket' as const, id: 't', state: ticket({ id: 't' }), version: 1 }];
    await expect(stores.events.commit({ events: [{ ...event, id: 'other' }], states })).rejects.toMatchObject({
      code: 'storage.conflict',
    });
    expect(await stores.tickets.get('t')).toBeUndefined();
    await keep(stores, placedTicket({ id: 't', version: 3 }));
    await keep(stores, ticket({ id: 't', version: 2 }));
    expect(await stores.tickets.get('t')).toMatchObject({ version: 3, phase: 'placed' });
  });

  it('wait in order: fewest attempts, then oldest; each desk for itself, none before its time', async () => {
    const stores = await open(await url());
    await keep(
      stores,
      ticket({ id: 'tried', attempts: 1, createdAtMs: 1 }),
      ticket({ id: 'young', createdAtMs: 3 }),
      ticket({ id: 'old', createdAtMs: 2 }),
      ticket({ id: 'later', notBeforeMs: 100 }),
      ticket({ id: 'other', deskId: 'other' }),
      placedTicket({ id: 'placed' }),
      ticket({ id: 'failed', phase: 'failed' }),
    );
    expect(ids(await stores.tickets.due('desk', 99, 10))).toEqual(['old', 'young', 'tried']);
    expect(ids(await stores.tickets.due('desk', 100, 1))).toEqual(['later']);
    expect(ids(await stores.tickets.due('other', 0, 10))).toEqual(['other']);
  });

  it('are found by desk, phase, customer, any of their calls, and page by page', async () => {
    const stores = await open(await url());
    const many = Array.from({ length: 5 }, (_, n) =>
      placedTicket({ id: `t${n}`, deskTicketId: `T${n}`, createdAtMs: n }),
    );
    await keep(stores, ...many, ticket({ id: 'w', customerId: 'C2', createdAtMs: 9 }));
    await keep(stores, { ...many[1], version: 2, callIds: ['rm-1', 'rm-2'] } as Ticket);
    const list = async (filter: object) => ids(await stores.tickets.list({ limit: 10, ...filter }));
    expect(await list({})).toEqual(['w', 't4', 't3', 't2', 't1', 't0']);
    expect(await list({ limit: 2, beforeMs: 4 })).toEqual(['t3', 't2']);
    expect(await list({ phase: 'waiting' })).toEqual(['w']);
    expect(await list({ customerId: 'C2' })).toEqual(['w']);
    expect(await list({ callId: 'rm-2' })).toEqual(['t1']);
    expect(await list({ callId: 'rm-1', deskId: 'none' })).toEqual([]);
    expect(ids(await stores.tickets.byDeskTickets('desk', ['T3', 'T9', 'T1'])).sort()).toEqual(['t1', 't3']);
    expect(await stores.tickets.byDeskTickets('desk', [])).toEqual([]);
  });

  it('are open until the desk says otherwise, and forgotten only when they are over', async () => {
    const stores = await open(await url());
    await keep(
      stores,
      placedTicket({ id: 'open', createdAtMs: 1 }),
      placedTicket({ id: 'pending', status: 'pending', createdAtMs: 2 }),
      placedTicket({ id: 'solved', status: 'solved', updatedAtMs: 5 }),
      placedTicket({ id: 'fresh', status: 'closed', updatedAtMs: 50 }),
      ticket({ id: 'failed', phase: 'failed' }),
      ticket({ id: 'waiting' }),
    );
    expect(ids(await stores.tickets.open(10))).toEqual(['pending', 'open']);
    expect(ids(await stores.tickets.open(1))).toEqual(['pending']);
    expect(await stores.tickets.prune(10, 1)).toBe(1);
    expect(await stores.tickets.prune(10, 10)).toBe(1);
    expect(ids(await stores.tickets.list({ limit: 10 })).sort()).toEqual(['fresh', 'open', 'pending', 'waiting']);
    expect(ids(await stores.tickets.list({ limit: 10, callId: 'rm-1' })).sort()).toEqual([
      'fresh',
      'open',
      'pending',
      'waiting',
    ]);
  });

  it('remember how far each desk was read', async () => {
    const stores = await open(await url());
    expect(await stores.tickets.cursor('a')).toBe('');
    await stores.tickets.saveCursor('a', '1');
    await stores.tickets.saveCursor('a', '2');
    await stores.tickets.saveCursor('b', 'x');
    expect([await stores.tickets.cursor('a'), await stores.tickets.cursor('b')]).toEqual(['2', 'x']);
  });
});
