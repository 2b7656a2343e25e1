import { describe, expect, it } from 'vitest';
import { PasswordHasher } from '../../src/security/index.ts';
import { scryptCost } from '../../src/security/password.ts';

const cheap = { logN: 4, r: 1, p: 1 };
const hasher = new PasswordHasher({ cost: cheap });

describe('a password', () => {
  it('is known again, and nothing else is taken for it', async () => {
    const stored = await hasher.hash('correct horse 马');
    expect(stored).toMatch(/^scrypt\$4\$1\$1\$/);
    expect(await hasher.verify('correct horse 马', stored)).toBe(true);
    expect(await hasher.verify('correct horse 馬', stored)).toBe(false);
    expect(await hasher.verify('', stored)).toBe(false);
    expect(await hasher.verify('correct horse 马', undefined)).toBe(false);
    expect(await hasher.hash('correct horse 马')).not.toBe(stored);
  });

  it('is the same from a full-width keyboard', async () => {
    expect(await hasher.verify('ｐａｓｓｗｏｒｄ１２３', await hasher.hash('password123'))).toBe(true);
  });

  it.each(['', 'short', 'x'.repeat(257)])('is refused when it is too short or too long', async (word) => {
    await expect(hasher.hash(word)).rejects.toMatchObject({ code: 'auth.password_weak' });
  });

  it('is checked by the cost that was stored with it', async () => {
    const stored = await new PasswordHasher({ cost: { logN: 5, r: 2, p: 2 } }).hash('correct horse');
    expect(await hasher.verify('correct horse', stored)).toBe(true);
  });

  it('is hashed as OWASP asks unless told otherwise', () => {
    expect(2 ** scryptCost.logN * 128 * scryptCost.r).toBe(32 * 1024 * 1024);
    expect(scryptCost.p).toBe(3);
  });

  it.each(['', 'scrypt$30$8$1$x$y', `scrypt$30$8$1$${'s'.repeat(22)}$${'h'.repeat(43)}`, 'sha256:00'])(
    'stored as %j is not worked on',
    async (stored) => {
      await expect(hasher.verify('correct horse', stored)).rejects.toMatchObject({ code: 'auth.password_hash' });
    },
  );

  it('waits its turn, and is refused when too many wait', async () => {
    const busy = new PasswordHasher({ cost: cheap, concurrentMax: 1, queuedMax: 2 });
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => busy.verify('correct horse', undefined)));
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'rejected',
      'rejected',
    ]);
    expect(outcomes.at(-1)).toMatchObject({ reason: { code: 'auth.busy' } });
    expect(await busy.verify('correct horse', undefined)).toBe(false);
  });
});
