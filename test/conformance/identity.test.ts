import { describe, expect, it } from 'vitest';
import { systemClock, systemRng } from '../../src/kernel/index.ts';
import type { IdentityStore, SessionRecord, UserRecord } from '../../src/security/ports.ts';
import { createStores } from '../../src/storage/index.ts';
import { silent } from '../events/support.ts';
import { cleanUps, databases } from './support/databases.ts';

async function open(url: string): Promise<IdentityStore> {
  const stores = createStores({ url }, { clock: systemClock, rng: systemRng, logger: silent });
  await stores.prepare();
  cleanUps.push(() => stores.release());
  return stores.identity;
}

const at = 1_790_000_000_000;
const user = (id: string, over: Partial<UserRecord> = {}): UserRecord => ({
  id,
  name: `张 ${id}`,
  roles: ['agent', 'supervisor'],
  agentId: id,
  password: 'scrypt$…',
  disabled: false,
  generation: 1,
  createdAtMs: at,
  changedAtMs: at,
  ...over,
});
const session = (id: string, over: Partial<SessionRecord> = {}): SessionRecord => ({
  id,
  userId: 'li',
  generation: 1,
  createdAtMs: at,
  expiresAtMs: at + 1_000,
  ...over,
});

describe.each(databases)('identity store on $name', ({ url }) => {
  it('keeps users as they are, changes and removes them', async () => {
    const store = await open(await url());
    const { agentId: _, ...wang } = user('wang', { roles: ['admin'] });
    expect([await store.addUser(user('li')), await store.addUser(wang), await store.addUser(user('li'))]).toEqual([
      true,
      true,
      false,
    ]);
    expect(await store.users()).toEqual([user('li'), wang]);
    const ending = { atMs: at + 5, endSessions: true };
    expect(await store.changeUser('li', { disabled: true, roles: ['agent'] }, ending)).toBe(true);
    expect(await store.user('li')).toEqual(
      user('li', { disabled: true, roles: ['agent'], generation: 2, changedAtMs: at + 5 }),
    );
    expect(await store.changeUser('nobody', {}, ending)).toBe(false);
    expect([await store.removeUser('li'), await store.removeUser('li')]).toEqual([true, false]);
    expect(await store.user('li')).toBeUndefined();
  });

  it('lets a session stand until it is ended, expires, or its user changes', async () => {
    const store = await open(await url());
    await store.addUser(user('li'));
    for (const id of ['a', 'b', 'c']) await store.beginSession(session(id), `hash-${id}`, 10);
    const standing = async (atMs = at) =>
      (await store.standing(['a', 'b', 'c', 'x'], atMs)).map((one) => one.session.id);
    expect((await standing()).sort()).toEqual(['a', 'b', 'c']);
    expect(await standing(at + 1_000)).toEqual([]);
    await store.endSession('b', at + 1);
    expect((await standing()).sort()).toEqual(['a', 'c']);
    await store.changeUser('li', { name: 'Li' }, { atMs: at, endSessions: false });
    expect(await standing()).toHaveLength(2);
    await store.changeUser('li', { password: 'new' }, { atMs: at, endSessions: true });
    expect(await standing()).toEqual([]);
    expect(await store.standing([], at)).toEqual([]);
  });

  it('ends the oldest session beyond the limit', async () => {
    const store = await open(await url());
    await store.addUser(user('li'));
    for (let i = 0; i < 4; i += 1) await store.beginSession(session(`s${i}`, { createdAtMs: at + i }), `h${i}`, 2);
    const ids = ['s0', 's1', 's2', 's3'];
    expect((await store.standing(ids, at + 4)).map((one) => one.session.id).sort()).toEqual(['s2', 's3']);
  });

  it('never ends the session that has just begun, not even among others of the same moment', async () => {
    const store = await open(await url());
    await store.addUser(user('li'));
    for (const id of ['b', 'a', 'd', 'c']) {
      await store.beginSession(session(id), `h-${id}`, 1);
      expect((await store.standing(['a', 'b', 'c', 'd'], at)).map((one) => one.session.id)).toEqual([id]);
    }
  });

  it('trades each refresh token once, and ends the session of one that comes back', async () => {
    const store = await open(await url());
    await store.addUser(user('li'));
    await store.beginSession(session('a'), 'h1', 10);
    expect(await store.rotate('nothing', 'h2', at)).toEqual({ kind: 'unknown' });
    expect(await store.rotate('h1', 'h2', at)).toEqual({ kind: 'rotated', session: session('a'), user: user('li') });
    expect(await store.rotate('h2', 'h3', at)).toMatchObject({ kind: 'rotated' });
    expect(await store.rotate('h1', 'h4', at)).toEqual({ kind: 'reused', sessionId: 'a', userId: 'li' });
    expect(await store.rotate('h3', 'h5', at)).toEqual({ kind: 'ended', sessionId: 'a' });
    expect(await store.rotate('h4', 'h6', at)).toEqual({ kind: 'unknown' });
  });

  it('lets one of many simultaneous trades win', async () => {
    const store = await open(await url());
    await store.addUser(user('li'));
    await store.beginSession(session('a'), 'h0', 10);
    const outcomes = await Promise.all(Array.from({ length: 8 }, (_, i) => store.rotate('h0', `n${i}`, at)));
    expect(outcomes.filter(({ kind }) => kind === 'rotated')).toHaveLength(1);
    for (const { kind } of outcomes) expect(['rotated', 'reused', 'ended']).toContain(kind);
    expect(await store.standing(['a'], at)).toEqual([]);
  });

  it('forgets what is over, and only that', async () => {
    const store = await open(await url());
    await store.addUser(user('li'));
    await store.beginSession(session('old', { expiresAtMs: at - 10 }), 'h1', 10);
    await store.beginSession(session('ended'), 'h2', 10);
    await store.beginSession(session('new'), 'h3', 10);
    await store.endSession('ended', at - 5);
    expect(await store.pruneSessions(at)).toBe(2);
    expect(await store.rotate('h1', 'x', at)).toEqual({ kind: 'unknown' });
    expect(await store.rotate('h3', 'x', at)).toMatchObject({ kind: 'rotated' });
  });

  it('keeps keys, newest first, and forgets the old', async () => {
    const store = await open(await url());
    const key = (id: string, createdAtMs: number) => ({ id, secret: 's', createdAtMs });
    await store.addTokenKey(key('one', 1), 0);
    await store.addTokenKey(key('two', 2), 0);
    expect((await store.tokenKeys()).map(({ id }) => id)).toEqual(['two', 'one']);
    await store.addTokenKey(key('three', 3), 2);
    expect((await store.tokenKeys()).map(({ id }) => id)).toEqual(['three', 'two']);
  });
});
