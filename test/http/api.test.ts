import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { declaredErrors } from '../../src/kernel/index.ts';
import type { CommandErrorCode } from '../../src/bridge/index.ts';
import { apiFor, bearer, keyOf, type NotingDoor } from './support.ts';

const keys = [keyOf('root', [], { kind: 'admin' })];
const headers = bearer('root');

describe('commands', () => {
  let api: Awaited<ReturnType<typeof apiFor>>['api'];
  let frontDoor: NotingDoor;
  beforeEach(async () => {
    ({ api, frontDoor } = await apiFor({ keys }));
  });
  const post = (url: string, payload?: object) =>
    api.inject({ method: 'POST', url, headers, ...(payload ? { payload } : {}) });

  it('reach the switchboard as asked', async () => {
    await api.inject({
      method: 'PUT',
      url: '/v1/agents/li/state',
      headers,
      payload: { state: 'paused', reason: 'lunch' },
    });
    await api.inject({ method: 'PUT', url: '/v1/agents/li/state', headers, payload: { state: 'available' } });
    await post('/v1/agents/li/end-wrap-up');
    await post('/v1/calls/c1/transfer', { target: { kind: 'number', number: '+8613800138000' } });
    await api.inject({ method: 'PATCH', url: '/v1/calls/c1/data', headers, payload: { data: { ticket: 'T1' } } });
    expect(frontDoor.asked).toEqual([
      ['pause', 'li', 'lunch', 'root'],
      ['setAvailable', 'li', 'root'],
      ['endWrapUp', 'li', 'root'],
      ['transfer', 'c1', { kind: 'number', number: '+8613800138000' }, undefined],
      ['attachData', 'c1', { ticket: 'T1' }, undefined],
    ]);
  });

  it('take a POST that announces JSON and sends none', async () => {
    const answer = await api.inject({
      method: 'POST',
      url: '/v1/calls/c1/hold',
      headers: { ...headers, 'content-type': 'application/json' },
    });
    expect([answer.statusCode, answer.json()]).toEqual([202, { accepted: true }]);
  });

  const codes: Record<CommandErrorCode, number> = {
    'call.unknown': 404,
    'call.wrong_phase': 409,
    'call.not_yours': 403,
    'call.target_unknown': 404,
    'call.held_by_phone': 409,
    'call.consulting': 409,
    'call.no_consult': 409,
    'call.consult_unanswered': 409,
    'call.nobody_free': 409,
    'call.recording_state': 409,
    'call.recording_forbidden': 409,
    'call.routed_elsewhere': 409,
    'agent.unknown': 404,
    'agent.signed_out': 409,
    'agent.not_free': 409,
    'agent.no_offer': 409,
    'agent.no_wrap_up': 409,
    'agent.wrap_up_fixed': 409,
    'agent.reason_needed': 409,
    'agent.reason_unknown': 404,
    'agent.device_unknown': 404,
    'agent.skill_unknown': 404,
    'agent.disposition_needed': 409,
    'call.disposition_unknown': 404,
    'pbx.link_down': 503,
    'server.draining': 503,
  };
  it.each(Object.entries(codes))('tell %s as %i', async (code, status) => {
    frontDoor.refuse(code as CommandErrorCode);
    const answer = await post('/v1/calls/c1/hold');
    expect(answer.statusCode).toBe(status);
    const spec = declaredErrors().find((candidate) => candidate.code === code);
    expect(answer.json()).toEqual({ error: { code, message: spec?.meaning, mend: spec?.mend } });
  });

  it('need an agent from an integration that accepts', async () => {
    expect((await post('/v1/calls/c1/accept')).json().error.code).toBe('http.agent_needed');
  });
});

describe('reads', async () => {
  const { api } = await apiFor({ keys });
  const ids = async (url: string) =>
    (await api.inject({ url, headers })).json().calls.map(({ id }: { id: string }) => id);

  it('filter and page', async () => {
    expect(await ids('/v1/calls')).toEqual(['c1', 'c2', 'c3']);
    expect(await ids('/v1/calls?agentId=wang')).toEqual(['c2']);
    expect(await ids('/v1/calls?phase=waiting')).toEqual([]);
    expect(await ids('/v1/calls?limit=2')).toEqual(['c1', 'c2']);
    expect((await api.inject({ url: '/v1/calls?limit=2', headers })).json().total).toBe(3);
  });

  it.each(['/v1/agents/nobody', '/v1/queues/none', '/v1/calls/none'])('answer 404 at %s', async (url) => {
    expect((await api.inject({ url, headers })).statusCode).toBe(404);
  });
});

