import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { phoneSealer, sealNow } from '../../src/security/index.ts';

const sealer = phoneSealer({ secret: 'x'.repeat(32), tenant: 'acme', lifeMs: 1_000 });

describe('a phone token', () => {
  it('gives the number back, whatever it is, until it expires', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[+0-9*#a-z@.-]{1,64}$/),
        fc.integer({ min: 0, max: 2 ** 41 }),
        (number, nowMs) => {
          const token = sealer.sealPhone(number, nowMs);
          expect(token).toMatch(/^rmp_[\w-]+$/);
          expect(sealer.openPhone(token, nowMs + 999)).toEqual({ ok: true, number });
          expect(sealer.openPhone(token, nowMs + 1_000)).toEqual({ ok: false, reason: 'expired' });
        },
      ),
      { seed: 11 },
    );
  });

  it('tells nothing: not the number, not its length, not that two are of one number', () => {
    const tokens = ['13800138000', '13800138000', '10086'].map((number) => sealer.sealPhone(number, 0));
    expect(new Set(tokens).size).toBe(3);
    expect(new Set(tokens.map(({ length }) => length)).size).toBe(1);
    for (const token of tokens)
      expect(Buffer.from(token.slice(4), 'base64url').toString('latin1')).not.toContain('138');
  });

  it('of another tenant or secret, or tampered with, is refused', () => {
    const token = sealer.sealPhone('13800138000', 0);
    const others = [
      phoneSealer({ secret: 'x'.repeat(32), tenant: 'other', lifeMs: 1_000 }),
      phoneSealer({ secret: 'y'.repeat(32), tenant: 'acme', lifeMs: 1_000 }),
    ];
    for (const other of others) expect(other.openPhone(token, 0)).toEqual({ ok: false, reason: 'wrong' });
    const bytes = Buffer.from(token.slice(4), 'base64url');
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      // The time of expiry is signed as well, so nobody makes a token last.
      expect(sealer.openPhone(`rmp_${changed.toString('base64url')}`, 0)).toEqual({ ok: false, reason: 'wrong' });
    }
  });

  it.each(['', 'rmp_', 'rmp_short', '13800138000', `rmp_${'A'.repeat(80)}`, `rmp_${'A'.repeat(5_000)}`])(
    'is not %j',
    (token) => {
      expect(sealer.openPhone(token, 0)).toEqual({ ok: false, reason: 'wrong' });
    },
  );
});

describe('sealing as events are read', () => {
  it('gives a number one token for ten minutes, and keeps a bounded number of them', () => {
    let nowMs = 0;
    const seal = sealNow(phoneSealer({ secret: 'x'.repeat(32), tenant: 'acme', lifeMs: 3_600_000 }), {
      nowMs: () => nowMs,
    });
    const first = seal('13800138000');
    expect(seal('13800138000')).toBe(first);
    nowMs = 600_000;
    expect(seal('13800138000')).not.toBe(first);
    const again = seal('13800138000');
    for (let i = 0; i < 2_000; i += 1) seal(String(i));
    expect(seal('13800138000')).not.toBe(again);
  });
});
