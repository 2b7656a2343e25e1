import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HttpAnswer, HttpRequest } from '../../../../src/outgoing/index.ts';
import { mappingFunctions } from '../../../../src/rest/index.ts';
import { createRestAdapter, dryRun, parseTemplate, type Template } from '../../../../src/crm/index.ts';
import { AppError, systemClock } from '../../../../src/kernel/index.ts';
import { customer as customerOf } from '../../support/rig.ts';

const base = `version: 1
id: desk
baseUrl: https://crm.example/api/
numberFormats: [national, e164]
auth: { type: none }
`;
const customer =
  'customer: { id: id, name: name, tags: tags, value: value, url: url, vip: { path: vip, apply: [boolean] } }\n';
const oneStep = `${base}steps: [{ id: search, url: /find, query: { q: "{number}" }, items: list }]\n${customer}`;

function template(text: string): Template {
  const parsed = parseTemplate(text, 'desk.yaml');
  if (parsed.kind === 'problems') throw new Error(JSON.stringify(parsed.problems));
  return parsed.template;
}

const answers = (...bodies: unknown[]) => bodies.map((body) => ({ status: 200, body }));
const run = (text: string, ...bodies: unknown[]) => dryRun(template(text), '13900000001', answers(...bodies));
const list = (...items: unknown[]) => ({ list: items });
const two = list({ id: 1, name: 'a', at: '2026-01-01', main: 0 }, { id: 2, name: 'b', at: 1_780_000_000, main: 1 });

describe('a template at work', () => {
  it('tries the number formats in order', async () => {
    const { requests, outcome } = await run(oneStep, list(), list({ id: 7, name: ' Ann ' }));
    expect(requests.map(({ url }) => url)).toEqual([
      'https://crm.example/api/find?q=13900000001',
      'https://crm.example/api/find?q=%2B8613900000001',
    ]);
    expect(outcome).toMatchObject({ kind: 'hit', customer: { id: '7', name: 'Ann', value: 0, vip: false, tags: [] } });
  });

  it('says none when no format finds anybody', async () => {
    expect((await run(oneStep, list(), {})).outcome).toEqual({ kind: 'none' });
  });

  it.each([
    [
      '',
      {
        kind: 'ambiguous',
        candidates: [
          { id: '1', name: 'a' },
          { id: '2', name: 'b' },
        ],
      },
    ],
    ['matches: { policy: first }\n', { kind: 'hit', customer: { id: '1' } }],
    ['matches: { policy: newest, by: at }\n', { kind: 'hit', customer: { id: '2' } }],
    ['matches: { policy: byField, by: main, equals: 1 }\n', { kind: 'hit', customer: { id: '2' } }],
    ['matches: { policy: byField, by: main, equals: 9 }\n', { kind: 'ambiguous' }],
  ])('of several matches chooses by policy %j', async (policy, expected) => {
    expect((await run(oneStep + policy, two)).outcome).toMatchObject(expected);
  });

  it('takes whoever the last digits find for a guess', async () => {
    const text = oneStep.replace('[national, e164]', '[last8]');
    expect((await run(text, list({ id: 1, name: 'a' }))).outcome).toEqual({
      kind: 'ambiguous',
      candidates: [{ id: '1', name: 'a' }],
    });
  });

  it('escapes values for the place where they stand', async () => {
    const text = `${base}steps:
  - { id: search, url: /find, items: list }
  - { id: detail, method: POST, url: "/c/{item.id}/x", query: { a: "{item.id}" }, json: { deep: ["id={item.id}"] } }
${customer}`;
    const id = 'a/../b?c=1&d="e"\r\n';
    const { requests } = await run(text, list({ id, name: 'x' }), { id: 1, name: 'y' });
    expect(requests[1]?.url).toBe(
      'https://crm.example/api/c/a%2F..%2Fb%3Fc%3D1%26d%3D%22e%22%0D%0A/x?a=a%2F..%2Fb%3Fc%3D1%26d%3D%22e%22%0D%0A',
    );
    expect(JSON.parse(requests[1]?.body ?? '')).toEqual({ deep: [`id=${id}`] });
  });

  it.each(['..', '.', ''])('does not let %j climb in a URL path', async (id) => {
    const text = `${base}steps: [{ id: search, url: /find, items: list }, { id: detail, url: "/c/{item.id}" }]\n${customer}`;
    expect((await run(text, list({ id, name: 'x' }))).outcome).toMatchObject({
      kind: 'error',
      code: 'crm.request_invalid',
    });
  });

  it('does not let a value break out of a header', async () => {
    const text = `${base}steps: [{ id: search, url: /find, items: list }, { id: detail, url: /c, headers: { X-Id: "{item.id}" } }]\n${customer}`;
    const { requests, outcome } = await run(text, list({ id: 'a\r\nHost: evil', name: 'x' }));
    expect(outcome).toMatchObject({ kind: 'error', code: 'crm.request_invalid' });
    expect(requests).toHaveLength(1);
  });

  it.each([
    [{ list: 5 }, 'crm.answer_shape'],
    [list({ id: {}, name: 'x' }), 'crm.answer_shape'],
    [list({ id: 1 }), 'crm.answer_shape'],
    ['<html>', 'crm.answer_not_json'],
    ['['.repeat(50_000) + ']'.repeat(50_000), 'crm.answer_too_deep'],
  ])('gives a code for a wrong answer %#', async (body, code) => {
    expect((await run(oneStep, body)).outcome).toMatchObject({ kind: 'error', code });
  });

  it('leaves out what it cannot use and what is not allowed', async () => {
    const odd = {
      id: 1,
      name: 'x\u202e\u0000y',
      tags: [1, {}, 'ok'],
      value: 'NaN',
      url: 'javascript:alert(1)',
      vip: 'yes',
    };
    const { outcome } = await run(`${oneStep}allow: [tags, url, value]\n`, list(odd));
    expect(outcome).toMatchObject({ kind: 'hit', customer: { name: 'x  y', tags: ['1', 'ok'], value: 0, vip: false } });
    expect(outcome.kind === 'hit' && outcome.customer.url).toBeUndefined();
  });
});

