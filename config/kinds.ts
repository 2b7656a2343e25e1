import type { Destination, Target } from '../src/call/index.ts';
import { type TSchema, Type } from '../src/schema/index.ts';
import { Secret } from '../src/security/index.ts';

/** The values of a config file that JSON Schema has no word for; `scalars.ts` reads them. */
export type Kind = 'duration' | 'secret' | 'secretUrl' | 'variable' | 'target' | 'destination' | 'path';

interface KindOptions {
  readonly description?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: unknown;
}

const special = <T>(kind: Kind, options: KindOptions) => Type.Unsafe<T>({ ...options, 'x-kind': kind });

/** Milliseconds; written as `300ms`, `20s`, `5m`, `2h`, `3d`, or a bare number of milliseconds. */
export const duration = (
  defaultMs: number | undefined,
  minimum: number,
  maximum: number,
  description: string,
): TSchema & { '~unsafe': number } =>
  special<number>('duration', {
    ...(defaultMs === undefined ? {} : { default: defaultMs }),
    minimum,
    maximum,
    description,
  });

/** A password or token: `${env:NAME}` or `${file:/path}`. */
export const secret = (description: string) => special<Secret>('secret', { description });
/** A URL whose password, if any, is given by reference: `postgres://user:${env:PASSWORD}@host/db`. */
export const secretUrl = (description: string, defaultUrl?: string) =>
  special<Secret>('secretUrl', {
    description,
    ...(defaultUrl === undefined ? {} : { default: new Secret(defaultUrl) }),
  });
/** A text, or a reference as for a secret. */
export const variable = (description: string) => special<string | Secret>('variable', { description });
/** `queue:ID`, `agent:ID`, `voicemail:ID`, `number:DIGITS`, `dialplan:CONTEXT,EXTENSION[,PRIORITY]`, `hangup`. */
export const target = (description: string, value?: Target) =>
  special<Target>('target', { description, ...(value === undefined ? {} : { default: value }) });
/** The same, or where a step of a flow leads: the name of another step, `back`, `repeat`. */
export const destination = (description: string) => special<Destination>('destination', { description });
/** An existing file, relative to the config file. */
export const path = (description: string) => special<string>('path', { description });

/** The kind of a schema made here, or undefined. */
export function kindOf(schema: TSchema): Kind | undefined {
  return (schema as { 'x-kind'?: Kind })['x-kind'];
}

/** A text with a form; `form` says it in words for the error message. */
export const formed = (pattern: RegExp, form: string, description: string, options: { default?: string } = {}) =>
  Type.String({ pattern: pattern.source, 'x-form': form, description, ...options });

export const id = (description: string) =>
  formed(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'letters, digits, ".", "_" or "-", at most 64', description);