describe('bad input', () => {
  let api: Awaited<ReturnType<typeof apiFor>>['api'];
  let frontDoor: NotingDoor;
  beforeEach(async () => {
    ({ api, frontDoor } = await apiFor({ keys }));
  });
  const json = { ...headers, 'content-type': 'application/json' };
  const transfer = '/v1/calls/c1/transfer';
  type Bad = readonly [
    what: string,
    request: {
      method?: 'GET' | 'POST' | 'DELETE' | 'PUT' | 'PATCH';
      url: string;
      payload?: string;
      headers?: Record<string, string>;
    },
    status: number,
    code: string,
  ];
  const bad: readonly Bad[] = [
    ['an unknown address', { url: '/v2/agents' }, 404, 'http.not_found'],
    ['a broken escape in the address', { url: '/v1/agents/%zz' }, 404, 'http.not_found'],
    ['a wrong method', { method: 'DELETE', url: '/v1/calls/c1' }, 405, 'http.method_not_allowed'],
    ['an id that is too long', { url: `/v1/calls/${'x'.repeat(200)}` }, 404, 'http.not_found'],
    ['half a JSON', { method: 'POST', url: transfer, payload: '{"target":', headers: json }, 400, 'http.bad_body'],
    [
      'a prototype',
      { method: 'POST', url: transfer, payload: '{"__proto__":{}}', headers: json },
      400,
      'http.bad_body',
    ],
    ['no body', { method: 'POST', url: transfer, headers: json }, 400, 'http.bad_request'],
    [
      'another media type',
      { method: 'POST', url: transfer, payload: 'a=b', headers: { ...headers, 'content-type': 'text/plain' } },
      415,
      'http.media_type',
    ],
    [
      'a large body',
      { method: 'POST', url: transfer, payload: JSON.stringify({ x: 'y'.repeat(70_000) }), headers: json },
      413,
      'http.body_too_large',
    ],
    [
      'an unknown field',
      { method: 'PUT', url: '/v1/agents/li/state', payload: '{"state":"available","x":1}', headers: json },
      400,
      'http.bad_request',
    ],
    [
      'a target of the dialplan',
      {
        method: 'POST',
        url: transfer,
        payload: '{"target":{"kind":"dialplan","context":"out","extension":"0","priority":1}}',
        headers: json,
      },
      400,
      'http.bad_request',
    ],
    [
      'a number that smuggles',
      { method: 'POST', url: transfer, payload: '{"target":{"kind":"number","number":"100&SIP/x"}}', headers: json },
      400,
      'http.bad_request',
    ],
    [
      'a bad data key',
      { method: 'PATCH', url: '/v1/calls/c1/data', payload: '{"data":{"a b":"x"}}', headers: json },
      400,
      'http.bad_request',
    ],
    ['a limit that is no number', { url: '/v1/calls?limit=many' }, 400, 'http.bad_request'],
    ['an unknown filter', { url: '/v1/calls?customer=x' }, 400, 'http.bad_request'],
  ];

  it.each(bad)('%s', async (_what, request, status, code) => {
    const answer = await api.inject({ headers, ...request });
    expect([answer.statusCode, answer.json().error.code]).toEqual([status, code]);
    expect(answer.json().error.mend).not.toBe('');
    expect(frontDoor.asked).toEqual([]);
  });

  it('names the field and never repeats its value', async () => {
    const answer = await api.inject({
      method: 'POST',
      url: transfer,
      headers,
      payload: { target: { kind: 'number', number: '13800138000x' } },
    });
    expect(answer.json().error.details).toContainEqual(expect.objectContaining({ in: 'body', path: '/target/number' }));
    expect(answer.body).not.toContain('13800138000');
  });

  it('names the methods of an address', async () => {
    const answer = await api.inject({ method: 'DELETE', url: '/v1/agents/li/state', headers });
    expect(answer.headers.allow).toBe('PUT');
  });

  it('is refused with a code, whatever the body and headers are', async () => {
    const routes = [
      ['POST', transfer],
      ['PUT', '/v1/agents/li/state'],
      ['PATCH', '/v1/calls/c1/data'],
      ['POST', '/v1/calls/c1/hold'],
    ] as const;
    const visible = fc.string({ unit: 'grapheme-ascii', maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...routes),
        fc.oneof(
          fc.json(),
          fc.string(),
          fc.jsonValue().map((target) => JSON.stringify({ target, state: target, data: target })),
        ),
        fc.dictionary(
          fc.constantFrom(
            'accept',
            'origin',
            'x-request-id',
            'content-encoding',
            'expect',
            'cookie',
            'if-match',
            'x-forwarded-for',
          ),
          visible,
        ),
        fc.constantFrom(
          'application/json',
          'application/json; charset=utf-8',
          'text/html',
          'multipart/form-data',
          'a/b;;',
        ),
        async ([method, url], payload, extra, type) => {
          const answer = await api.inject({
            method,
            url,
            payload,
            headers: { ...extra, ...headers, 'content-type': type },
          });
          if (answer.statusCode === 202) return;
          // More runs than usual come to the end of what a key may ask for.
          expect([400, 413, 415, 429]).toContain(answer.statusCode);
          expect(answer.json().error).toMatchObject({
            code: expect.stringMatching(/^http\./),
            mend: expect.any(String),
          });
        },
      ),
      { seed: 42, numRuns: 400 },
    );
  });
});