describe('tokens and limits', () => {
  const tokens = `${base.replace('{ type: none }', '{ type: oauth2ClientCredentials, tokenUrl: /token, clientId: id, clientSecret: "${env:S}" }')}steps: [{ id: search, url: /find, items: list }]\n${customer}`;

  function adapterOn(
    text: string,
    answer: (request: HttpRequest, signal: AbortSignal) => HttpAnswer | Promise<HttpAnswer>,
    sent: HttpRequest[] = [],
  ) {
    const transport = {
      send: (request: HttpRequest, signal: AbortSignal) => {
        sent.push(request);
        return Promise.resolve(answer(request, signal));
      },
      close: () => Promise.resolve(),
    };
    const options = { template: template(text), allow: [], connectionsMax: 1, clock: systemClock, transport };
    return createRestAdapter({ ...options, resolveSecret: () => 's3cret&' });
  }
  const query = {
    tenant: 't',
    callId: 'c',
    idempotencyKey: 'k',
    dialledNumber: '4001',
    number: { national: '13900000001' },
  };
  const never = new AbortController().signal;
  const found = { status: 200, body: JSON.stringify(list({ id: 1, name: 'x' })) };

  it('does not lose the token for all when the one who asked first gives up', async () => {
    const issued = Promise.withResolvers<HttpAnswer>();
    let fetches = 0;
    const adapter = adapterOn(tokens, (request, signal) => {
      if (!request.url.endsWith('/token')) return found;
      fetches += 1;
      const aborted = new Promise<never>((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('aborted')));
      });
      return Promise.race([issued.promise, aborted]);
    });
    const hasty = new AbortController();
    const first = adapter.find(query, hasty.signal);
    const second = adapter.find(query, never);
    hasty.abort();
    await expect(first).rejects.toMatchObject({ code: 'crm.timeout' });
    issued.resolve({ status: 200, body: '{"access_token":"t","expires_in":3600}' });
    expect(await second).toMatchObject({ kind: 'hit' });
    expect(fetches).toBe(1);
  });

  it('renews a token that the CRM refuses, and repeats the request once', async () => {
    let issued = 0;
    const sent: HttpRequest[] = [];
    const adapter = adapterOn(
      tokens,
      (request) => {
        if (request.url.endsWith('/token')) {
          issued += 1;
          return { status: 200, body: JSON.stringify({ access_token: `t${issued}`, expires_in: 3600 }) };
        }
        return request.headers['authorization'] === 'Bearer t2' ? found : { status: 401, body: '{}' };
      },
      sent,
    );
    expect(await adapter.find(query, never)).toMatchObject({ kind: 'hit' });
    expect(await adapter.find(query, never)).toMatchObject({ kind: 'hit' });
    expect(issued).toBe(2);
    expect(sent[0]).toMatchObject({ body: 'grant_type=client_credentials&client_id=id&client_secret=s3cret%26' });
  });

  it.each([
    [{ status: 400, body: '{"error":"invalid_client"}' }, 'crm.auth_failed'],
    [{ status: 200, body: '{"access_token":{}}' }, 'crm.auth_failed'],
    [{ status: 200, body: '{"access_token":"a\\r\\nb"}' }, 'crm.request_invalid'],
  ])('gives a code when there is no usable token %#', async (answer, code) => {
    await expect(adapterOn(tokens, () => answer).find(query, never)).rejects.toMatchObject({ code });
  });

  it('refuses beyond the rate limit and counts it', async () => {
    const adapter = adapterOn(`${oneStep}limits: { requests: 2, perMs: 3600000 }\n`, () => found);
    await adapter.find(query, never);
    await adapter.find(query, never);
    await expect(adapter.find(query, never)).rejects.toMatchObject({ code: 'crm.rate_limited' });
    expect(adapter.stats()).toMatchObject({ requests: 3, 'crm.rate_limited': 1 });
  });

  it.each(['ftp://crm', 'https://user:pass@crm', 'crm', 'https://crm/?x=1'])('refuses the base URL %s', (baseUrl) => {
    const build = () => adapterOn(oneStep.replace('https://crm.example/api/', baseUrl), () => found);
    expect(build).toThrow(expect.objectContaining({ code: 'crm.template_invalid' }));
  });

  it('answers anything with an answer or a code, and keeps prototypes clean', async () => {
    const hostile = fc.oneof(
      fc.json(),
      fc.string(),
      fc
        .record({
          list: fc.oneof(
            fc.array(
              fc.dictionary(fc.constantFrom('id', 'name', 'tags', 'value', 'url', 'vip', '__proto__'), fc.jsonValue()),
            ),
            fc.jsonValue(),
          ),
        })
        .map((value) => JSON.stringify(value)),
    );
    await fc.assert(
      fc.asyncProperty(hostile, fc.constantFrom(200, 204, 302, 404, 500), async (body, status) => {
        const outcome = await adapterOn(oneStep, () => ({ status, body }))
          .find(query, never)
          .catch((error: unknown) => ({ kind: 'error' as const, isOurs: error instanceof AppError }));
        expect(outcome.kind !== 'error' || outcome.isOurs).toBe(true);
        const found = outcome.kind === 'hit' ? outcome.customer : customerOf('x');
        expect(found.id.length).toBeLessThanOrEqual(128);
        expect(found.value >= 0 && found.value <= 100).toBe(true);
        expect(found.tags.every((tag) => typeof tag === 'string')).toBe(true);
        expect(found.url ?? 'https:').toMatch(/^https?:/);
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
      { seed: 3, numRuns: 600 },
    );
  });
});

