import { describe, expect, it } from 'vitest';
import { ConfigError, parseConfig } from '../../config/index.ts';
import { ticketFacts } from '../../src/tickets/facts.ts';
import { endedCall } from '../tickets/fixtures.ts';

const site = `tenant: t
pbx:
  nodes:
    - id: pbx1
      ari: { url: 'http://127.0.0.1:8088', user: u, password: '\${env:ARI}' }
numbers: [{ id: hotline, number: 4001, queue: support, fallback: hangup }]
queues: [{ id: support, overflow: hangup }]
tickets:
  desks:
    - id: own
  rules:
    - id: missed
      queues: [support]
      entries: [hotline]
      when: call.waitedMs > 20000 && customer.vip
      desk: own
      subject: { zh: "来电 {call.callerNumber}" }
      text: { zh: "{call.data.topic}" }
`;
const parse = (yaml: string) => parseConfig(yaml, 'ringmaster.yaml', { env: { ARI: 'x', HOOK: 'y' } });

function problems(yaml: string): readonly string[] {
  try {
    parse(yaml);
  } catch (error) {
    if (error instanceof ConfigError)
      return error.problems.map(({ line, key, message }) => `${line} ${key}: ${message}`);
    throw error;
  }
  return [];
}

describe('the tickets section', () => {
  it('gives rules that can be asked, and defaults', () => {
    const { tickets } = parse(site);
    expect(tickets).toMatchObject({
      giveUpAfterMs: 259_200_000,
      retryMaxMs: 60_000,
      desks: [{ id: 'own', parallelMax: 2 }],
    });
    const [rule] = tickets?.rules ?? [];
    expect(rule).toMatchObject({ id: 'missed', deskId: 'own', level: 'normal', after: [], queues: ['support'] });
    expect(rule?.when?.(ticketFacts(endedCall()))).toEqual({ kind: 'yes' });
    expect(rule?.when?.(ticketFacts(endedCall({ waitedMs: 1 })))).toEqual({ kind: 'no' });
  });

  it('may be left out', () => {
    expect(parse(site.slice(0, site.indexOf('tickets:')))).not.toHaveProperty('tickets');
  });

  it.each([
    ['an unknown fact', 'customer.vip', 'customer.nice', '15 tickets.rules[0].when: No such key: nice'],
    [
      'a wrong type',
      'call.waitedMs > 20000',
      'call.waitedMs > "x"',
      '15 tickets.rules[0].when: no such overload: int > string',
    ],
    [
      'no truth value',
      'call.waitedMs > 20000 && customer.vip',
      'call.waitedMs',
      '15 tickets.rules[0].when: gives int, not true or false',
    ],
    [
      'a condition that is never true',
      'customer.vip',
      'call.waitedMs < 5000',
      '15 tickets.rules[0].when: this can never be true: call.waitedMs cannot be > 20000 and < 5000',
    ],
    [
      'a share above a hundred',
      'customer.vip',
      'customer.value > 100.0',
      '15 tickets.rules[0].when: this can never be true: customer.value cannot be > 100',
    ],
    [
      'a way of ending that is none',
      'customer.vip',
      'call.reason == "abandonned"',
      '15 tickets.rules[0].when: this can never be true: call.reason cannot be == "abandonned"; it is one of completed, ' +
        'abandoned, callback, transferred, overflowed, refused, voicemail, unreached',
    ],
    [
      'a condition that its lists rule out',
      'customer.vip',
      'call.queue != "support"',
      '15 tickets.rules[0].when: of the calls of this rule it can never be true: call.queue cannot be == "support" and ' +
        '!= "support"',
    ],
    [
      'a queue of a condition that is unknown',
      'customer.vip',
      'call.queue in ["suport"]',
      '15 tickets.rules[0].when: there is no queue "suport"',
    ],
    [
      'an agent of a condition who is unknown',
      'customer.vip',
      'call.agent != "lee"',
      '15 tickets.rules[0].when: there is no agent "lee"',
    ],
    [
      'an unknown place in a text',
      '{call.data.topic}',
      '{call.topic}',
      '18 tickets.rules[0].text.zh: {call.topic} is not known here',
    ],
    ['a brace alone', '来电 {call.callerNumber}', '来电 }', '17 tickets.rules[0].subject.zh: a brace stands alone'],
    [
      'no text',
      'text: { zh: "{call.data.topic}" }',
      'text: {}',
      '18 tickets.rules[0].text: there is no text in any language',
    ],
    ['an unknown desk', 'desk: own', 'desk: owm', '16 tickets.rules[0].desk: there is no ticket desk "owm"'],
    [
      'an unknown queue',
      'queues: [support]\n      entries',
      'queues: [sales]\n      entries',
      '13 tickets.rules[0].queues[0]: there is no queue "sales"',
    ],
    ['an unknown entry', 'entries: [hotline]', 'entries: [x]', '14 tickets.rules[0].entries[0]: there is no entry "x"'],
    [
      'a desk twice',
      '- id: own\n',
      '- id: own\n    - id: own\n',
      '11 tickets.desks[1].id: "own" is already taken by tickets.desks[0]',
    ],
    [
      'a webhook of the built-in desk',
      '- id: own\n',
      '- id: own\n      webhookSecret: ${env:HOOK}\n',
      '11 tickets.desks[0].webhookSecret: the built-in desk sends no webhooks',
    ],
    ['no desk', 'desks:\n    - id: own\n', 'desks: []\n', '9 tickets.desks: the list has 0 items'],
    [
      'pauses the wrong way round',
      'tickets:\n',
      'tickets:\n  retryFirstMs: 5m\n',
      '9 tickets.retryMaxMs: the longest pause is shorter than the first',
    ],
  ])('refuses %s, with its line', (_what, from, to, expected) => {
    expect(site).toContain(from);
    expect(problems(site.replace(from, to))).toContain(expected);
  });
});
