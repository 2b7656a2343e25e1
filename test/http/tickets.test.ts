import { beforeEach, describe, expect, it } from 'vitest';
import { ticketError } from '../../src/tickets/index.ts';
import { apiFor, bearer, keyOf, type NotingTickets } from './support.ts';

let api: Awaited<ReturnType<typeof apiFor>>['api'];
let tickets: NotingTickets;
beforeEach(async () => {
  ({ api, tickets } = await apiFor({
    keys: [
      keyOf('crm', ['tickets:read', 'tickets:write']),
      keyOf('full', ['tickets:read', 'events:read:pii']),
      keyOf('li', ['tickets:read', 'tickets:write'], { kind: 'agent', agentId: 'li' }),
    ],
  }));
});

const post = (payload: object, headers: Record<string, string> = { 'idempotency-key': 'key-00001' }, key = 'crm') =>
  api.inject({ method: 'POST', url: '/v1/tickets', headers: { ...bearer(key), ...headers }, payload });

describe('the tickets of the API', () => {
  it('show numbers by right, also those in a subject', async () => {
    const seen = async (key: string) => (await api.inject({ url: '/v1/tickets/t1', headers: bearer(key) })).json();
    expect(await seen('crm')).toMatchObject({ callerNumber: '138****8000', subject: '回电 138****8000' });
    expect(await seen('full')).toMatchObject({ callerNumber: '13800138000', subject: '回电 13800138000' });
  });

  it('are listed by what is asked, for an agent only its own', async () => {
    const url = '/v1/tickets?phase=failed&callId=c1&limit=5&beforeMs=9';
    await api.inject({ url, headers: bearer('crm') });
    await api.inject({ url: '/v1/tickets', headers: bearer('li') });
    expect(tickets.asked).toEqual([
      ['list', { phase: 'failed', callId: 'c1', limit: 5, beforeMs: 9 }, undefined],
      ['list', { limit: 200 }, 'li'],
    ]);
  });

  it('are made by hand with a key', async () => {
    const { statusCode } = await post({ subject: '回电', callId: 'c1', level: 'high' }, undefined, 'li');
    expect(statusCode).toBe(202);
    const wish = { subject: '回电', callId: 'c1', level: 'high', text: '', idempotencyKey: 'key-00001' };
    expect(tickets.asked).toEqual([['create', wish, 'li']]);
  });

  it.each([
    ['no key', { subject: 'x' }, {}],
    ['a short key', { subject: 'x' }, { 'idempotency-key': 'k' }],
    ['no subject', {}, { 'idempotency-key': 'key-00001' }],
    ['an unknown level', { subject: 'x', level: 'urgent' }, { 'idempotency-key': 'key-00001' }],
    ['more than is known', { subject: 'x', phase: 'placed' }, { 'idempotency-key': 'key-00001' }],
    ['a long text', { subject: 'x', text: 'x'.repeat(8_001) }, { 'idempotency-key': 'key-00001' }],
  ])('are refused with %s', async (_what, body, headers) => {
    expect((await post(body, headers)).statusCode).toBe(400);
    expect(tickets.asked).toEqual([]);
  });

  it('tell why something cannot be done', async () => {
    tickets.failure = ticketError('key_reused');
    const answer = await post({ subject: 'x' });
    expect([answer.statusCode, answer.json().error.code]).toEqual([409, 'tickets.key_reused']);
  });
});

describe('the webhook of a desk', () => {
  const signed = { 'webhook-id': 'm1', 'webhook-timestamp': '1', 'webhook-signature': 'v1,x' };
  const hook = (payload: string, headers: Record<string, string> = signed) =>
    api.inject({ method: 'POST', url: '/v1/tickets/webhook/rt', headers, payload });

  it('hands on the body as it came, whatever it is called', async () => {
    for (const type of ['application/json', 'text/plain', 'application/x-www-form-urlencoded']) {
      expect((await hook('{ "ticket" : 7 }', { ...signed, 'content-type': type })).statusCode).toBe(200);
    }
    const headers = { id: 'm1', timestamp: '1', signature: 'v1,x' };
    expect(tickets.asked).toEqual(Array(3).fill(['webhook', 'rt', headers, '{ "ticket" : 7 }']));
  });

  it('is refused unsigned, too large, or wrongly signed', async () => {
    expect((await hook('{}', { 'content-type': 'application/json' })).statusCode).toBe(400);
    expect((await hook('x'.repeat(70_000), { ...signed, 'content-type': 'text/plain' })).statusCode).toBe(413);
    expect(tickets.asked).toEqual([]);
    tickets.failure = ticketError('signature_wrong');
    const wrong = await hook('{}', { ...signed, 'content-type': 'application/json' });
    expect([wrong.statusCode, wrong.json().error.code]).toEqual([401, 'tickets.signature_wrong']);
  });
});
