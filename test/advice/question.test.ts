import { describe, expect, it } from 'vitest';
import { parseQuestion, type RawQuestion } from '../../src/advice/question.ts';

const injections = [
  '1&2',
  '1,2',
  'a/b',
  '1\r\n2',
  '1\n',
  '${EXTEN}',
  '$[1+1]',
  '1 2',
  '"1"',
  '1|2',
  '<1>',
  '1;2',
  '中',
  '\0',
];

describe('a question of the dialplan', () => {
  it('is taken with the number in the forms that PBXs pass', () => {
    for (const number of ['', '13800138000', '+8613800138000', '*72', 'anonymous', 'alice.b_c-d', '1001#'])
      expect(parseQuestion({ number, entry: '4001' }, 'http')).toMatchObject({
        ok: true,
        value: { callerNumber: number, dialledNumber: '4001' },
      });
  });

  it.each<[keyof RawQuestion, string]>([
    ['number', 'dialplan.bad_number'],
    ['dialled', 'dialplan.bad_dialled'],
    ['entry', 'dialplan.bad_entry'],
    ['uniqueid', 'dialplan.bad_channel'],
    ['node', 'dialplan.bad_node'],
  ])('is refused with a code when %s could inject', (field, code) => {
    const allowed = field === 'uniqueid' ? ['1;2'] : [];
    for (const text of injections.filter((one) => !allowed.includes(one)).concat('1'.repeat(151)))
      expect({ text, ...parseQuestion({ [field]: text }, 'http') }).toMatchObject({
        ok: false,
        error: { code },
      });
  });
});
