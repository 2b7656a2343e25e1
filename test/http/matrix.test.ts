import { beforeEach, describe, expect, it } from 'vitest';
import { assert } from '../../src/kernel/index.ts';
import { AccessTokens, grantOf, type Role, roleNames, type Scope, scopeNames } from '../../src/security/index.ts';
import { password, signInFor, tokenOptions } from '../security/support.ts';
import { apiFor, bearer, keyOf, type NotingDoor } from './support.ts';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
type Row = readonly [method: Method, url: string, scope: Scope, ok: number, body?: object];

const rows: readonly Row[] = [
  ['GET', '/v1/agents', 'agents:read', 200],
  ['GET', '/v1/agents/li', 'agents:read', 200],
  ['POST', '/v1/agents/li/sign-in', 'agents:control', 202],
  ['POST', '/v1/agents/li/sign-out', 'agents:control', 202],
  ['POST', '/v1/agents/li/end-wrap-up', 'agents:control', 202],
  ['PUT', '/v1/agents/li/state', 'agents:control', 202, { state: 'available' }],
  ['GET', '/v1/agent-choices', 'agents:read', 200],
  ['POST', '/v1/agents/li/extend-wrap-up', 'agents:control', 202],
  ['PUT', '/v1/agents/li/device', 'agents:control', 202, { device: 'mobile' }],
  ['PUT', '/v1/agents/li/skills', 'agents:manage', 202, { skills: { zh: 60 } }],
  ['PUT', '/v1/calls/c1/disposition', 'calls:control', 202, { code: 'solved' }],
  ['GET', '/v1/calls', 'calls:read', 200],
  ['GET', '/v1/calls/c1', 'calls:read', 200],
  ['POST', '/v1/calls/c1/accept?agentId=li', 'calls:control', 202],
  ['POST', '/v1/calls/c1/reject?agentId=li', 'calls:control', 202],
  ['POST', '/v1/calls/c1/hold', 'calls:control', 202],
  ['POST', '/v1/calls/c1/resume', 'calls:control', 202],
  ['POST', '/v1/calls/c1/hang-up', 'calls:control', 202],
  ['POST', '/v1/calls/c1/transfer', 'calls:control', 202, { target: { kind: 'queue', queueId: 'support' } }],
  ['POST', '/v1/calls/c1/consult', 'calls:control', 202, { target: { kind: 'agent', agentId: 'wang' } }],
  ['POST', '/v1/calls/c1/consult/complete', 'calls:control', 202],
  ['POST', '/v1/calls/c1/consult/cancel', 'calls:control', 202],
  ['POST', '/v1/calls/c1/consult/swap', 'calls:control', 202],
  ['POST', '/v1/calls/c1/consult/merge', 'calls:control', 202],
  ['POST', '/v1/calls/c1/recording/start', 'calls:control', 202],
  ['POST', '/v1/calls/c1/recording/pause', 'calls:control', 202],
  ['POST', '/v1/calls/c1/recording/resume', 'calls:control', 202],
  ['POST', '/v1/calls/c1/recording/stop', 'calls:control', 202],
  ['GET', '/v1/recordings', 'recordings:read', 200],
  ['GET', '/v1/recordings/r1', 'recordings:read', 200],
  ['GET', '/v1/recordings/r1/file', 'recordings:read', 200],
  ['GET', '/v1/event-consumers', 'events:admin', 200],
  ['DELETE', '/v1/event-consumers/k/crm', 'events:admin', 200],
  ['POST', '/v1/calls/c1/mute', 'calls:control', 202],
  ['POST', '/v1/calls/c1/unmute', 'calls:control', 202],
  ['POST', '/v1/calls/c1/keypad', 'calls:control', 202, { digits: '12#' }],
  ['PATCH', '/v1/calls/c1/data', 'calls:control', 202, { data: { ticket: 'T1' } }],
  ['POST', '/v1/calls/c1/reveal', 'calls:reveal', 200, { reason: 'callback' }],
  ['POST', '/v1/routing/explain', 'rules:read', 200, { queueId: 'support' }],
  ['GET', '/v1/config/versions', 'rules:read', 200],
  ['POST', '/v1/config/reload', 'rules:write', 200, { rollout: '10%' }],
  ['POST', '/v1/config/promote', 'rules:write', 200],
  ['POST', '/v1/config/rollback', 'rules:write', 200],
  ['GET', '/v1/queues', 'queues:read', 200],
  ['GET', '/v1/queues/support', 'queues:read', 200],
  ['GET', '/v1/snapshot', 'events:read:pii', 200],
  ['GET', '/v1/customers?number=13800138000', 'lookup:read', 200],
  ['POST', '/v1/customers/invalidate', 'lookup:write', 200, { number: '13800138000' }],
  ['GET', '/v1/dialplan/route?number=13800138000&entry=4001', 'dialplan:route', 200],
  ['GET', '/v1/tickets', 'tickets:read', 200],
  ['GET', '/v1/tickets/t1', 'tickets:read', 200],
  ['POST', '/v1/tickets', 'tickets:write', 202, { subject: 'call back' }],
  ['PATCH', '/v1/tickets/t1', 'tickets:write', 200, { status: 'solved' }],
  ['PUT', '/v1/tickets/t1/calls/c1', 'tickets:write', 200],
  ['POST', '/v1/tickets/t1/replay', 'tickets:write', 202],
  ['POST', '/v1/calls', 'calls:control', 202, { agentId: 'li', number: '13800138000' }],
  ['POST', '/v1/outbound', 'outbound:write', 201, { queueId: 'support', number: '13800138000' }],
  ['GET', '/v1/outbound', 'outbound:read', 200],
  ['GET', '/v1/outbound/j1', 'outbound:read', 200],
  ['POST', '/v1/outbound/j1/cancel', 'outbound:write', 200],
  ['POST', '/v1/callbacks', 'outbound:write', 201, { queueId: 'support', number: '13800138000' }],
  ['GET', '/v1/callbacks', 'outbound:read', 200],
  ['POST', '/v1/callbacks/j1/cancel', 'outbound:write', 200],
  ['GET', '/v1/do-not-call', 'outbound:read', 200],
  ['POST', '/v1/do-not-call', 'outbound:write', 202, { number: '13800138000' }],
  ['POST', '/v1/do-not-call/remove', 'outbound:write', 200, { number: '13800138000' }],
  ['GET', '/metrics', 'metrics:read', 200],
];
/** Everybody who is known may use these, whatever the rights. */
const known = ['GET /v1/auth/me', 'POST /v1/auth/ws-ticket', 'POST /v1/auth/logout'];
const doors = ['POST /v1/auth/login', 'POST /v1/auth/refresh', 'POST /v1/tickets/webhook/:deskId'];
const open = ['/healthz', '/readyz', '/v1/openapi.json', '/v1/asyncapi.json', '/', '/assets/:name'];

