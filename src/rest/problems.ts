import type { TSchema } from '../schema/index.ts';
import { checker, type SchemaError } from '../validation/index.ts';

/** Something wrong in a template: where, and how to mend it. */
export interface ProblemInTemplate {
  readonly path: readonly string[];
  readonly message: string;
}

/** What the schema finds wrong, one problem a place, in words that a template's author understands. */
export function schemaProblems(schema: TSchema, value: unknown, at: readonly string[] = []): ProblemInTemplate[] {
  const errors = checker(schema).errors(value);
  const ends = new Map<string, ProblemInTemplate>();
  for (const error of errors) {
    const problem = problemOf(schema, error, errors);
    if (!problem) continue;
    const path = [...at, ...problem.path];
    const key = JSON.stringify(path);
    if (!ends.has(key)) ends.set(key, { path, message: problem.message });
  }
  return [...ends.values()];
}

function problemOf(schema: TSchema, error: SchemaError, all: readonly SchemaError[]): ProblemInTemplate | undefined {
  const path = segmentsOf(error.instancePath);
  // Branches of a union say each what they miss; the union's own line, or what lies deeper, says it better.
  const union = all.find((other) => other.keyword === 'anyOf' && error.schemaPath.startsWith(`${other.schemaPath}/`));
  if (union && segmentsOf(union.instancePath).length === path.length && error.keyword !== 'additionalProperties')
    return;
  if (error.keyword === 'additionalProperties') {
    const key = String(error.params['additionalProperty']);
    return { path: [...path, key], message: 'no such key: remove it or correct its name' };
  }
  if (error.keyword === 'required') {
    return { path: [...path, String(error.params['missingProperty'])], message: 'missing: add it' };
  }
  const hint = descriptionAt(schema, error.schemaPath);
  return { path, message: hint ? `must be ${hint}` : (error.message ?? 'does not fit') };
}

/** The description of the schema that failed, by the JSON pointer of the keyword in it. */
function descriptionAt(schema: TSchema, schemaPath: string): string | undefined {
  let here: unknown = schema;
  for (const segment of segmentsOf(schemaPath.replace(/^#/, '')).slice(0, -1))
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
