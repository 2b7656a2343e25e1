import { mappingFunctions } from './functions.ts';
import { parsePath, valueAt } from './path.ts';
import type { FieldDocument, TemplateDocument } from './schema.ts';
import type { RawFields } from './customer.ts';

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

/** All fields of a customer, unchecked. `here` is what fields without `from` are taken from. */
export function mapCustomer(customer: TemplateDocument['customer'], roots: Roots, here: unknown): RawFields {
  const { purchases, openTickets, lastContact, ...fields } = customer;
  const lists = Object.entries({ purchases, openTickets }).flatMap(([name, list]) => {
    if (!list) return [];
    const found = at(list.from === undefined ? here : roots[list.from], list.path);
    const items = Array.isArray(found)
      ? found.slice(0, LIST_MAX).map((item) => fieldsOf(list.each, roots, item))
      : found;
    return [[name, items] as const];
  });
  const last = lastContact && fieldsOf(lastContact, roots, here);
  return {
    ...fieldsOf(fields, roots, here),
    ...Object.fromEntries(lists),
    // A customer who was never in contact is no mistake of the CRM's.
    ...(last && last['atMs'] !== undefined ? { lastContact: last } : {}),
  };
}
