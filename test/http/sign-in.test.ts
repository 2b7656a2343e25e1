import { beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../src/kernel/index.ts';
import { storageErrors } from '../../src/storage/index.ts';
import { SignIn } from '../../src/security/index.ts';
import { password, signInDefaults, signInFor } from '../security/support.ts';
import { apiFor, bearer, keyOf } from './support.ts';

type Rig = Awaited<ReturnType<typeof apiFor>>;
let rig: Rig;
beforeEach(async () => {
  rig = await apiFor({ keys: [keyOf('crm', ['calls:read'])] });
  await rig.signIn.addUser('li', ['agent'], 'li');
  await rig.signIn.addUser('boss', ['supervisor']);
  await rig.signIn.addUser('root', ['admin']);
});

const post = (url: string, payload?: object, headers: Record<string, string> = {}) =>
  rig.api.inject({ method: 'POST', url, headers, ...(payload ? { payload } : {}) });
const login = (user: string, word = password, remoteAddress = '10.0.0.1') =>
  rig.api.inject({ method: 'POST', url: '/v1/auth/login', remoteAddress, payload: { user, password: word } });
const token = (text: string) => ({ authorization: `Bearer ${text}` });
const me = (headers: Record<string, string>) => rig.api.inject({ url: '/v1/auth/me', headers });
async function signedIn(user: string): Promise<{ accessToken: string; refreshToken: string; sessionId: string }> {
  const { accessToken, refreshToken } = (await login(user)).json();
  const sessionId = (await me(token(accessToken))).json().session.id;
  return { accessToken, refreshToken, sessionId };
}
const codeOf = (answer: { statusCode: number; json(): { error?: { code: string } } }) => [
  answer.statusCode,
  answer.json().error?.code,
];

describe('signing in', () => {
  it('gives tokens that say who, and the rights of the roles', async () => {
    const answer = await login('li');
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['cache-control']).toBe('no-store');
    const body = answer.json();
    expect(body.user).toMatchObject({ id: 'li', roles: ['agent'], agentId: 'li' });
    expect(body.user.scopes).toContain('calls:control');
    expect(body.user.scopes).not.toContain('events:read:pii');
    expect(body.accessExpiresAtMs - rig.clock.ms).toBe(600_000);
    expect((await me(token(body.accessToken))).json()).toMatchObject({ id: 'user:li', kind: 'agent', agentId: 'li' });
    expect(answer.body).not.toContain('scrypt');
  });

  it('lets an agent act as that agent only, a supervisor for anybody', async () => {
    const li = await signedIn('li');
    const boss = await signedIn('boss');
    expect((await post('/v1/agents/li/sign-in', undefined, token(li.accessToken))).statusCode).toBe(202);
    expect(codeOf(await post('/v1/agents/wang/sign-in', undefined, token(li.accessToken)))).toEqual([
      403,
      'http.other_agent',
    ]);
    expect((await post('/v1/agents/wang/sign-in', undefined, token(boss.accessToken))).statusCode).toBe(202);
  });

  it.each([
    ['a wrong password', 'li', 'not the password'],
    ['nobody of that name', 'nobody', password],
  ])('tells the same for %s', async (_what, user, word) => {
    const answer = await login(user, word);
    expect(codeOf(answer)).toEqual([401, 'auth.login_wrong']);
    expect(answer.body).not.toContain(word);
    expect(answer.body).toBe((await login('li', 'another wrong one')).body);
  });

  it('does the same work for a name that nobody has', async () => {
    const checked: (string | undefined)[] = [];
    const verify = async (_word: string, stored: string | undefined) => {
      checked.push(stored);
      return false;
    };
    const { store, tokens, sessions } = rig.signIn;
    const desk = new SignIn(
      { store, hasher: { verify }, tokens, sessions, clock: rig.clock, note: () => {} },
      signInDefaults,
    );
    for (const user of ['li', 'nobody']) await desk.login({ user, password }, { address: 'a' });
    expect(checked).toEqual([expect.stringMatching(/^scrypt/), undefined]);
  });

  it('slows a hundred wrong passwords down, for the user and for the address, and notes them', async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => login('li', `wrong password ${i}`)));
    const codes = answers.map(({ statusCode }) => statusCode);
    expect(codes.filter((code) => code === 401)).toHaveLength(5);
    expect(codes.filter((code) => code === 429)).toHaveLength(95);
    expect(answers.find(({ statusCode }) => statusCode === 429)?.headers['retry-after']).toBe('1');
    // The right password does not help while the wait lasts, here or from elsewhere.
    expect(codeOf(await login('li'))).toEqual([429, 'auth.login_slowed']);
    expect(codeOf(await login('li', password, '10.9.9.9'))).toEqual([429, 'auth.login_slowed']);
    const actions = rig.signIn.notes.map(({ action }) => action);
    expect(actions.filter((action) => action === 'auth.login.failed')).toHaveLength(5);
    expect(actions).toContain('auth.login.slowed');
    expect(actions.length).toBeLessThan(12);
    rig.clock.ms += 1_000;
    expect((await login('li')).statusCode).toBe(200);
    expect((await login('boss', 'wrong')).statusCode).toBe(401);
  });

  it('lets a whole shift behind one address sign in at the same moment', async () => {
    for (let i = 0; i < 50; i += 1) await rig.signIn.addUser(`agent${i}`, ['agent'], `agent${i}`);
    const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => login(`agent${i}`)));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(Array.from({ length: 50 }, () => 200));
  });

  it('slows an address that tries many names', async () => {
    const codes = [];
    for (let i = 0; i < 40; i += 1) codes.push((await login(`guess${i}`, 'wrong')).statusCode);
    expect(codes.slice(0, 30)).toEqual(Array.from({ length: 30 }, () => 401));
    expect(codes.slice(30).every((code) => code === 429)).toBe(true);
    expect((await login('li', password, '10.0.0.2')).statusCode).toBe(200);
  });

  it('does not let strangers lock somebody out where they signed in before', async () => {
    expect((await login('li', password, '10.0.0.5')).statusCode).toBe(200);
    for (let i = 0; i < 20; i += 1) await login('li', 'wrong', '10.6.6.6');
    expect((await login('li', password, '10.6.6.6')).statusCode).toBe(429);
    expect((await login('li', password, '10.0.0.5')).statusCode).toBe(200);
  });

  it('makes the wait longer with each failure, and forgets after the longest', async () => {
    const waits: number[] = [];
    for (let i = 0; i < 9; i += 1) {
      const answer = await login('li', 'wrong');
      if (answer.statusCode !== 429) continue;
      const waitS = Number(answer.headers['retry-after']);
      waits.push(waitS);
      rig.clock.ms += waitS * 1_000;
      expect((await login('li', 'wrong')).statusCode).toBe(401);
    }
    expect(waits).toEqual([1, 2, 4, 8]);
    rig.clock.ms += 900_001;
    expect((await login('li', 'wrong')).statusCode).toBe(401);
    expect((await login('li')).statusCode).toBe(200);
  });

  it('is refused to somebody who is disabled', async () => {
    await rig.signIn.store.changeUser('li', { disabled: true }, { atMs: 1, endSessions: true });
    expect(codeOf(await login('li'))).toEqual([401, 'auth.login_wrong']);
  });

  it('tells that the store is away, and counts no failure', async () => {
    const away = { ...rig.signIn.store, user: () => Promise.reject(new AppError(storageErrors.unavailable)) };
    const { desk } = signInFor([], rig.clock, { store: away });
    for (let i = 0; i < 10; i += 1) {
      await expect(desk.login({ user: 'li', password }, { address: 'a' })).rejects.toMatchObject({
        code: 'storage.unavailable',
      });
    }
  });

  it('takes a body over the limit as 413', async () => {
    const answer = await post('/v1/auth/login', { user: 'li', password: 'x'.repeat(70_000) });
    expect(codeOf(answer)).toEqual([413, 'http.body_too_large']);
  });
});

