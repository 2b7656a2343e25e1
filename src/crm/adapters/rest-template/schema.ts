import { type AuthDocument, shape } from '../../../rest/index.ts';
import { type Static, Type } from '../../../schema/index.ts';
import { numberFormatNames } from '../../numbers.ts';

const { closed, field, heading, listOf, optional, path, scalar, step } = shape;

/** The form of a CRM template. What a schema cannot say (paths, placeholders, functions) is checked by `check.ts`. */
const fields = {
  id: field,
  name: field,
  tier: optional(field),
  value: optional(field),
  vip: optional(field),
  blacklisted: optional(field),
  tags: optional(field),
  language: optional(field),
  region: optional(field),
  churnRisk: optional(field),
  strategy: optional(field),
  ownerAgentId: optional(field),
  needs: optional(field),
  url: optional(field),
  sourceUpdatedAt: optional(field),
};
const purchases = listOf(
  Type.Object({ id: field, title: field, atMs: optional(field), amount: optional(field) }, closed),
);
const openTickets = listOf(
  Type.Object({ id: field, title: field, status: optional(field), urgency: optional(field) }, closed),
);
const lastContact = Type.Object({ atMs: field, agentName: optional(field), summary: optional(field) }, closed);

export const templateSchema = Type.Object(
  {
    ...heading,
    numberFormats: Type.Array(
      Type.Enum([...numberFormatNames], { description: `one of ${numberFormatNames.join(', ')}` }),
      {
        minItems: 1,
        maxItems: 6,
      },
    ),
    steps: Type.Array(step, { minItems: 1, maxItems: 3 }),
    matches: optional(
      Type.Object(
        {
          policy: Type.Enum(['first', 'ambiguous', 'newest', 'byField'], {
            description: 'first, ambiguous, newest or byField',
          }),
          by: optional(path),
          equals: optional(scalar),
          candidate: optional(Type.Object({ id: field, name: field, tier: optional(field) }, closed)),
        },
        closed,
      ),
    ),
    customer: Type.Object(
      {
        ...fields,
        purchases: optional(purchases),
        openTickets: optional(openTickets),
        lastContact: optional(lastContact),
      },
      closed,
    ),
    /** Fields that may leave the adapter; all when absent. id and name always do. */
    allow: optional(Type.Array(Type.String(), { maxItems: 40 })),
  },
  closed,
);

export type TemplateDocument = Static<typeof templateSchema> & { readonly auth: AuthDocument };