const idOf = (scope: Scope) => scope.replaceAll(':', '-');
const keys = [...scopeNames.map((scope) => keyOf(idOf(scope), [scope])), keyOf('root', [], { kind: 'admin' })];

describe('every route', async () => {
  const { api } = await apiFor({ keys });

  it('is in this matrix, once, with the right that it demands', () => {
    const patternOf = (url: string) => new RegExp(`^${url.replaceAll(/:[A-Za-z]+/g, '[^/]+')}$`);
    const demanded = api.served
      .filter(({ method }) => method !== 'HEAD')
      .map(({ method, url, demand }) => {
        const row = rows.find((one) => one[0] === method && patternOf(url).test(one[1].replace(/\?.*/, '')));
        return { route: `${method} ${url}`, demand, row: row?.[2] };
      });
    const scoped = demanded.filter(({ demand }) => demand !== 'open' && demand !== 'known');
    expect(scoped.filter(({ demand, row }) => demand !== row)).toEqual([]);
    expect(scoped).toHaveLength(rows.length);
    const routesOf = (demand: string) => demanded.filter((one) => one.demand === demand).map(({ route }) => route);
    expect(routesOf('known').toSorted()).toEqual(known.toSorted());
    expect(routesOf('open').toSorted()).toEqual([...doors, ...open.map((url) => `GET ${url}`)].toSorted());
  });

  it.each(rows.map((row) => ({ row, name: `${row[0]} ${row[1]} demands ${row[2]}` })))(
    '$name',
    async ({ row: [method, url, scope, ok, body] }) => {
      const ask = (headers: Record<string, string>) =>
        api.inject({
          method,
          url,
          headers: { ...headers, 'idempotency-key': 'matrix-key' },
          ...(body ? { payload: body } : {}),
        });
      for (const other of scopeNames) {
        const { statusCode } = await ask(bearer(idOf(other)));
        expect([other, statusCode]).toEqual([other, other === scope ? ok : 403]);
      }
      expect((await ask(bearer('root'))).statusCode).toBe(ok);
      const missing = await ask({});
      expect([missing.statusCode, missing.json().error.code]).toEqual([401, 'http.key_missing']);
      expect(missing.headers['www-authenticate']).toBe('Bearer');
      expect((await ask(bearer('nobody'))).json().error.code).toBe('http.key_wrong');
    },
  );

  it.each(open.filter((url) => !url.includes(':')))('%s needs no key', async (url) => {
    expect([200, 503]).toContain((await api.inject({ url })).statusCode);
  });

  it.each([
    '',
    'Bearer',
    'Bearer rmk_root_',
    'Bearer rmk_root_short',
    `Basic ${'s'.repeat(40)}`,
    `Bearer rmk_root_${'t'.repeat(40)}`,
    `Bearer rmk_ROOT_${'s'.repeat(40)}x`,
  ])('takes no key from the header %j', async (authorization) => {
    expect((await api.inject({ url: '/v1/agents', headers: { authorization } })).statusCode).toBe(401);
  });
});

