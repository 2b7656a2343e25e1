import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileCondition, fillText, parseText } from '../../src/rules/index.ts';

const types = {
  call: { reason: 'string', waitedMs: 'int', data: 'map' },
  customer: { tier: 'string', vip: 'bool', value: 'double', tags: 'list' },
} as const;
const facts = {
  call: { reason: 'abandoned', waitedMs: 30_000, data: { topic: 'refund', 'crm.id': '7' } },
  customer: { tier: 'gold', vip: true, value: 62.5, tags: ['老客户', 'b2b'] },
};

function verdict(text: string, over: Partial<typeof facts> = {}) {
  const compiled = compileCondition(text, types);
  if (!compiled.ok) throw new Error(compiled.message);
  return compiled.condition({ ...facts, ...over }).kind;
}

describe('a condition', () => {
  it.each([
    ['call.reason == "abandoned" && call.waitedMs > 20 * 1000', 'yes'],
    ['call.waitedMs > 30000', 'no'],
    ['customer.value >= 62', 'yes'],
    ['customer.tier in ["gold", "platinum"]', 'yes'],
    ['"老客户" in customer.tags', 'yes'],
    ['customer.tags.exists(tag, tag.startsWith("b"))', 'yes'],
    ['customer.tags.filter(a, a != "b2b").map(b, b + "!").size() == 1', 'yes'],
    ['"topic" in call.data && call.data["topic"] == "refund"', 'yes'],
    ['"nothing" in call.data && call.data["nothing"] == "x"', 'no'],
    ['!customer.vip || call.data.topic == "sale"', 'no'],
    // A name that the attached data does not have: no answer, and no exception.
    ['call.data["nothing"] == "x"', 'failed'],
  ])('%s: %s', (text, expected) => {
    expect(verdict(text)).toBe(expected);
  });

  it.each([
    ['call.reasons == "x"', /reasons/],
    ['caller.reason == "x"', /caller/i],
    ['call.waitedMs > "x"', /overload/],
    ['call.waitedMs', /not true or false/],
    ['call.reason ==', /EOF|token/i],
    ['', /./],
    ['call.reason.matches("(a+)+$")', /matches/],
    ['customer.tags.all(a, customer.tags.all(b, a == b))', /inside/],
    [`call.reason == "${'x'.repeat(3_000)}"`, /longer/],
    [Array.from({ length: 300 }, () => 'customer.vip').join(' && '), /./],
    [`${'('.repeat(60)}true${')'.repeat(60)}`, /./],
  ])('refuses what is wrong or could take long (%#)', (text, expected) => {
    const compiled = compileCondition(text, types);
    expect(compiled).toMatchObject({ ok: false, message: expect.stringMatching(expected) as string });
  });

  it('never throws, whatever is written or said', () => {
    const word = fc.constantFrom(
      'call',
      '.',
      'reason',
      'waitedMs',
      '==',
      '"x"',
      '(',
      ')',
      '&&',
      '1',
      '!',
      'customer.tags',
      '[',
      ']',
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 12 }), fc.string(), fc.integer(), (words, reason, waitedMs) => {
        const compiled = compileCondition(words.join(' '), types);
        if (!compiled.ok) return;
        const kind = compiled.condition({ ...facts, call: { reason, waitedMs, data: {} } }).kind;
        expect(['yes', 'no', 'failed']).toContain(kind);
      }),
      { verbose: true },
    );
  });
});

describe('a text with facts', () => {
  const fill = (text: string) => {
    const parsed = parseText(text, types);
    return parsed.ok ? fillText(parsed.template, facts, (value) => `<${value}>`) : parsed.message;
  };

  it.each([
    ['来电 {call.reason}, {customer.value}', '来电 <abandoned>, <62.5>'],
    ['{customer.tags}{customer.vip}', '<老客户, b2b><true>'],
    ['{call.data.topic} {call.data.crm.id} {call.data.none}', '<refund> <7> <>'],
    ['{call.nothing}', '{call.nothing} is not known here'],
    ['{call.data.*}', '{call.data.*} is not known here'],
    ['{}', '{} is not known here'],
    ['{call', 'a brace stands alone'],
    ['{call.data.__proto__}', '{call.data.__proto__} is not known here'],
    ['{call.data.constructor}', '<>'],
  ])('%s: %s', (text, expected) => {
    expect(fill(text)).toBe(expected);
  });
});
