import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createApiKey, parseKeyHash, Secret } from '../../src/security/index.ts';
import { keyChecker } from '../../src/security/api-key.ts';

const principal = { id: 'crm', kind: 'integration', scopes: [] } as const;

describe('an API key', () => {
  const made = createApiKey('crm');
  const check = keyChecker([{ id: 'crm', secretSha256: parseKeyHash(made.hash) ?? new Uint8Array(), principal }]);

  it('opens with the key that was made, and the stored hash does not hold it', () => {
    expect(made.key).toMatch(/^rmk_crm_[A-Za-z0-9_-]{43}$/);
    expect(check(`Bearer ${made.key}`)).toEqual({ ok: true, principal });
    // The secret itself may hold "_".
    expect(made.hash).not.toContain(made.key.slice('rmk_crm_'.length));
    expect(createApiKey('crm').key).not.toBe(made.key);
  });

  it('does not open with one character changed, or under another id', () => {
    const last = made.key.at(-1) === 'A' ? 'B' : 'A';
    expect(check(`Bearer ${made.key.slice(0, -1)}${last}`)).toEqual({ ok: false, reason: 'wrong' });
    expect(check(`Bearer ${made.key.replace('rmk_crm_', 'rmk_other_')}`)).toEqual({ ok: false, reason: 'wrong' });
    expect(check(made.key)).toEqual({ ok: false, reason: 'malformed' });
    expect(check(undefined)).toEqual({ ok: false, reason: 'missing' });
  });

  it('never opens with anything else, and never throws', () => {
    const almost = fc.string({ maxLength: 60 }).map((text) => `Bearer rmk_crm_${text}`);
    fc.assert(
      fc.property(fc.oneof(fc.string(), almost), (header) => !check(header).ok),
      { seed: 11, numRuns: 500 },
    );
  });

  it.each(['', 'sha256:', `sha256:${'g'.repeat(64)}`, `md5:${'0'.repeat(64)}`, `sha256:${'0'.repeat(65)}`])(
    'has no hash %j',
    (hash) => {
      expect(parseKeyHash(hash)).toBeUndefined();
    },
  );
});

describe('a secret', () => {
  it('shows itself only when asked to', () => {
    const secret = new Secret('hunter2');
    expect(
      `${String(secret)} ${JSON.stringify({ secret })} ${inspect({ secret })} ${inspect(secret, { showHidden: true })}`,
    ).not.toContain('hunter2');
    expect(secret.reveal()).toBe('hunter2');
  });
});
