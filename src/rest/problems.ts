import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';

/** Something wrong in a template: where, and how to mend it. */
export interface ProblemInTemplate {
  readonly path: readonly string[];
  readonly message: string;
}

interface SchemaError {
  readonly keyword: string;
  readonly instancePath: string;
  readonly schemaPath: string;
  readonly message: string;
  readonly params: Record<string, unknown>;
}

/** What the schema finds wrong (TypeBox stops after eight), one problem a place, in words that a template's author understands. */
export function schemaProblems(schema: TSchema, value: unknown, at: readonly string[] = []): ProblemInTemplate[] {
  const errors = Value.Errors(schema, value) as unknown as SchemaError[];
  const ends = new Map<string, ProblemInTemplate>();
  for (const error of errors) {
    for (const problem of problemsOf(schema, error, errors)) {
      const path = [...at, ...problem.path];
      const key = JSON.stringify(path);
      if (!ends.has(key)) ends.set(key, { path, message: problem.message });
    }
  }
  return [...ends.values()];
}

function problemsOf(schema: TSchema, error: SchemaError, all: readonly SchemaError[]): ProblemInTemplate[] {
  const path = segmentsOf(error.instancePath);
  if (error.schemaPath.endsWith('/additionalProperties') && error.keyword === 'boolean') return [];
  // Branches of a union say each what they miss; the union's own line, or what lies deeper, says it better.
  const union = all.find(
    (other) => other.keyword === 'anyOf' && error.schemaPath.startsWith(`${other.schemaPath}/anyOf/`),
  );
  if (union && segmentsOf(union.instancePath).length === path.length && error.keyword !== 'additionalProperties')
    return [];
  if (error.keyword === 'additionalProperties') {
    const keys = error.params['additionalProperties'] as string[];
    return keys.map((key) => ({ path: [...path, key], message: 'no such key: remove it or correct its name' }));
  }
  if (error.keyword === 'required') {
    const keys = (error.params['requiredProperties'] ?? []) as string[];
    return keys.map((key) => ({ path: [...path, key], message: 'missing: add it' }));
  }
  const hint = descriptionAt(schema, error.schemaPath);
  return [{ path, message: hint ? `must be ${hint}` : error.message }];
}

/** The description of the schema that failed, by its JSON pointer. */
function descriptionAt(schema: TSchema, schemaPath: string): string | undefined {
  let here: unknown = schema;
  for (const segment of segmentsOf(schemaPath.replace(/^#/, '')))
    here = (here as Record<string, unknown> | undefined)?.[segment];
  const description = (here as { description?: unknown } | undefined)?.description;
  return typeof description === 'string' ? description : undefined;
}

const segmentsOf = (pointer: string): string[] =>
  pointer === ''
    ? []
    : pointer
        .slice(1)
        .split('/')
        .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
