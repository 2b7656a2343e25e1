import { describe, expect, it } from 'vitest';
import { apiFor, bearer, keyOf } from './support.ts';

const keys = [keyOf('pbx', ['dialplan:route']), keyOf('crm', ['calls:read'])];
const get = async (query: string, key = 'pbx') => {
  const { api, advice } = await apiFor({ keys });
  const answer = await api.inject({ method: 'GET', url: `/v1/dialplan/route${query}`, headers: bearer(key) });
  return { answer, advice };
};

describe('GET /v1/dialplan/route', () => {
  it('answers one line of plain text', async () => {
    const { answer, advice } = await get('?number=%2B8613800138000&entry=4001&uniqueid=1700000000.1');
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(answer.body).toBe('RM1|queue||support|rm-1||||');
    expect(advice.asked).toMatchObject([{ via: 'http', callerNumber: '+8613800138000', uniqueId: '1700000000.1' }]);
  });

  it.each([
    ['?number=1%26PJSIP%2F2', 400, 'dialplan.bad_number'],
    ['?number=1%0D%0AX', 400, 'dialplan.bad_number'],
    ['?entry=%24%7BEXTEN%7D', 400, 'dialplan.bad_entry'],
    ['?colour=red', 400, 'http.bad_request'],
    [`?number=${'1'.repeat(300)}`, 400, 'http.bad_request'],
  ])('refuses %s', async (query, status, code) => {
    const { answer, advice } = await get(query);
    expect([answer.statusCode, answer.json().error.code]).toEqual([status, code]);
    expect(advice.asked).toEqual([]);
  });

  it('needs the scope of a PBX', async () => {
    expect((await get('', 'crm')).answer.statusCode).toBe(403);
    expect((await get('', 'nobody')).answer.statusCode).toBe(401);
  });
});
