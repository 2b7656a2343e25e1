import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SampleCrm, startSampleCrm } from '../../lab/index.ts';

let crm: SampleCrm;

beforeEach(async () => {
  crm = await startSampleCrm({ generatedCustomers: 5 });
});
afterEach(() => crm.stop());

const get = (path: string, headers: Record<string, string> = { authorization: `Bearer ${crm.token}` }) =>
  fetch(`${crm.url}${path}`, { headers });
const json = async (response: Response): Promise<unknown> => response.json();

describe('the REST dialect', () => {
  it.each(['13900000001', '+86 139-0000-0001', '008613900000001', '8613900000001'])(
    'finds a customer by %s',
    async (phone) => {
      const answer = await json(await get(`/api/customers?phone=${encodeURIComponent(phone)}`));
      expect(answer).toMatchObject({ customers: [{ id: 'C00001', name: '王秀英', tier: 'platinum' }] });
    },
  );

  it('finds two customers that share a number, and nobody for a strange one', async () => {
    expect(await json(await get('/api/customers?phone=13900000009'))).toMatchObject({
      customers: [{ id: 'C00009' }, { id: 'C00010' }],
    });
    expect(await json(await get('/api/customers?phone=13100000009'))).toEqual({ customers: [] });
  });

  it('gives the customer, orders and tickets by id', async () => {
    expect(await json(await get('/api/customers/C00005'))).toMatchObject({ name: '刘洋' });
    const [newest, ...older] = ['O000052', 'O000051', 'O000050'].map((id) => ({ id }));
    expect(await json(await get('/api/customers/C00005/orders'))).toMatchObject({ orders: [newest, ...older] });
    expect(await json(await get('/api/customers/C00005/orders?newest=1'))).toMatchObject({ orders: [newest] });
    const tickets = [{ status: 'open' }, { status: 'solved' }];
    expect(await json(await get('/api/customers/C00005/tickets'))).toMatchObject({ tickets });
    expect(await json(await get('/api/customers/C00005/tickets?status=solved'))).toMatchObject({
      tickets: [tickets[1]],
    });
    expect((await get('/api/customers/C99999')).status).toBe(404);
  });

  it('refuses a wrong token', async () => {
    expect((await get('/api/customers?phone=1', { authorization: 'Bearer wrong' })).status).toBe(401);
  });
});

describe('the chained dialect', () => {
  const token = async (client_secret = crm.credentials.clientSecret) =>
    json(
      await fetch(`${crm.url}/oauth/token`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ client_id: crm.credentials.clientId, client_secret }),
      }),
    ) as Promise<{ code: number; data?: { access_token: string } }>;
  const header = async () => ({ 'x-access-token': (await token()).data?.access_token ?? '' });

  it('goes from the token to the contact', async () => {
    const headers = await header();
    expect(await json(await get('/v2/contacts/search?mobile=8613900000004', headers))).toEqual({
      code: 0,
      message: 'ok',
      data: { contact_id: 'C00004' },
    });
    expect(await json(await get('/v2/contacts/C00004', headers))).toMatchObject({
      data: { contact_name: 'Alice Carter', level: 'B', total_spent: '180000.00' },
    });
  });

  it('says what is wrong in the body, with status 200', async () => {
    expect((await token('wrong')).code).toBe(40102);
    const answer = await get('/v2/contacts/search?mobile=8613900000004', { 'x-access-token': 'old' });
    expect([answer.status, await json(answer)]).toMatchObject([200, { code: 40101 }]);
    expect(await json(await get('/v2/contacts/search?mobile=8613100000004', await header()))).toMatchObject({
      code: 40401,
    });
  });

  it('lets a token expire', async () => {
    crm.setTokenLifetime(0);
    expect(await json(await get('/v2/contacts/C00004', await header()))).toMatchObject({ code: 40101 });
  });
});

describe('the knobs', () => {
  const ask = (signal?: AbortSignal) =>
    fetch(`${crm.url}/api/customers?phone=1`, {
      headers: { authorization: `Bearer ${crm.token}` },
      ...(signal ? { signal } : {}),
    });

  it('fails as told, counts every request, and recovers', async () => {
    crm.setBehaviour({ failure: 'http500' });
    expect((await ask()).status).toBe(500);
    crm.setBehaviour({ failure: 'garbage' });
    await expect(ask().then(json)).rejects.toThrow(SyntaxError);
    crm.setBehaviour({ failure: 'huge' });
    expect((await (await ask()).text()).length).toBeGreaterThan(8_000_000);
    crm.setBehaviour({ failure: 'reset' });
    await expect(ask()).rejects.toThrow('fetch failed');
    crm.setBehaviour({ failure: 'hang' });
    await expect(ask(AbortSignal.timeout(50))).rejects.toThrow('timeout');
    crm.setBehaviour({ failure: 'none' });
    expect((await ask()).status).toBe(200);
    expect([crm.requests, crm.requestsByRoute]).toEqual([6, { 'GET /api/customers': 6 }]);
  });

  it('is late by the delay', async () => {
    crm.setBehaviour({ delayMs: 5000 });
    await expect(ask(AbortSignal.timeout(50))).rejects.toThrow('timeout');
  });

  it('can be turned from another process', async () => {
    const turn = (body: string) =>
      fetch(`${crm.url}/lab/behaviour`, { method: 'PUT', headers: { 'content-type': 'application/json' }, body });
    expect(await json(await turn('{"failure":"http500"}'))).toEqual({ delayMs: 0, failure: 'http500' });
    expect((await ask()).status).toBe(500);
    expect((await turn('{"failure":"sulk"}')).status).toBe(400);
  });
});
