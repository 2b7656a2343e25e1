import { describe, expect, it } from 'vitest';
import { afterFailure, askedAtOnce, healthy } from '../../src/tickets/resting.ts';
import { changedFields, failed, linked, placed, postponed, replayed, told } from '../../src/tickets/transitions.ts';
import { placedTicket, ticket } from './fixtures.ts';

const at = { deskTicketId: 'T1', status: 'open' as const };

describe('a ticket', () => {
  it('is at its desk once, with what the desk says', () => {
    const after = placed(ticket({ failureCode: 'x', attempts: 2 }), { ...at, deskStatus: 'doing', updatedAtMs: 7 }, 9);
    expect(after).toMatchObject({
      phase: 'placed',
      deskTicketId: 'T1',
      status: 'open',
      deskStatus: 'doing',
      version: 2,
    });
    expect(after).toMatchObject({ deskUpdatedAtMs: 7, updatedAtMs: 9, attempts: 2 });
    expect(after).not.toHaveProperty('failureCode');
    expect(placed(placedTicket(), { ...at, deskTicketId: 'T2' }, 9)).toBeUndefined();
  });

  it('waits, is given up, and is tried anew with its attempts', () => {
    const waiting = postponed(ticket(), 'helpdesk.timeout', 50, 9);
    expect(waiting).toMatchObject({ phase: 'waiting', attempts: 1, notBeforeMs: 50, failureCode: 'helpdesk.timeout' });
    const over = failed(ticket({ attempts: 1 }), 'helpdesk.refused', 9);
    expect(over).toMatchObject({ phase: 'failed', attempts: 2, failureCode: 'helpdesk.refused' });
    expect(replayed(over ?? ticket(), 99)).toMatchObject({
      phase: 'waiting',
      attempts: 2,
      waitingSinceMs: 99,
      notBeforeMs: 0,
    });
  });

  it.each([
    ['postponed', () => postponed(placedTicket(), 'x', 1, 1)],
    ['given up', () => failed(placedTicket(), 'x', 1)],
    ['given up twice', () => failed(ticket({ phase: 'failed' }), 'x', 1)],
    ['replayed', () => replayed(placedTicket(), 1)],
    ['replayed while it waits', () => replayed(ticket(), 1)],
    ['told about while it waits', () => told(ticket(), at, 1)],
    ['told about another one', () => told(placedTicket(), { ...at, deskTicketId: 'T2' }, 1)],
    ['told what is known', () => told(placedTicket(), { ...at, status: 'new' }, 1)],
    [
      'told its first word for what is known',
      () => told(placedTicket(), { ...at, status: 'new', deskStatus: 'neu' }, 1),
    ],
    ['told older news', () => told(placedTicket({ deskUpdatedAtMs: 9 }), { ...at, updatedAtMs: 8 }, 1)],
    ['linked twice', () => linked(placedTicket(), 'rm-1', 1)],
    ['linked to too many', () => linked(placedTicket({ callIds: Array.from({ length: 50 }, String) }), 'rm-2', 1)],
  ])('stays as it is when %s', (_what, change) => {
    expect(change()).toBeUndefined();
  });

  it.each([
    [{ ...at }, 'open'],
    [{ ...at, updatedAtMs: 9 }, 'open'],
    [{ ...at, status: 'closed' as const, updatedAtMs: 10 }, 'closed'],
  ])('takes news that are as new as what it knows: %o', (news, status) => {
    expect(told(placedTicket({ deskUpdatedAtMs: 9 }), news, 1)?.status).toBe(status);
  });

  it('says what has changed', () => {
    const before = placedTicket();
    expect(changedFields(before, told(before, at, 1) ?? before)).toEqual(['status']);
    expect(changedFields(before, linked(before, 'rm-2', 1) ?? before)).toEqual(['calls']);
    expect(changedFields(ticket(), placed(ticket(), { ...at, url: 'http://x/' }, 1) ?? ticket())).toEqual([
      'phase',
      'status',
      'url',
    ]);
  });
});

describe('a desk that fails', () => {
  const policy = { firstMs: 1_000, maxMs: 60_000 };
  const pauses = (chance: number) => {
    let state = healthy;
    return Array.from({ length: 10 }, () => {
      state = afterFailure(state, 0, policy, chance);
      return state.restsUntilMs;
    });
  };

  it('is left alone for longer and longer, to a limit', () => {
    expect(pauses(0)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000, 60_000]);
    expect(pauses(0.999)[9]).toBeGreaterThanOrEqual(30_000);
  });

  it('is asked one thing at a time until it works again', () => {
    expect(askedAtOnce(healthy, 4)).toBe(4);
    expect(askedAtOnce(afterFailure(healthy, 0, policy, 0), 4)).toBe(1);
  });
});
