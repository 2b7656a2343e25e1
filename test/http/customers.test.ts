import { describe, expect, it } from 'vitest';
import { apiFor, bearer, keyOf } from './support.ts';

const keys = [keyOf('reader', ['lookup:read']), keyOf('webhook', ['lookup:write'])];

describe('customers', async () => {
  const { api, customers } = await apiFor({ keys });
  const find = (query: string, key = 'reader') => api.inject({ url: `/v1/customers${query}`, headers: bearer(key) });
  const tell = (payload: object, key = 'webhook') =>
    api.inject({ method: 'POST', url: '/v1/customers/invalidate', headers: bearer(key), payload });

  it('are found by number; the number is not told back', async () => {
    const answer = await find('?number=13800138000');
    expect([answer.statusCode, answer.json()]).toEqual([200, { status: 'pending', source: 'crm:test' }]);
  });

  it('need a number of reasonable length', async () => {
    for (const query of ['', '?number=', `?number=${'1'.repeat(65)}`, '?number=1&x=1']) {
      expect((await find(query)).json().error.code).toBe('http.bad_request');
    }
  });

  it('are asked for anew when the CRM says so', async () => {
    expect((await tell({ number: '13800138000', updatedAtMs: 7 })).json()).toEqual({ outcome: 'refreshing' });
    expect((await tell({ number: '13800138001' })).statusCode).toBe(200);
    expect(customers.changes).toEqual([
      ['13800138000', 7],
      ['13800138001', undefined],
    ]);
    expect((await tell({ number: '13800138000', updatedAtMs: -1 })).statusCode).toBe(400);
  });

  it('are read by one right and told by another', async () => {
    expect((await find('?number=1', 'webhook')).statusCode).toBe(403);
    expect((await tell({ number: '1' }, 'reader')).statusCode).toBe(403);
  });
});
