import { mappingFunctions } from './functions.ts';
import { parsePath, valueAt } from './path.ts';
import type { FieldDocument, ListDocument } from './schema.ts';

/** What a mapping made of an answer, before anything is believed. */
export type RawFields = Readonly<Record<string, unknown>>;

/** The answers of the steps by id, and under `item` the match that was chosen. */
export type Roots = Readonly<Record<string, unknown>>;

const LIST_MAX = 100;

/** The value at a path that was checked when the template was read. */
export function at(value: unknown, path: string): unknown {
  const parsed = parsePath(path);
  return typeof parsed === 'string' ? undefined : valueAt(value, parsed);
}

/** One field: found, then passed through its functions. */
export function fieldOf(field: FieldDocument, roots: Roots, here: unknown): unknown {
  if (typeof field === 'string') return at(here, field);
  const root = field.from === undefined ? here : roots[field.from];
  let value: unknown = field.path === undefined ? field.value : at(root, field.path);
  for (const use of field.apply ?? []) {
    const [name, args] = typeof use === 'string' ? [use, undefined] : (Object.entries(use)[0] ?? ['', undefined]);
    value = mappingFunctions[name]?.run(value, args);
  }
  return value;
}

export function fieldsOf(fields: Readonly<Record<string, FieldDocument>>, roots: Roots, here: unknown): RawFields {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, fieldOf(field, roots, here)]));
}

/** The items of a list by its fields; what stands in the list's place when it is none is handed on for the reader to drop. */
export function listOf(list: ListDocument, roots: Roots, here: unknown): unknown {
  const found = at(list.from === undefined ? here : roots[list.from], list.path);
  return Array.isArray(found) ? found.slice(0, LIST_MAX).map((item) => fieldsOf(list.each, roots, item)) : found;
}
