import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readNumberList } from '../../src/crm/directory/number-list.ts';
import { defaultNumberPlan, readDialNumber } from '../../src/crm/index.ts';

const plan = { ...defaultNumberPlan, areaCode: '021' };
const read = (text: string) => readDialNumber(text, plan);

describe('what may be dialled', () => {
  it.each([
    ['13800000001', '+8613800000001', 'CN'],
    ['+86 138-0000-0001', '+8613800000001', 'CN'],
    ['(021) 5888.9999', '+862158889999', 'CN'],
    ['58889999', '+862158889999', 'CN'],
    ['008613800000001', '+8613800000001', 'CN'],
    ['+442079460000', '+442079460000', 'GB'],
    ['95588', '95588', 'CN'],
    ['8001', '8001', undefined],
  ])('%s', (text, canonical, region) => {
    expect(read(text)).toMatchObject({ canonical });
    expect(read(text)?.region).toBe(region);
  });

  it.each([
    '',
    '13800000001&PJSIP/1002',
    '13800000001,1',
    '13800000001/n',
    '13800000001@evil',
    'sip:13800000001',
    'PJSIP/1001',
    '13800000001\r\nAction: Hangup',
    '13800000001\n',
    '${EXTEN}',
    '138${EVAL(x)}',
    '13800000001;x',
    '13800000001|5',
    '１３８０００００００１',
    '*31#13800000001',
    '+',
    '12345678901234567890',
    '110',
    '120',
    '9999999999999999999999999999999999999999999',
  ])('not %j', (text) => {
    expect(read(text)).toBeUndefined();
  });

  it('whatever is sent: what comes through is digits with a plus at most', () => {
    const numberish = fc
      .array(fc.constantFrom(...Array.from('0123456789+ ()-.&,/@*#${}\r\n;|')), { maxLength: 30 })
      .map((c) => c.join(''));
    fc.assert(
      fc.property(fc.oneof(fc.string(), numberish), (text) => {
        const number = read(text);
        for (const form of Object.values(number?.formats ?? {})) expect(form).toMatch(/^\+?[0-9 ()-]+$/);
        expect(number?.canonical ?? '1').toMatch(/^\+?[0-9]{1,15}$/);
      }),
    );
  });
});

describe('a file of numbers', () => {
  const limits = { bytesMax: 10_000, rowsMax: 100 };

  it('is read by its column, in any form', () => {
    const outcome = readNumberList('姓名,手机号\n王,138 0000 0001\n李,+8613800000002\n', plan, limits);
    expect(outcome).toEqual({ kind: 'numbers', numbers: new Set(['+8613800000001', '+8613800000002']) });
  });

  it('is read whole or not at all, and says where it is wrong without the number', () => {
    expect(readNumberList('phone\n13800000001\nx\n', plan, limits)).toEqual({
      kind: 'problems',
      problems: [{ line: 3, column: 'phone', message: 'is no phone number' }],
    });
    expect(readNumberList('name\nx\n', plan, limits)).toMatchObject({ kind: 'problems' });
    expect(readNumberList('phone\n'.padEnd(20_000, '1'), plan, limits)).toMatchObject({ kind: 'problems' });
  });
});
