import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/kernel/index.ts';
import { Sessions } from '../../src/security/index.ts';
import type { Standing } from '../../src/security/ports.ts';
import { storageErrors } from '../../src/storage/index.ts';
import { ManualClock, silent } from '../events/support.ts';

const standing = (id: string, expiresAtMs = Number.MAX_SAFE_INTEGER): Standing => ({
  session: { id, userId: 'li', generation: 1, createdAtMs: 0, expiresAtMs },
  user: {
    id: 'li',
    name: 'Li',
    roles: ['agent'],
    password: '',
    disabled: false,
    generation: 1,
    createdAtMs: 0,
    changedAtMs: 0,
  },
});

function rig() {
  const clock = new ManualClock();
  const store = { stands: new Set(['a', 'b']), away: false, asked: 0 };
  const sessions = new Sessions(
    {
      standing: async (ids) => {
        store.asked += 1;
        if (store.away) throw new AppError(storageErrors.unavailable);
        return ids.filter((id) => store.stands.has(id)).map((id) => standing(id));
      },
    },
    { revocationMs: 10_000 },
    clock,
    silent,
  );
  return { clock, store, sessions };
}
const turn = () => new Promise(setImmediate);

describe('sessions', () => {
  it('are asked for once in the bound, however many requests come', async () => {
    const { clock, store, sessions } = rig();
    const found = await Promise.all(Array.from({ length: 50 }, () => sessions.standing('a')));
    expect(found.every((one) => one?.session.id === 'a')).toBe(true);
    clock.advance(9_999);
    await sessions.standing('a');
    expect(store.asked).toBe(1);
    clock.advance(1);
    await sessions.standing('a');
    expect(store.asked).toBe(2);
  });

  it('that are watched are told of when they end elsewhere, within the bound and once', async () => {
    const { clock, store, sessions } = rig();
    const told: string[] = [];
    for (const id of ['a', 'b']) sessions.watch(id, () => told.push(id));
    clock.advance(10_000);
    await turn();
    expect(told).toEqual([]);
    store.stands.delete('a');
    clock.advance(10_000);
    await turn();
    expect(told).toEqual(['a']);
    clock.advance(20_000);
    await turn();
    expect(told).toEqual(['a']);
    expect(await sessions.standing('a')).toBeUndefined();
  });

  it('are told of at once when they end here, and not to who has stopped listening', () => {
    const { sessions } = rig();
    const told: string[] = [];
    sessions.watch('a', () => told.push('first'));
    sessions.watch('a', () => told.push('second'))();
    sessions.ended('a');
    expect(told).toEqual(['first']);
  });

  it('are taken as they were while the store is away, and watched on when it is back', async () => {
    const { clock, store, sessions } = rig();
    const told: string[] = [];
    expect(await sessions.standing('a')).toBeDefined();
    sessions.watch('a', () => told.push('a'));
    store.away = true;
    clock.advance(30_000);
    await turn();
    expect(await sessions.standing('a')).toBeDefined();
    await expect(sessions.standing('b')).rejects.toMatchObject({ code: 'storage.unavailable' });
    expect(told).toEqual([]);
    store.away = false;
    store.stands.delete('a');
    clock.advance(10_000);
    await turn();
    expect(told).toEqual(['a']);
  });

  it('leave no timer when nobody is watched', async () => {
    const { clock, store, sessions } = rig();
    sessions.watch('a', () => undefined)();
    clock.advance(10_000);
    await turn();
    const { asked } = store;
    clock.advance(100_000);
    await turn();
    expect(store.asked).toBe(asked);
  });
});
