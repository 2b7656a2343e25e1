import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OPERATIONS } from '../../../src/ari/index.ts';
import { AriError } from '../../../src/ari/errors.ts';
import type { OperationName } from '../../../src/ari/ports.ts';
import { encodeCall } from '../../../src/ari/request.ts';
import { routeOf } from '../../../sim/pbx/front/routes.ts';

const text = fc.stringMatching(/^[^\0\r\n]{1,12}$/).filter((value) => value.isWellFormed());
/** An id that is none of the words of a path. */
const id = text.map((value) => `id ${value}`);
const item = fc.stringMatching(/^[^\0\r\n,]{1,8}$/).filter((value) => value.isWellFormed());
const lists = new Set(['media', 'channel', 'eventSource', 'variables', 'only']);
const numbers = new Set(['timeout', 'priority', 'maxDurationSeconds', 'maxSilenceSeconds']);

function valueOf(name: string): fc.Arbitrary<unknown> {
  if (lists.has(name)) return fc.array(item, { minLength: 1, maxLength: 3 });
  return numbers.has(name) ? fc.nat(3600) : text;
}

const params = (operation: OperationName): fc.Arbitrary<Record<string, unknown>> => {
  const { inPath, inQuery, body } = OPERATIONS[operation];
  const inBody = body ? { [body.name]: fc.dictionary(text, text) } : {};
  const query = Object.fromEntries(inQuery.map((name) => [name, valueOf(name)]));
  return fc
    .record(
      { ...Object.fromEntries(inPath.map((name) => [name, id])), ...query, ...inBody },
      { requiredKeys: [...inPath] },
    )
    .map((record) => ({ ...record }));
};

describe('what the front takes a request for', () => {
  it.each(Object.keys(OPERATIONS) as OperationName[])('is what was asked: %s', (operation) => {
    fc.assert(
      fc.property(params(operation), (given) => {
        const call = encodeCall(operation, given);
        if (call instanceof AriError) throw call;
        expect(routeOf(call.method, call.uri, call.body ?? '')).toEqual({ operation, params: given });
      }),
      { numRuns: 20 },
    );
  });

  it.each([
    ['GET', 'nothing/of/the/kind', '', undefined],
    ['DELETE', 'channels', '', undefined],
    ['GET', 'channels/%', '', 'bad'],
    ['POST', 'channels/a?endpoint=%E0', '', 'bad'],
    ['POST', 'channels/a?endpoint=x', 'no json', 'bad'],
    ['POST', 'channels/a?endpoint=x', '7', 'bad'],
  ])('is nothing it knows: %s %s %s', (method, uri, body, expected) => {
    expect(routeOf(method, uri, body)).toBe(expected);
  });
});