describe('every role', async () => {
  const { api, signIn, clock } = await apiFor({ keys });
  const tokens = new Map<Role, string>();
  for (const role of roleNames) {
    await signIn.addUser(role, [role], role === 'agent' ? 'li' : undefined);
    const outcome = await signIn.desk.login({ user: role, password }, { address: role });
    assert(outcome.kind === 'in', 'signed in');
    tokens.set(role, outcome.signedIn.accessToken);
  }
  const ask = ([method, url, , , body]: Row, token: string) =>
    api.inject({
      method,
      url,
      headers: { authorization: `Bearer ${token}`, 'idempotency-key': 'matrix-key' },
      ...(body ? { payload: body } : {}),
    });

  it.each(rows.map((row) => ({ row, name: `${row[0]} ${row[1]}` })))('may use $name by the table', async ({ row }) => {
    const [, , scope, ok] = row;
    for (const role of roleNames) {
      const answer = await ask(row, tokens.get(role) ?? '');
      const expected = grantOf(role, scope) === 'has' ? ok : 403;
      expect([role, answer.statusCode]).toEqual([role, expected]);
    }
  });

  it.each(known)('may use %s', async (route) => {
    const [method = '', url = ''] = route.split(' ');
    for (const role of roleNames) {
      // A session of its own: logout ends what it is asked with.
      const outcome = await signIn.desk.login({ user: role, password }, { address: role });
      assert(outcome.kind === 'in', 'signed in');
      const answer = await ask([method as Method, url, 'calls:read', 200], outcome.signedIn.accessToken);
      expect([role, answer.statusCode]).toEqual([role, url.endsWith('logout') ? 204 : 200]);
    }
  });

  it.each(rows.filter((row) => row[4]).map((row) => ({ row, name: `${row[0]} ${row[1]}` })))(
    'sends no body over the limit to $name',
    async ({ row: [method, url, scope, ok] }) => {
      const answer = await ask([method, url, scope, ok, { filler: 'x'.repeat(65 * 1024) }], tokens.get('admin') ?? '');
      expect([answer.statusCode, answer.json().error.code]).toEqual([413, 'http.body_too_large']);
    },
  );

  it('is nobody with a credential that is forged, foreign, old, revoked, or meant for something else', async () => {
    const login = async (user: string) => {
      const outcome = await signIn.desk.login({ user, password }, { address: user });
      assert(outcome.kind === 'in', 'signed in');
      return outcome.signedIn;
    };
    await signIn.addUser('fired', ['admin']);
    const fired = await login('fired');
    const gone = await login('admin');
    const fresh = await login('admin');
    await signIn.desk.logout({ id: gone.sessionId, userId: 'admin' }, { address: 'a' });
    await signIn.store.changeUser('fired', { disabled: true }, { atMs: 1, endSessions: true });
    const foreign = signInFor([], clock, { tenant: 'other', tokenKeys: [{ id: 'k', secret: 'f'.repeat(40) }] });
    const { token: foreignToken } = await foreign.tokens.issue('admin', fresh.sessionId, clock.ms + 600_000);
    const stale = new AccessTokens(signIn.store, { nowMs: () => clock.ms - 600_001, after: clock.after }, tokenOptions);
    const { token: expired } = await stale.issue('admin', fresh.sessionId, clock.ms);
    const [head, body] = fresh.accessToken.split('.');
    const bad: Readonly<Record<string, string>> = {
      forged: `${head}.${body}.${'A'.repeat(43)}`,
      unsigned: `${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.`,
      foreign: foreignToken,
      expired,
      'of an ended session': gone.accessToken,
      'of somebody disabled': fired.accessToken,
      'a refresh token': fresh.refreshToken,
      'a ticket': signIn.tickets.issue({ principal: { id: 'x', kind: 'admin', scopes: [] } }).ticket,
      'a wrong key': `rmk_root_${'x'.repeat(40)}`,
      nonsense: 'nonsense',
    };
    const all: readonly Row[] = [
      ...rows,
      ...known.map((route): Row => [route.split(' ')[0] as Method, route.split(' ')[1] ?? '', 'calls:read', 200]),
    ];
    for (const row of all) {
      for (const [what, credential] of Object.entries(bad)) {
        const answer = await ask(row, credential);
        expect([row[1], what, answer.statusCode]).toEqual([row[1], what, 401]);
        expect(Object.keys(answer.json())).toEqual(['error']);
        expect(answer.json().error).not.toHaveProperty('details');
      }
    }
    expect((await ask(['GET', '/v1/agents', 'agents:read', 200], fresh.accessToken)).statusCode).toBe(200);
  });
});

