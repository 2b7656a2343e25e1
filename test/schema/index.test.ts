import { Type as TypeBox } from 'typebox';
import { Check } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { Type } from '../../src/schema/index.ts';

type Words = Pick<typeof TypeBox, keyof typeof Type>;

const open = { additionalProperties: false, description: 'd', 'x-pii': 'name' } as const;
const samples: Readonly<Record<string, (words: Words) => object>> = {
  text: (t) => t.String(),
  'text with options': (t) => t.String({ minLength: 1, pattern: '^a$', default: 'a' }),
  numbers: (t) => t.Union([t.Number({ minimum: 0 }), t.Integer({ maximum: 9 }), t.Null(), t.Boolean(), t.Unknown()]),
  literals: (t) => t.Union([t.Literal('a'), t.Literal(1), t.Literal(true, { description: 'yes' })], { title: 'u' }),
  choice: (t) => t.Enum(['a', 'b'], { default: 'a' }),
  list: (t) => t.Array(t.String(), { maxItems: 3 }),
  'object with all optional': (t) => t.Object({ a: t.Optional(t.String()) }),
  object: (t) => t.Object({ a: t.String(), b: t.Optional(t.Integer({ default: 3 })), c: t.Object({}) }, open),
  map: (t) => t.Record(t.String(), t.Number()),
  'map with named keys': (t) => t.Record(t.String({ pattern: '^[a-z]$' }), t.Array(t.Number()), { minProperties: 1 }),
  reference: (t) =>
    t.Object({ call: t.Unsafe<string>({ $ref: 'Call#' }), maybe: t.Optional(t.Unsafe({ type: 'null' })) }),
  'an option that replaces': (t) => t.Object({ a: t.String() }, { required: [] }),
};
const guards = ['Array', 'Boolean', 'Enum', 'Integer', 'Number', 'Object', 'Optional', 'Record', 'String'] as const;
const told = (words: Words, schema: unknown) => guards.filter((name) => words[`Is${name}`](schema));

describe('Type', () => {
  it.each(Object.entries(samples))('writes %s as TypeBox does', (_name, sample) => {
    expect(JSON.stringify(sample(Type))).toBe(JSON.stringify(sample(TypeBox)));
  });

  it.each(Object.entries(samples))('knows the kind of %s, as TypeBox does of its own and of ours', (_name, sample) => {
    const [ours, theirs] = [sample(Type), sample(TypeBox)];
    expect(told(Type, ours)).toEqual(told(TypeBox, theirs));
    expect(told(TypeBox, ours)).toEqual(told(TypeBox, theirs));
    expect(told(Type, Type.Optional(ours))).toEqual(told(TypeBox, TypeBox.Optional(theirs)));
  });

  it.each([undefined, null, 'a', { type: 'string' }])('knows no kind of %j', (value) => {
    expect(told(Type, value)).toEqual([]);
  });

  it('leaves the schema that is made optional as it was', () => {
    const text = Type.String();
    Type.Optional(text);
    expect(Type.IsOptional(text)).toBe(false);
  });

  it('makes schemas that TypeBox can hold values against', () => {
    const schema = Type.Object({ a: Type.String(), b: Type.Optional(Type.Integer()) }, open);
    expect([{ a: '' }, { a: '', b: 1 }, { b: 1 }, { a: '', b: 'x' }].map((value) => Check(schema, value))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
