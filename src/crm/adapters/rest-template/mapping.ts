import { fieldsOf, listOf, type RawFields, type Roots } from '../../../rest/index.ts';
import type { TemplateDocument } from './schema.ts';

/** All fields of a customer, unchecked. `here` is what fields without `from` are taken from. */
export function mapCustomer(customer: TemplateDocument['customer'], roots: Roots, here: unknown): RawFields {
  const { purchases, openTickets, lastContact, ...fields } = customer;
  const last = lastContact && fieldsOf(lastContact, roots, here);
  return {
    ...fieldsOf(fields, roots, here),
    ...(purchases ? { purchases: listOf(purchases, roots, here) } : {}),
    ...(openTickets ? { openTickets: listOf(openTickets, roots, here) } : {}),
    // A customer who was never in contact is no mistake of the CRM's.
    ...(last && last['atMs'] !== undefined ? { lastContact: last } : {}),
  };
}
