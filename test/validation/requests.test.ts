import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import { checker, requestChecks } from '../../src/validation/index.ts';
import { apiFor } from '../http/support.ts';

const schema = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, default: 200 })),
  all: Type.Optional(Type.Boolean()),
});
const compile = requestChecks();

describe('requestChecks', () => {
  it('reads numbers and truth values from the text of a query', () => {
    expect(compile({ schema, httpPart: 'querystring' })({ limit: '5', all: 'true' })).toEqual({
      value: { limit: 5, all: true },
    });
  });

  it.each([{ limit: '0' }, { limit: 'five' }, { limit: '' }, { limit: ['5'] }, { all: 'yes' }])(
    'refuses the query %j',
    (query) => expect(compile({ schema, httpPart: 'querystring' })(query)).toHaveProperty('error'),
  );

  it.each([{ limit: '5' }, { all: 'true' }, null, [], '5'])('takes no text for a number in the body: %j', (body) =>
    expect(compile({ schema, httpPart: 'body' })(body)).toHaveProperty('error'),
  );

  it.each(['body', 'querystring'])('neither removes nor adds anything in the %s', (httpPart) => {
    const value = { more: 'kept' };
    expect(compile({ schema, httpPart })(value)).toEqual({ value: { more: 'kept' } });
  });

  it('can compile what every route asks for, which would else be found at its first request', async () => {
    const { api } = await apiFor({});
    type Operation = {
      parameters?: { schema: object }[];
      requestBody?: { content: Record<string, { schema: object }> };
    };
    const paths = api.swagger().paths as unknown as Record<string, Record<string, Operation>>;
    const operations = Object.values(paths).flatMap((path) => Object.values(path));
    const schemas = operations.flatMap(({ parameters = [], requestBody }) => [
      ...parameters.map((parameter) => parameter.schema),
      ...Object.values(requestBody?.content ?? {}).map((content) => content.schema),
    ]);
    expect(schemas.length).toBeGreaterThan(20);
    for (const part of schemas) expect(() => checker(part).fits(undefined)).not.toThrow();
    await api.close();
  });
});
