import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { Static, TSchema } from '../schema/index.ts';

/** One thing that does not fit. Its message and place name fields of the schema, and keys that were sent, but no value. */
export type SchemaError = Pick<ErrorObject, 'keyword' | 'instancePath' | 'schemaPath' | 'params' | 'message'>;

/** Holds values against one schema: nothing is changed, added or removed. */
export interface Checker<Schema extends TSchema> {
  fits(value: unknown): value is Static<Schema>;
  /** Everything that does not fit; empty when the value does. */
  errors(value: unknown): readonly SchemaError[];
}

/**
 * Ajv, because Fastify brings it in any case: TypeBox's own compiler would be a second one to keep in memory.
 * Schemas come from this source, so they are not checked themselves; what Ajv does not know in them, such as `x-pii`, is
 * for others to read.
 */
export const ajvOptions = { strict: false, meta: false, validateSchema: false, addUsedSchema: false } as const;

let quick: Ajv | undefined;
let thorough: Ajv | undefined;

/** Compiles at the first use, and what tells all errors only when there are some. */
export function checker<Schema extends TSchema>(schema: Schema): Checker<Schema> {
  let check: ValidateFunction<Static<Schema>> | undefined;
  let explain: ValidateFunction | undefined;
  const fits = (value: unknown): value is Static<Schema> => {
    check ??= (quick ??= new Ajv(ajvOptions)).compile<Static<Schema>>(schema);
    return check(value);
  };
  const errors = (value: unknown): readonly SchemaError[] => {
    if (fits(value)) return [];
    explain ??= (thorough ??= new Ajv({ ...ajvOptions, allErrors: true })).compile(schema);
    explain(value);
    return explain.errors ?? [];
  };
  return { fits, errors };
}