describe('metrics', () => {
  it('are open where the config says so', async () => {
    const { api } = await apiFor({ settings: { metricsOpen: true } });
    const { statusCode, body } = await api.inject({ url: '/metrics' });
    expect(statusCode).toBe(200);
    expect(body).toContain('ringmaster_calls_arrived_total');
    expect(body).toContain('nodejs_eventloop_lag_p99_seconds');
  });
});

describe("an agent's key", () => {
  const all = scopeNames.filter((scope) => scope !== 'events:read:pii');
  let api: Awaited<ReturnType<typeof apiFor>>['api'];
  let frontDoor: NotingDoor;
  beforeEach(async () => {
    ({ api, frontDoor } = await apiFor({
      keys: [keyOf('desk-li', all, { kind: 'agent', agentId: 'li' }), keyOf('broken', all, { kind: 'agent' })],
    }));
  });
  const headers = bearer('desk-li');

  it.each([
    ['POST', '/v1/agents/wang/sign-in', undefined],
    ['PUT', '/v1/agents/wang/state', { state: 'paused', reason: 'lunch' }],
    ['POST', '/v1/calls/c2/accept?agentId=wang', undefined],
    ['POST', '/v1/calls/c2/reject?agentId=wang', undefined],
  ] as const)('is refused for another agent: %s %s', async (method, url, body) => {
    const answer = await api.inject({ method, url, headers, ...(body ? { payload: body } : {}) });
    expect([answer.statusCode, answer.json().error.code]).toEqual([403, 'http.other_agent']);
    expect(frontDoor.asked).toEqual([]);
  });

  it('acts in its own name without saying it', async () => {
    await api.inject({ method: 'POST', url: '/v1/calls/c1/accept', headers });
    await api.inject({ method: 'POST', url: '/v1/calls/c1/hold', headers });
    await api.inject({ method: 'POST', url: '/v1/calls/c2/hang-up', headers });
    expect(frontDoor.asked).toEqual([
      ['accept', 'c1', 'li'],
      ['hold', 'c1', 'li'],
      ['hangUp', 'c2', 'li'],
    ]);
  });

  it('sees its own calls only; another one is answered like none', async () => {
    const list = await api.inject({ url: '/v1/calls', headers });
    expect(list.json().calls.map(({ id }: { id: string }) => id)).toEqual(['c1']);
    expect(list.json().total).toBe(1);
    const [others, none] = await Promise.all(
      ['c2', 'nope'].map((id) => api.inject({ url: `/v1/calls/${id}`, headers })),
    );
    expect(others?.statusCode).toBe(404);
    expect(others?.body).toBe(none?.body);
  });

  it('that names no agent may do nothing', async () => {
    for (const url of ['/v1/calls/c1/hold', '/v1/calls/c1/accept', '/v1/agents/li/sign-in']) {
      expect((await api.inject({ method: 'POST', url, headers: bearer('broken') })).statusCode).toBe(403);
    }
    expect((await api.inject({ url: '/v1/calls', headers: bearer('broken') })).statusCode).toBe(403);
  });
});

describe('numbers', async () => {
  const { api } = await apiFor({
    keys: [keyOf('masked', ['calls:read', 'events:read']), keyOf('full', ['calls:read', 'events:read:pii'])],
  });

  it.each(['/v1/calls', '/v1/calls/c1'])('are masked in %s without the right', async (url) => {
    expect((await api.inject({ url, headers: bearer('masked') })).body).not.toContain('13800138000');
    expect((await api.inject({ url, headers: bearer('masked') })).body).toContain('138****8000');
    expect((await api.inject({ url, headers: bearer('full') })).body).toContain('13800138000');
  });
});
