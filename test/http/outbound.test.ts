import { describe, expect, it } from 'vitest';
import { buildApi } from '../../src/http/app.ts';
import { apiFor, bearer, depsFor, job, keyOf } from './support.ts';

const keys = [
  keyOf('crm', ['outbound:read', 'outbound:write', 'calls:control']),
  keyOf('crm-pii', ['outbound:read', 'outbound:write', 'events:read:pii']),
  keyOf('desk-li', ['calls:control'], { kind: 'agent', agentId: 'li' }),
];
const post = (url: string, payload: object, key = 'crm', headers = {}) =>
  ({ method: 'POST', url, payload, headers: { ...bearer(key), ...headers } }) as const;

describe('click-to-dial', () => {
  it('an agent dials as himself, and as nobody else', async () => {
    const { api, outbound } = await apiFor({ keys });
    const own = await api.inject(post('/v1/calls', { number: '13800138000' }, 'desk-li'));
    expect([own.statusCode, own.json()]).toEqual([202, { accepted: true, callId: 'rm-1' }]);
    expect(outbound.asked).toEqual([['dial', { number: '13800138000', agentId: 'li' }]]);
    const other = await api.inject(post('/v1/calls', { number: '13800138000', agentId: 'wang' }, 'desk-li'));
    expect([other.statusCode, other.json().error.code]).toEqual([403, 'http.other_agent']);
    const nobody = await api.inject(post('/v1/calls', { number: '13800138000' }));
    expect(nobody.json().error.code).toBe('http.agent_needed');
    expect(outbound.asked).toHaveLength(1);
  });

  it.each([
    { number: '' },
    { number: '1'.repeat(65) },
    { number: 13800138000 },
    { number: '13800138000', endpoint: 'PJSIP/1' },
    { number: '13800138000', data: { 'no good': 'x' } },
  ])('refuses %j', async (body) => {
    const { api, outbound } = await apiFor({ keys });
    const { statusCode } = await api.inject(post('/v1/calls', { agentId: 'li', ...body }));
    expect([statusCode, outbound.asked]).toEqual([400, []]);
  });
});

describe('a job', () => {
  it('has the idempotency key of its asker, from the header or the body', async () => {
    const { api, outbound } = await apiFor({ keys });
    const wish = { queueId: 'support', number: '13800138000' };
    const first = await api.inject(post('/v1/outbound', wish, 'crm', { 'idempotency-key': 'k' }));
    expect(first.statusCode).toBe(201);
    outbound.created = false;
    const again = await api.inject(post('/v1/outbound', { ...wish, idempotencyKey: 'k' }));
    expect(again.statusCode).toBe(200);
    const asked = { ...wish, idempotencyKey: 'crm:k', createdBy: 'crm' };
    expect(outbound.asked).toEqual([
      ['request', asked],
      ['request', asked],
    ]);
  });

  it('shows numbers by right', async () => {
    const { api } = await apiFor({ keys });
    const url = '/v1/outbound/j1';
    expect((await api.inject({ url, headers: bearer('crm') })).json().number).toBe('+86138****8000');
    expect((await api.inject({ url, headers: bearer('crm-pii') })).json()).toEqual(job);
    const list = (key: string) => api.inject({ url: '/v1/do-not-call', headers: bearer(key) });
    expect((await list('crm')).json().numbers[0].number).toBe('+86138****8000');
    expect((await list('crm-pii')).json().numbers[0].number).toBe('+8613800138000');
  });
});

it('a server that calls nobody says so', async () => {
  const { deps } = depsFor({ keys });
  const api = await buildApi({ ...deps, outbound: undefined });
  const answer = await api.inject(post('/v1/outbound', { queueId: 'support', number: '13800138000' }));
  expect([answer.statusCode, answer.json().error.code]).toEqual([409, 'http.outbound_off']);
});