describe('what nobody foresaw', () => {
  it('is told as an error of ours, without its text, and logged with the request', async () => {
    const { api, frontDoor, logger } = await apiFor({ keys });
    frontDoor.hold = () => {
      throw new Error('secret detail');
    };
    const answer = await api.inject({ method: 'POST', url: '/v1/calls/c1/hold', headers });
    expect([answer.statusCode, answer.json().error.code]).toEqual([500, 'http.internal']);
    expect(answer.body).not.toContain('secret detail');
    expect(logger.lines).toMatchObject([
      { level: 'error', fields: { error: 'secret detail', route: '/v1/calls/:callId/hold' } },
    ]);
  });
});

describe('headers', () => {
  it('are strict on every answer, also on refusals', async () => {
    const { api } = await apiFor({ keys });
    for (const url of ['/healthz', '/nowhere', '/v1/calls']) {
      const answer = await api.inject({ url, headers: { origin: 'https://evil.example' } });
      expect(answer.headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
        'x-frame-options': 'DENY',
      });
      expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
    }
  });

  it('let only listed pages show ours in a frame', async () => {
    const frameAncestors = ['https://crm.example'];
    const { api } = await apiFor({ keys, settings: { frameAncestors } });
    for (const url of ['/', '/healthz']) {
      const { headers: sent } = await api.inject({ url });
      expect(sent['content-security-policy']).toMatch(/frame-ancestors https:\/\/crm\.example$/);
      expect(sent).not.toHaveProperty('x-frame-options');
    }
  });

  it('let listed origins in, and no other', async () => {
    const { api } = await apiFor({ keys, settings: { trustedOrigins: ['https://crm.example'] } });
    const ask = (origin: string, method: 'OPTIONS' | 'GET') =>
      api.inject({ method, url: '/v1/calls', headers: { origin, ...headers } });
    const preflight = await ask('https://crm.example', 'OPTIONS');
    expect([preflight.statusCode, preflight.headers['access-control-allow-origin']]).toEqual([
      204,
      'https://crm.example',
    ]);
    expect((await ask('https://crm.example', 'GET')).headers['access-control-allow-origin']).toBe(
      'https://crm.example',
    );
    expect((await ask('https://crm.example.evil', 'GET')).headers).not.toHaveProperty('access-control-allow-origin');
    expect((await ask('https://evil.example', 'OPTIONS')).statusCode).toBe(405);
  });
});

describe('readiness', () => {
  it('is 503 until all needed parts are up', async () => {
    const { api, readiness } = await apiFor({});
    const store = readiness.declare('store');
    readiness.declare('redis', { optional: true }).down('redis.away');
    const ask = async () => (await api.inject({ url: '/readyz' })).statusCode;
    expect(await ask()).toBe(503);
    store.up();
    expect(await ask()).toBe(200);
    store.down('storage.full');
    const answer = await api.inject({ url: '/readyz' });
    expect(answer.json()).toEqual({
      ok: false,
      checks: [
        { name: 'redis', ok: false, optional: true, code: 'redis.away' },
        { name: 'store', ok: false, optional: false, code: 'storage.full' },
      ],
    });
  });
});
