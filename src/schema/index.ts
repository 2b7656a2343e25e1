import type * as TypeBox from 'typebox';

export type { Static, TArray, TObject, TRecord, TSchema } from 'typebox';

/**
 * JSON Schema with TypeBox's types. TypeBox itself, which also brings a type language with a parser, stays out of the
 * running server: its 680 files are 6 MB that every idle server would keep for the few words below.
 */
type Words = Pick<
  typeof TypeBox,
  | ('Array' | 'Boolean' | 'Enum' | 'Integer' | 'Literal' | 'Null' | 'Number' | 'Object' | 'Optional' | 'Record')
  | ('String' | 'Union' | 'Unknown' | 'Unsafe')
  | (
      | 'IsArray'
      | 'IsBoolean'
      | 'IsEnum'
      | 'IsInteger'
      | 'IsNumber'
      | 'IsObject'
      | 'IsOptional'
      | 'IsRecord'
      | 'IsString'
    )
>;

type Fields = Readonly<Record<string, unknown>>;

/** As TypeBox marks its schemas: beside the JSON, where nothing that reads or writes JSON sees it. */
const kindMark = '~kind';
const optionalMark = '~optional';

function marked<Schema extends object>(schema: Schema, mark: string, value: unknown): Schema {
  return Object.defineProperty(schema, mark, { value, enumerable: false, configurable: true, writable: true });
}

/** Options stand last, so that they may also replace what the word itself says. */
const make = (kind: string, fields: Fields, options: Fields = {}): object =>
  marked({ ...fields, ...options }, kindMark, kind);

/** The schema itself may be used elsewhere without the mark. */
const copy = (schema: object): object => Object.defineProperties({}, Object.getOwnPropertyDescriptors(schema));

const has = (value: unknown, mark: string): value is Fields =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, mark);
const isKind = (kind: string) => (value: unknown) => has(value, kindMark) && value[kindMark] === kind;
const isOptional = (value: unknown): boolean => has(value, optionalMark);

const words = {
  Array: (items: object, options?: Fields) => make('Array', { type: 'array', items }, options),
  Boolean: (options?: Fields) => make('Boolean', { type: 'boolean' }, options),
  Enum: (values: readonly unknown[], options?: Fields) => make('Enum', { enum: values }, options),
  Integer: (options?: Fields) => make('Integer', { type: 'integer' }, options),
  Literal: (value: unknown, options?: Fields) => make('Literal', { type: typeof value, const: value }, options),
  Null: (options?: Fields) => make('Null', { type: 'null' }, options),
  Number: (options?: Fields) => make('Number', { type: 'number' }, options),
  Object: (properties: Fields, options?: Fields) => {
    const required = Object.keys(properties).filter((name) => !isOptional(properties[name]));
    const fields = { type: 'object', ...(required.length === 0 ? {} : { required }), properties };
    return make('Object', fields, options);
  },
  Optional: (schema: object) => marked(copy(schema), optionalMark, true),
  /** Keys are texts, by a pattern or any. */
  Record: (key: { readonly pattern?: string }, value: object, options?: Fields) =>
    make('Record', { type: 'object', patternProperties: { [key.pattern ?? '^.*$']: value } }, options),
  String: (options?: Fields) => make('String', { type: 'string' }, options),
  Union: (anyOf: readonly object[], options?: Fields) => make('Union', { anyOf }, options),
  Unknown: (options?: Fields) => make('Unknown', {}, options),
  Unsafe: (schema: object) => marked(copy(schema), '~unsafe', null),
  IsArray: isKind('Array'),
  IsBoolean: isKind('Boolean'),
  IsEnum: isKind('Enum'),
  IsInteger: isKind('Integer'),
  IsNumber: isKind('Number'),
  IsObject: isKind('Object'),
  IsOptional: isOptional,
  IsRecord: isKind('Record'),
  IsString: isKind('String'),
};

/** What the types promise is TypeBox's; the tests hold the two side by side. */
export const Type = words as unknown as Words;