describe('a session', () => {
  it('goes on with each refresh token once', async () => {
    const first = await signedIn('li');
    rig.clock.ms += 590_000;
    const next = (await post('/v1/auth/refresh', { refreshToken: first.refreshToken })).json();
    expect(next.refreshToken).not.toBe(first.refreshToken);
    rig.clock.ms += 20_000;
    expect(codeOf(await me(token(first.accessToken)))).toEqual([401, 'auth.token_expired']);
    expect((await me(token(next.accessToken))).statusCode).toBe(200);
  });

  it('ends when a refresh token is used twice: one of the two was a thief', async () => {
    const first = await signedIn('li');
    const next = (await post('/v1/auth/refresh', { refreshToken: first.refreshToken })).json();
    expect(codeOf(await post('/v1/auth/refresh', { refreshToken: first.refreshToken }))).toEqual([
      401,
      'auth.refresh_reused',
    ]);
    expect(codeOf(await me(token(next.accessToken)))).toEqual([401, 'auth.session_ended']);
    expect(codeOf(await post('/v1/auth/refresh', { refreshToken: next.refreshToken }))).toEqual([
      401,
      'auth.session_ended',
    ]);
    expect(rig.signIn.notes.map(({ action }) => action)).toContain('auth.refresh.reused');
  });

  it('gives one of two simultaneous refreshes the new tokens', async () => {
    const { refreshToken } = await signedIn('li');
    const both = await Promise.all([1, 2].map(() => post('/v1/auth/refresh', { refreshToken })));
    expect(new Set(both.map(({ statusCode }) => statusCode))).toEqual(new Set([200, 401]));
  });

  it('ends with logout, at once', async () => {
    const { accessToken, refreshToken } = await signedIn('li');
    const other = await signedIn('li');
    expect((await post('/v1/auth/logout', undefined, token(accessToken))).statusCode).toBe(204);
    expect(codeOf(await me(token(accessToken)))).toEqual([401, 'auth.session_ended']);
    expect((await post('/v1/auth/refresh', { refreshToken })).statusCode).toBe(401);
    expect((await me(token(other.accessToken))).statusCode).toBe(200);
    expect(codeOf(await post('/v1/auth/logout', undefined, bearer('crm')))).toEqual([409, 'auth.no_session']);
  });

  it('ends within the bound when the user is changed beside the server', async () => {
    for (const [user, change] of [
      ['li', { disabled: true }],
      ['boss', { password: 'x' }],
      ['root', undefined],
    ] as const) {
      const { accessToken, refreshToken } = await signedIn(user);
      if (change) await rig.signIn.store.changeUser(user, change, { atMs: 2, endSessions: true });
      else await rig.signIn.store.removeUser(user);
      rig.clock.ms += 9_999;
      expect((await me(token(accessToken))).statusCode).toBe(200);
      rig.clock.ms += 1;
      expect(codeOf(await me(token(accessToken)))).toEqual([401, 'auth.session_ended']);
      expect((await post('/v1/auth/refresh', { refreshToken })).statusCode).toBe(401);
    }
  });

  it('sees new roles within the bound', async () => {
    const { accessToken } = await signedIn('li');
    await rig.signIn.store.changeUser('li', { roles: ['supervisor'] }, { atMs: 2, endSessions: false });
    rig.clock.ms += 10_000;
    expect((await me(token(accessToken))).json().kind).toBe('supervisor');
  });

  it('is one of few: the oldest ends', async () => {
    const first = await signedIn('li');
    for (let i = 0; i < 20; i += 1) {
      rig.clock.ms += 1;
      await signedIn('li');
    }
    rig.clock.ms += 10_000;
    expect((await me(token(first.accessToken))).statusCode).toBe(401);
  });

  it('ends at its own end, however often it was refreshed', async () => {
    let { refreshToken } = await signedIn('li');
    for (let i = 0; i < 6; i += 1) {
      rig.clock.ms += 590_000;
      const { accessExpiresAtMs, ...next } = (await post('/v1/auth/refresh', { refreshToken })).json();
      refreshToken = next.refreshToken;
      expect(accessExpiresAtMs).toBeLessThanOrEqual(next.sessionExpiresAtMs);
    }
    rig.clock.ms += 590_000;
    expect((await post('/v1/auth/refresh', { refreshToken })).statusCode).toBe(401);
  });
});

