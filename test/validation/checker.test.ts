import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import { checker } from '../../src/validation/index.ts';

const person = Type.Object(
  { name: Type.String({ pattern: '^[a-z]+$', 'x-pii': 'name' }), age: Type.Optional(Type.Integer({ minimum: 0 })) },
  { additionalProperties: false },
);

describe('checker', () => {
  const people = checker(person);

  it('takes what fits and says nothing', () => {
    expect(people.fits({ name: 'li' })).toBe(true);
    expect(people.errors({ name: 'li', age: 40 })).toEqual([]);
  });

  it.each([null, undefined, 'li', [], {}, { name: 'li', age: '40' }, { name: 'li', age: Number.NaN }])(
    'refuses %j',
    (value) => {
      expect(people.fits(value)).toBe(false);
      expect(people.errors(value)).not.toEqual([]);
    },
  );

  it('tells every error with its place, and no value', () => {
    const told = people.errors({ name: 'SECRET', age: -7, more: 'HIDDEN' });
    expect(
      told.map(({ keyword, instancePath }) => `${keyword} ${instancePath}`).sort((a, b) => (a < b ? -1 : 1)),
    ).toEqual(['additionalProperties ', 'minimum /age', 'pattern /name']);
    expect(JSON.stringify(told)).not.toMatch(/SECRET|HIDDEN|-7/);
  });

  it('changes nothing', () => {
    const value = Object.freeze({ name: 'li' });
    const open = checker(Type.Object({ age: Type.Integer({ default: 3 }), name: Type.String() }));
    expect(open.fits(value)).toBe(false);
    expect(value).toEqual({ name: 'li' });
  });

  it('keeps schemas of one name apart', () => {
    const [text, number] = [Type.String({ $id: 'same' }), Type.Number({ $id: 'same' })].map((schema) =>
      checker(schema),
    );
    expect([text?.fits('a'), number?.fits(1), number?.fits('a')]).toEqual([true, true, false]);
  });
});
