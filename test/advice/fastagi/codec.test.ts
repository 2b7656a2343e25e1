import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AGI_LIMITS, type AgiMessage, AgiReader, setVariable } from '../../../src/advice/fastagi/codec.ts';

const read = (text: string, limits = AGI_LIMITS): readonly AgiMessage[] =>
  new AgiReader(limits).push(Buffer.from(text));
const after = (text: string): readonly AgiMessage[] => read(`agi_request: x\n\n${text}`).slice(1);
const code = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'taken';
};

describe('the AGI codec', () => {
  it('reads the variables up to the empty line', () => {
    const [message] = read('agi_network: yes\nagi_callerid: 138\nagi_rdnis:\nagi_arg_1: a: b\n\n');
    expect(message).toEqual({
      kind: 'variables',
      variables: new Map([
        ['agi_network', 'yes'],
        ['agi_callerid', '138'],
        ['agi_rdnis', ''],
        ['agi_arg_1', 'a: b'],
      ]),
    });
  });

  it('reads replies, the usage that 520 brings, and a hangup', () => {
    expect(after('200 result=1\n510 Invalid or unknown command\n')).toEqual([
      { kind: 'reply', status: 200, result: '1' },
      { kind: 'reply', status: 510, result: '' },
    ]);
    expect(
      after('520-Invalid command syntax.  Proper usage follows:\nUsage: X\n 200 result=9\n520 End of proper usage.\n'),
    ).toEqual([{ kind: 'reply', status: 520, result: '' }]);
    expect(after('200 result=1 (${EXTEN})\nHANGUP\n')).toEqual([
      { kind: 'reply', status: 200, result: '1' },
      { kind: 'hangup' },
    ]);
  });

  it.each([
    ['HTTP', 'GET / HTTP/1.1\n'],
    ['a variable of another family', 'x_request: 1\n'],
    ['a prototype', '__proto__: 1\n'],
    ['one variable twice, as by a line break in a name', 'agi_arg_1: secret=a\nagi_arg_1: secret=b\n'],
    ['a line without an end', `agi_request: ${'x'.repeat(5_000)}`],
    ['too many variables', Array.from({ length: 300 }, (_, index) => `agi_arg_${index}: x\n`).join('')],
    ['too many replies', `agi_request: x\n\n${'200 result=1\n'.repeat(500)}`],
    ['a reply that is none', 'agi_request: x\n\nhello\n'],
  ])('refuses %s', (_name, text) => {
    expect(code(() => read(text))).toBe('dialplan.agi_malformed');
  });

  it('reads the same however the bytes are cut', () => {
    const name = fc.stringMatching(/^agi_[a-z0-9_]{1,20}$/);
    const value = fc.string({ unit: 'grapheme', maxLength: 30 }).map((text) => text.replace(/[\r\n]/g, ''));
    const conversation = fc.uniqueArray(fc.tuple(name, value), { selector: ([key]) => key, maxLength: 20 });
    fc.assert(
      fc.property(conversation, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (pairs, cuts) => {
        const bytes = Buffer.from(`${pairs.map(([key, text]) => `${key}: ${text}\n`).join('')}\n200 result=1\n`);
        const reader = new AgiReader();
        const messages: AgiMessage[] = [];
        for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
          const size = cuts[turn % cuts.length] ?? 1;
          messages.push(...reader.push(bytes.subarray(at, at + size)));
          at += size;
        }
        expect(messages).toEqual([
          { kind: 'variables', variables: new Map(pairs) },
          { kind: 'reply', status: 200, result: '1' },
        ]);
      }),
    );
  });

  it('takes any bytes without a defect: messages, or one refusal', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 20 }), (chunks) => {
        const reader = new AgiReader();
        const outcome = code(() => chunks.forEach((chunk) => reader.push(chunk)));
        expect(['taken', 'dialplan.agi_malformed']).toContain(outcome);
      }),
    );
  });

  it('writes one line whatever the value, which Asterisk reads back as it was', () => {
    const text = fc.string({ unit: 'binary', maxLength: 100 }).filter((value) => !/[\0\r\n]/.test(value));
    fc.assert(
      fc.property(text, (value) => {
        const written = setVariable('RM_ANSWER', value);
        expect(written.match(/\n/g)).toHaveLength(1);
        expect(wordsOf(written.trimEnd())).toEqual(['SET', 'VARIABLE', 'RM_ANSWER', value]);
      }),
    );
    for (const value of ['a\nb', 'a\rb', 'a\0b'])
      expect(code(() => setVariable('A', value))).toBe('dialplan.agi_malformed');
    expect(code(() => setVariable('A B', ''))).toBe('dialplan.agi_malformed');
    expect(code(() => setVariable('A', 'x'.repeat(2_000)))).toBe('dialplan.agi_malformed');
  });
});

/** As Asterisk cuts a command into words: res_agi.c, parse_args. */
function wordsOf(line: string): string[] {
  const words: string[] = [];
  let word = '';
  let quoted = false;
  let escaping = false;
  let begun = false;
  for (const char of line) {
    if (escaping) {
      word += char;
      escaping = false;
    } else if (char === '\\') escaping = true;
    else if (char === '"') {
      quoted = !quoted;
      begun = true;
    } else if (char === ' ' && !quoted) {
      if (word !== '' || begun) words.push(word);
      word = '';
      begun = false;
    } else word += char;
  }
  return word !== '' || begun ? [...words, word] : words;
}
