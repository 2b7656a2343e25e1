import { beforeEach, describe, expect, it } from 'vitest';
import type { DeskFetch } from '../../src/desktop/client/ports.ts';
import { KeySession, type Session, UserSession } from '../../src/desktop/client/session.ts';

/** A server of sign-ins: access tokens are `a1`, `a2`, …, the one that counts is the newest. */
class Door {
  readonly asked: string[] = [];
  generation = 1;
  /** Tokens up to this one are no longer taken. */
  expired = 0;
  takesNone = false;
  refreshStatus = 200;
  down = false;

  readonly fetch: DeskFetch = async (path, { method, headers, body }) => {
    if (this.down) throw new TypeError('Failed to fetch');
    this.asked.push(`${method} ${path}`);
    const answer = (status: number, value: object) => ({ status, text: async () => JSON.stringify(value) });
    const error = (status: number, code: string) => answer(status, { error: { code, message: '' } });
    if (path === '/v1/auth/login') {
      if (!body?.includes('"right"')) return error(401, 'auth.login_wrong');
      return answer(200, { ...this.tokens(), user: { name: '李静', agentId: 'li' } });
    }
    if (path === '/v1/auth/refresh') {
      if (this.refreshStatus !== 200) return error(this.refreshStatus, 'auth.refresh_wrong');
      if (!body?.includes(`"r${this.generation}"`)) return error(401, 'auth.refresh_reused');
      this.generation += 1;
      return answer(200, this.tokens());
    }
    if (headers['authorization'] === 'Bearer rmk_wrong') return error(401, 'http.key_wrong');
    if (this.takesNone || headers['authorization'] === `Bearer a${this.expired}`)
      return error(401, 'auth.token_expired');
    if (path === '/v1/auth/ws-ticket') return answer(200, { ticket: `ticket-${headers['authorization']}` });
    if (path === '/v1/auth/me') return answer(200, { id: 'desk', kind: 'agent', agentId: 'li', scopes: [] });
    return answer(200, { by: headers['authorization'] });
  };

  private tokens(): object {
    return { accessToken: `a${this.generation}`, refreshToken: `r${this.generation}` };
  }
}

let door: Door;
let session: Session;

beforeEach(async () => {
  door = new Door();
  const outcome = await UserSession.open(door.fetch, 'li', 'right');
  if (!outcome.ok) throw new Error(outcome.code);
  session = outcome.body;
  door.asked.length = 0;
});

describe('a session by name and password', () => {
  it('knows who it is, and is refused a wrong password', async () => {
    expect(session.person).toEqual({ name: '李静', agentId: 'li' });
    expect(await UserSession.open(door.fetch, 'li', 'wrong')).toMatchObject({ ok: false, code: 'auth.login_wrong' });
  });

  it('renews an expired token and asks again', async () => {
    door.expired = 1;
    expect(await session.ask('GET', '/v1/calls')).toEqual({ ok: true, body: { by: 'Bearer a2' } });
    expect(door.asked).toEqual(['GET /v1/calls', 'POST /v1/auth/refresh', 'GET /v1/calls']);
  });

  it('renews once for all requests that found it expired: a refresh token shown twice would end the session', async () => {
    door.expired = 1;
    const outcomes = await Promise.all([1, 2, 3, 4].map(() => session.ask('GET', '/v1/calls')));
    expect(outcomes.every(({ ok }) => ok)).toBe(true);
    expect(door.asked.filter((line) => line.includes('refresh'))).toHaveLength(1);
  });

  it('does not ask a third time when the new token is refused as well', async () => {
    door.takesNone = true;
    expect(await session.ask('GET', '/v1/calls')).toMatchObject({ ok: false, status: 401 });
    expect(door.asked).toEqual(['GET /v1/calls', 'POST /v1/auth/refresh', 'GET /v1/calls']);
  });

  it('gets a ticket for the socket', async () => {
    expect(await session.socketToken()).toEqual({ token: 'ticket-Bearer a1' });
  });

  it.each([
    ['refused', 'has ended', () => void (door.refreshStatus = 401)],
    ['unreachable', 'cannot be renewed for now', () => void (door.refreshStatus = 503)],
    ['unreachable', 'meets no server', () => void (door.down = true)],
  ])('is %s when it %s', async (expected, _, spoil) => {
    door.expired = 1;
    spoil();
    expect(await session.socketToken()).toBe(expected);
  });

  it('ends at the server too', async () => {
    await session.signOut();
    expect(door.asked).toEqual(['POST /v1/auth/logout']);
  });
});

describe('a session by key', () => {
  it('asks who the key belongs to, and is its own token for the socket', async () => {
    const outcome = await KeySession.open(door.fetch, 'rmk_desk');
    expect(outcome).toMatchObject({ ok: true, body: { person: { name: 'desk', agentId: 'li' } } });
    expect(outcome.ok && (await outcome.body.socketToken())).toEqual({ token: 'rmk_desk' });
  });

  it('is refused a wrong key', async () => {
    expect(await KeySession.open(door.fetch, 'rmk_wrong')).toMatchObject({ ok: false, code: 'http.key_wrong' });
  });
});
