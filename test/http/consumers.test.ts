import { expect, it } from 'vitest';
import { apiFor, bearer, keyOf } from './support.ts';

const keys = [keyOf('root', [], { kind: 'admin' })];
const headers = bearer('root');

it('shows durable consumers, and forgets one, which is written down', async () => {
  const { api, audit } = await apiFor({ keys });
  expect((await api.inject({ url: '/v1/event-consumers', headers })).json()).toEqual({
    consumers: [{ keyId: 'k', name: 'crm', sequence: 7, atMs: 1_000 }],
  });
  const remove = (name: string) => api.inject({ method: 'DELETE', url: `/v1/event-consumers/${name}`, headers });
  expect((await remove('k/crm')).json()).toEqual({ keyId: 'k', name: 'crm' });
  expect(audit.entries).toMatchObject([{ actor: 'root', action: 'consumer.remove', target: 'key/k name/crm' }]);
  const unknown = await remove('k/erp');
  expect([unknown.statusCode, unknown.json().error.code]).toEqual([404, 'http.consumer_unknown']);
  expect((await remove('k/..%2Fcrm')).statusCode).toBe(400);
});
