import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { createNumberCheck, type NumberCheck, parseCheckTemplate } from '../../src/crm/index.ts';
import { crmError } from '../../src/crm/errors.ts';
import type { HttpRequest } from '../../src/outgoing/index.ts';
import { FakeClock } from '../support/fake-clock.ts';

const file = new URL('../../config/presets/checks/sample-order.yaml', import.meta.url);
const parsed = parseCheckTemplate(readFileSync(file, 'utf8'), 'sample-order.yaml');
const question = { value: '000231', callerNumber: '13900000001', callId: 'rm-1' };

type Answer = (request: HttpRequest, signal: AbortSignal) => Promise<{ status: number; body: string }>;

const clock = new FakeClock();
const failed: string[] = [];
let check: NumberCheck;

function open(answer: Answer): NumberCheck {
  if (parsed.kind !== 'template') throw new Error('the preset is wrong');
  check = createNumberCheck(
    {
      template: parsed.template,
      resolveSecret: ({ name }) => (name.endsWith('URL') ? 'https://crm.invalid' : 'secret'),
      allow: [],
      clock,
      deadlineMs: 1_000,
      concurrentMax: 2,
      transport: { send: answer, close: () => Promise.resolve() },
    },
    (code) => failed.push(code),
  );
  return check;
}

const json =
  (status: number, body: object): Answer =>
  () =>
    Promise.resolve({ status, body: JSON.stringify(body) });

describe('whether there is such a number', () => {
  afterEach(async () => {
    failed.length = 0;
    await check.close();
  });

  it('is asked with the digits, and what is found is attached', async () => {
    const asked: string[] = [];
    open((request, signal) => {
      asked.push(request.url);
      return json(200, { id: 'O000231', product: 'Kettle\u0007', customerId: 'C00023' })(request, signal);
    });
    expect(await check.ask(question)).toEqual({ kind: 'found', data: { product: 'Kettle', customer: 'C00023' } });
    expect(asked).toEqual(['https://crm.invalid/api/orders/000231']);
  });

  it('no', async () => {
    open(json(404, {}));
    expect(await check.ask(question)).toEqual({ kind: 'none' });
  });

  it.each<[string, Answer, string]>([
    ['an error', json(500, {}), 'crm.refused'],
    ['no JSON', () => Promise.resolve({ status: 200, body: '<html>' }), 'crm.answer_not_json'],
    ['nobody there', () => Promise.reject(crmError('unreachable')), 'crm.unreachable'],
  ])('%s: nobody could be asked', async (_name, answer, code) => {
    open(answer);
    expect([await check.ask(question), failed]).toEqual([{ kind: 'unavailable' }, [code]]);
  });

  it('slow: nobody waits beyond the deadline', async () => {
    open(() => new Promise(() => undefined));
    const asked = check.ask(question);
    await clock.advance(1_000);
    expect([await asked, failed]).toEqual([{ kind: 'unavailable' }, ['crm.timeout']]);
  });

  it('dead for long: left alone, and answered at once', async () => {
    let requests = 0;
    open((request, signal) => {
      requests += 1;
      return json(500, {})(request, signal);
    });
    for (let time = 0; time < 8; time += 1) await check.ask(question);
    expect([requests, failed.at(-1)]).toEqual([5, 'crm.unavailable']);
  });
});

it.each([
  [
    'a step that changes something',
    'url: /api/orders/{value}',
    'url: /api/orders/{value}\n    method: PUT',
    /changes nothing/,
  ],
  [
    'a value that it does not have',
    'url: /api/orders/{value}',
    'url: /api/orders/{phone}',
    /\{phone\} is not known here/,
  ],
])('%s is refused', (_name, part, other, says) => {
  const text = readFileSync(file, 'utf8').replace(part, other);
  const result = parseCheckTemplate(text, 'x.yaml');
  expect(result.kind === 'problems' ? result.problems.map(({ message }) => message).join(' ') : '').toMatch(says);
});