describe('an access token', () => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

  it('of another tenant or key is refused', async () => {
    const shared = [{ id: 'k', secret: 's'.repeat(40) }];
    const mine = signInFor([], rig.clock, { tokenKeys: shared });
    const foreign = signInFor([], rig.clock, { tenant: 'other', tokenKeys: shared });
    const { token: text } = await foreign.tokens.issue('li', 'session', rig.clock.ms + 600_000);
    expect(await mine.tokens.check(text)).toEqual({ ok: false, reason: 'wrong' });
    expect(await foreign.tokens.check(text)).toMatchObject({ ok: true });
    expect(codeOf(await me(token(text)))).toEqual([401, 'auth.token_wrong']);
  });

  it('that is forged is refused', async () => {
    const { accessToken } = await signedIn('li');
    const [head = '', body = '', signature = ''] = accessToken.split('.');
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString());
    const header = JSON.parse(Buffer.from(head, 'base64url').toString());
    const forged = [
      `${head}.${part({ ...claims, sub: 'root' })}.${signature}`,
      `${part({ ...header, alg: 'none' })}.${body}.`,
      `${part({ ...header, alg: 'none' })}.${body}.x`,
      `${part({ ...header, kid: 'x' })}.${body}.${signature}`,
      `${part({ ...header, typ: 'JWT' })}.${body}.${signature}`,
      `${head}.${body}.${signature.slice(0, -4)}AAAA`,
      `${head}.${body}`,
      'a.b.c',
    ];
    for (const text of forged) {
      const answer = await me(token(text));
      expect(answer.statusCode).toBe(401);
      expect(answer.body).not.toContain('user:');
    }
  });

  it('outlives the change of keys', async () => {
    const old = await signedIn('li');
    rig.clock.ms += 30 * 24 * 3_600_000 + 1;
    const fresh = await signedIn('boss');
    const kid = (text: string) => JSON.parse(Buffer.from(text.split('.')[0] ?? '', 'base64url').toString()).kid;
    expect(kid(fresh.accessToken)).not.toBe(kid(old.accessToken));
    expect(codeOf(await me(token(old.accessToken)))).toEqual([401, 'auth.token_expired']);
    expect(await rig.signIn.store.tokenKeys()).toHaveLength(2);
  });

  it('still counts while the store is away, as far as its session is known', async () => {
    const { accessToken } = await signedIn('li');
    expect((await me(token(accessToken))).statusCode).toBe(200);
    await rig.signIn.stores.release();
    rig.clock.ms += 60_000;
    expect((await me(token(accessToken))).statusCode).toBe(200);
  });
});

describe('a ticket for the WebSocket', () => {
  it('is good once, for thirty seconds, for whoever asked', async () => {
    const { accessToken } = await signedIn('li');
    const { ticket } = (await post('/v1/auth/ws-ticket', undefined, token(accessToken))).json();
    const { authenticator } = rig.signIn;
    expect(await authenticator.checkFrame(ticket)).toMatchObject({
      ok: true,
      identity: { principal: { id: 'user:li' } },
    });
    expect(await authenticator.checkFrame(ticket)).toMatchObject({ ok: false });
    const late = (await post('/v1/auth/ws-ticket', undefined, bearer('crm'))).json();
    rig.clock.ms += 30_000;
    expect(await authenticator.checkFrame(late.ticket)).toMatchObject({ ok: false });
  });

  it('dies with the session, and opens no route', async () => {
    const { accessToken } = await signedIn('li');
    const { ticket } = (await post('/v1/auth/ws-ticket', undefined, token(accessToken))).json();
    expect((await me(token(ticket))).statusCode).toBe(401);
    await post('/v1/auth/logout', undefined, token(accessToken));
    expect(await rig.signIn.authenticator.checkFrame(ticket)).toEqual({ ok: false, reason: 'sessionEnded' });
  });
});
