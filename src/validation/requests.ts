import { Ajv, type ValidateFunction } from 'ajv';
import { ajvOptions, type SchemaError } from './checker.ts';

interface RequestPart {
  readonly schema: unknown;
  /** `body`, `params`, `querystring` or `headers`. */
  readonly httpPart?: string;
}

/** A check as Fastify wants it: the value to go on with, or all that is wrong. */
type RequestCheck = (value: unknown) => { readonly value: unknown } | { readonly error: SchemaError[] };

/**
 * The checks of an API's requests, as Fastify's validator compiler. Bodies must be what they say; elsewhere everything is
 * text, so `"5"` counts as 5 and `"true"` as true there. Compiled at the first request: most routes of a server are
 * never asked for.
 */
export function requestChecks(): (part: RequestPart) => RequestCheck {
  const exact = new Ajv({ ...ajvOptions, allErrors: true });
  const fromText = new Ajv({ ...ajvOptions, allErrors: true, coerceTypes: true });
  return ({ schema, httpPart }) => {
    const ajv = httpPart === 'body' ? exact : fromText;
    let check: ValidateFunction | undefined;
    return (value) => {
      check ??= ajv.compile(schema as object);
      return check(value) ? { value } : { error: check.errors ?? [] };
    };
  };
}
