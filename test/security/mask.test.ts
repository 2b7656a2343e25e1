import fc from 'fast-check';
import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import { compileMask, maskNumber } from '../../src/security/index.ts';

describe('maskNumber', () => {
  it.each([
    ['13800138000', '138****8000'],
    ['+8613800138000', '+86138****8000'],
    ['8613800138000', '86138****8000'],
    ['021-5432-1234', '021-****-1234'],
    ['02154321234', '021****1234'],
    ['62345678', '62****78'],
    ['5551234', '5****34'],
    ['95588', '95588'],
    ['8001', '8001'],
    ['', ''],
    ['anonymous', 'anonymous'],
    ['alice@example.com', 'a****'],
  ])('%s → %s', (number, masked) => {
    expect(maskNumber(number)).toBe(masked);
  });

  it('hides four digits of every number of seven digits or more', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\+?[0-9]{7,15}$/), (number) => {
        const masked = maskNumber(number);
        expect(masked).toHaveLength(number.length);
        expect(masked.replace(/[^*]/g, '')).toBe('****');
      }),
      { seed: 7 },
    );
  });
});

describe('compileMask', () => {
  const phone = Type.String({ 'x-pii': 'phone' });

  it('is undefined where nothing is marked', () => {
    expect(compileMask(Type.Object({ name: Type.String(), tags: Type.Array(Type.String()) }))).toBeUndefined();
  });

  it('masks in objects, arrays and records, and leaves the value as it was', () => {
    const schema = Type.Object({
      call: Type.Object({ callerNumber: phone, id: Type.String() }),
      others: Type.Array(phone),
      byName: Type.Record(Type.String(), phone),
      missing: Type.Optional(phone),
    });
    const value = {
      call: { callerNumber: '13800138000', id: '13800138000' },
      others: ['13900139000'],
      byName: { a: '13700137000' },
    };
    const before = structuredClone(value);
    expect(compileMask(schema)?.(value)).toEqual({
      call: { callerNumber: '138****8000', id: '13800138000' },
      others: ['139****9000'],
      byName: { a: '137****7000' },
    });
    expect(value).toEqual(before);
  });
});