describe('mapping functions', () => {
  it.each([
    ['lower', 'ABC', undefined, 'abc'],
    ['upper', 'abc', undefined, 'ABC'],
    ['trim', ' a ', undefined, 'a'],
    ['string', 7, undefined, '7'],
    ['number', '3.5', undefined, 3.5],
    ['number', 'x', undefined, undefined],
    ['boolean', '是', undefined, true],
    ['boolean', 0, undefined, false],
    ['boolean', 'maybe', undefined, undefined],
    ['date', '2026-01-02T03:04:05Z', undefined, Date.UTC(2026, 0, 2, 3, 4, 5)],
    ['date', 1_780_000_000, undefined, 1_780_000_000_000],
    ['date', '1780000000000', undefined, 1_780_000_000_000],
    ['date', 'soon', undefined, undefined],
    ['join', ['a', {}, 1], '-', 'a-1'],
    ['split', 'a, b,,c', ',', ['a', 'b', 'c']],
    ['first', [1, 2], undefined, 1],
    ['last', [1, 2], undefined, 2],
    ['map', 'A', { table: { A: 'gold' } }, 'gold'],
    ['map', 'constructor', { table: { A: 'gold' }, default: 'basic' }, 'basic'],
    ['default', '', 'x', 'x'],
    ['concat', 'b', { prefix: 'a', suffix: 'c' }, 'abc'],
    ['scale', '500', 0.01, 5],
    ['clamp', 500, [0, 100], 100],
    ['equals', 1, '1', true],
    ['includes', ['a', 'b'], 'b', true],
    ['includes', 'abc', 'b', true],
    ['includes', undefined, 'b', false],
  ] as const)('%s of %j with %j is %j', (name, value, args, expected) => {
    const use = mappingFunctions[name];
    expect(use?.check(args)).toBeUndefined();
    expect(use?.run(value, args)).toEqual(expected);
  });

  it('take any value without throwing', () => {
    const given: Record<string, unknown> = {
      join: ',',
      split: ',',
      map: { table: {} },
      default: 'x',
      concat: {},
      scale: 2,
      clamp: [0, 1],
      equals: 1,
      includes: 1,
    };
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(mappingFunctions)), fc.anything(), (name, value) => {
        mappingFunctions[name]?.run(value, given[name]);
      }),
      { seed: 5, numRuns: 1_000 },
    );
  });
});
