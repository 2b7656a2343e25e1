import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultNumberPlan, normaliseNumber } from '../../src/crm/index.ts';

const beijing = { ...defaultNumberPlan, areaCode: '010', shortCodes: ['8008'] };

describe('normaliseNumber', () => {
  it.each([
    ['13912345678', '+8613912345678'],
    ['+86 139-1234-5678', '+8613912345678'],
    ['008613912345678', '+8613912345678'],
    ['8613912345678', '+8613912345678'],
    ['013912345678', '+8613912345678'],
    ['913912345678', '+8613912345678'],
    ['9013912345678', '+8613912345678'],
    ['１３９１２３４５６７８', '+8613912345678'],
    ['sip:+8613912345678@10.0.0.1;user=phone', '+8613912345678'],
    ['tel:+86-139-1234-5678', '+8613912345678'],
    ['88889999', '+861088889999'],
    ['988889999', '+861088889999'],
    ['(010) 8888-9999', '+861088889999'],
    ['075588889999', '+8675588889999'],
    ['4001234567', '+864001234567'],
    ['+14155552671', '+14155552671'],
    ['0014155552671', '+14155552671'],
  ])('reads %s as %s', (raw, e164) => {
    expect(normaliseNumber(raw, beijing)).toMatchObject({ kind: 'full', canonical: e164, formats: { e164 } });
  });

  it.each(['95588', '12345', '10086', '110', '9501388', '96123', '8008'])('reads %s as a short code', (raw) => {
    expect(normaliseNumber(raw, beijing)).toMatchObject({ kind: 'short', canonical: raw });
  });

  it('takes the outside-line prefix off a short code', () => {
    expect(normaliseNumber('910086', { ...beijing, extensionDigitsMax: 5 })).toMatchObject({
      kind: 'short',
      canonical: '10086',
    });
  });

  it.each(['8001', '801', '600123'])('reads %s as an extension', (raw) => {
    expect(normaliseNumber(raw, beijing)).toMatchObject({ kind: 'extension', canonical: raw });
  });

  it.each(['', '  ', 'Anonymous', 'anonymous@anonymous.invalid', '<sip:restricted@x>', 'unknown', '\u0000', "'"])(
    'takes %j for withheld',
    (raw) => {
      expect(normaliseNumber(raw, beijing)).toEqual({ kind: 'anonymous' });
    },
  );

  it.each(['alice', '10012345678', '+999', '99999999999999999999'])('keeps %s as it came', (raw) => {
    expect(normaliseNumber(raw, beijing)).toMatchObject({ kind: 'unknown', canonical: raw });
  });

  it('gives the formats that CRMs use', () => {
    const number = normaliseNumber('01088889999', beijing);
    expect(number).toMatchObject({
      formats: {
        e164: '+861088889999',
        digits: '861088889999',
        national: '01088889999',
        nationalPretty: '010 8888 9999',
        idd: '00861088889999',
        subscriber: '1088889999',
        last8: '88889999',
        raw: '01088889999',
      },
    });
  });

  it('never throws, and what it calls full it reads the same again', () => {
    const digits = fc.stringMatching(/^\+?[0-9]{0,20}$/);
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), digits), (raw) => {
        const number = normaliseNumber(raw, beijing);
        if (number.kind === 'anonymous') return;
        expect(number.canonical).not.toMatch(/[\s\p{Cc}]/u);
        if (number.kind !== 'full') return;
        expect(normaliseNumber(number.formats.e164 ?? '', beijing)).toMatchObject({ canonical: number.canonical });
      }),
      { seed: 7, numRuns: 2_000 },
    );
  });
});
