import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Call } from '../../src/call/index.ts';
import { compileCondition, parseText } from '../../src/rules/index.ts';
import { markOf } from '../../src/tickets/mark.ts';
import { ticketFactTypes } from '../../src/tickets/ports.ts';
import { type TicketRule, ticketsAfter } from '../../src/tickets/rule.ts';
import { asSubject, asText, inLine, subjectCharsMax, textCharsMax } from '../../src/tickets/texts.ts';
import { endedCall } from './fixtures.ts';

const template = (text: string) => {
  const parsed = parseText(text, ticketFactTypes);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.template;
};
const when = (text: string) => {
  const compiled = compileCondition(text, ticketFactTypes);
  if (!compiled.ok) throw new Error(compiled.message);
  return compiled.condition;
};

const rule = (over: Partial<TicketRule> = {}): TicketRule => ({
  id: 'missed',
  after: [],
  queues: [],
  entries: [],
  tiers: [],
  deskId: 'rt',
  level: 'normal',
  subject: new Map([
    ['zh', template('未接来电 {call.callerNumber}')],
    ['en', template('Missed call from {call.callerNumber}')],
  ]),
  text: new Map([['zh', template('{customer.name} {call.data.topic}')]]),
  ...over,
});

const mark = (id: string) => markOf('t', id);
const left = (call: Call, ...rules: TicketRule[]) => ticketsAfter(call, rules, 5_000, mark);

describe('the tickets that a call leaves', () => {
  it('are told by the rule: where, at what level, about whom', () => {
    const { tickets } = left(endedCall(), rule({ queue: 'Hotline', level: 'critical' }));
    expect(tickets).toEqual([
      {
        id: 'rm-1.missed',
        version: 1,
        phase: 'waiting',
        deskId: 'rt',
        queue: 'Hotline',
        level: 'critical',
        status: 'new',
        subject: '未接来电 13900000001',
        text: '王芳 refund',
        mark: mark('rm-1.missed'),
        ruleId: 'missed',
        callIds: ['rm-1'],
        agentId: 'li',
        customerId: 'C1',
        callerNumber: '13900000001',
        attempts: 0,
        notBeforeMs: 0,
        waitingSinceMs: 5_000,
        createdAtMs: 5_000,
        updatedAtMs: 5_000,
      },
    ]);
  });

  it.each<[string, Partial<TicketRule>, boolean]>([
    ['any call', {}, true],
    ['how it ended', { after: ['completed', 'abandoned'] }, true],
    ['how it did not end', { after: ['refused'] }, false],
    ['its queue', { queues: ['support'] }, true],
    ['another queue', { queues: ['sales'] }, false],
    ['its entry', { entries: ['hotline'] }, true],
    ['another entry', { entries: ['vip'] }, false],
    ['the tier', { tiers: ['gold', 'platinum'] }, true],
    ['another tier', { tiers: ['silver'] }, false],
    ['a condition that holds', { when: when('call.waitedMs > 20000 && customer.vip') }, true],
    ['a condition that does not', { when: when('call.talkMs > 1000000') }, false],
    ['lists and a condition together', { queues: ['sales'], when: when('customer.vip') }, false],
    ['attached data', { when: when('"topic" in call.data && call.data["topic"] == "refund"') }, true],
    ['the outcome that the agent gave', { when: when('call.outcome == "callback"') }, true],
  ])('depend on %s', (_what, over, made) => {
    expect(left(endedCall(), rule(over)).tickets).toHaveLength(made ? 1 : 0);
  });

  it('are none where the condition cannot be answered, and that is told', () => {
    const { tickets, failed } = left(
      endedCall(),
      rule({ when: when('call.data["nothing"] == "x"') }),
      rule({ id: 'b' }),
    );
    expect(tickets.map(({ id }) => id)).toEqual(['rm-1.b']);
    expect(failed).toEqual([{ ruleId: 'missed', detail: 'no_such_key' }]);
  });

  it.each([
    ['zh', '未接来电 13900000001'],
    ['zh-CN', '未接来电 13900000001'],
    ['en_US', 'Missed call from 13900000001'],
    ['fr', '未接来电 13900000001'],
    ['', '未接来电 13900000001'],
  ])('speak the language of the call: %s', (language, subject) => {
    expect(left(endedCall({ language }), rule()).tickets[0]?.subject).toBe(subject);
  });

  it('know a caller without a customer by the number only', () => {
    const { tickets } = left(endedCall({ customer: undefined, talk: undefined }), rule());
    expect(tickets[0]).not.toHaveProperty('customerId');
    expect(tickets[0]).not.toHaveProperty('agentId');
    expect(tickets[0]).toMatchObject({ callerNumber: '13900000001', text: ' refund' });
  });
});

describe('the mark of a ticket', () => {
  it('is the same for the same ticket of the same company, and for no other', () => {
    expect(markOf('t', 'a')).toBe(markOf('t', 'a'));
    expect(
      new Set([markOf('t', 'a'), markOf('t', 'b'), markOf('u', 'a'), markOf('t\0a', ''), markOf('', 't\0a')]).size,
    ).toBe(5);
    fc.assert(
      fc.property(fc.string(), fc.string(), (tenant, id) => /^rm-[a-km-np-z2-9]{14}$/.test(markOf(tenant, id))),
      { verbose: true },
    );
  });
});

describe('texts', () => {
  it('let nothing that a caller wrote begin a line, hide or reverse itself', () => {
    expect(inLine('a\r\nSubject: b\u2028c\u0000d\u202Ee')).toBe('a Subject: b c de');
    expect(asSubject('  \u200b ')).toBe('-');
    expect(asText('a\r\nb\u0007\tc')).toBe('a\nb \tc');
  });

  it('keep to their length and stay well-formed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 12_000 }), (text) => {
        const [subject, long] = [asSubject(text), asText(text)];
        expect(subject.length).toBeLessThanOrEqual(subjectCharsMax);
        expect(long.length).toBeLessThanOrEqual(textCharsMax);
        expect(subject).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
        expect(subject.isWellFormed() && long.isWellFormed()).toBe(true);
      }),
      { verbose: true },
    );
  });
});
