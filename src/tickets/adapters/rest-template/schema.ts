import { type AuthDocument, shape } from '../../../rest/index.ts';
import { type Static, Type } from '../../../schema/index.ts';
import { ticketLevels, ticketStatuses } from '../../ports.ts';

const { closed, field, heading, optional, path, step, text } = shape;

/** How `{since}` is written: a time in UTC, Unix time, or whole seconds before now. */
const sinceForms = ['iso', 'unixMs', 'unixS', 'secondsAgo'] as const;

/** What is read about a ticket in the answer of the last step, or of its match. */
const ticket = Type.Object({ id: field, status: optional(field), updatedAt: optional(field) }, closed);
const steps = Type.Array(step, { minItems: 1, maxItems: 3 });
const chain = Type.Object({ steps, ticket }, closed);

/** The form of a ticket desk's template. What a schema cannot say is checked by `check.ts`. */
export const deskTemplateSchema = Type.Object(
  {
    ...heading,
    /** What the desk calls our four levels; `{level}` in a request. */
    levels: Type.Object(Object.fromEntries(ticketLevels.map((level) => [level, text])), closed),
    /** What the desk's statuses mean; one that is not here counts as `open`. */
    statuses: Type.Record(
      Type.String(),
      Type.Enum([...ticketStatuses], { description: `one of ${ticketStatuses.join(', ')}` }),
    ),
    /** Where people open a ticket; `{id}` is the desk's id. */
    ticketUrl: optional(text),
    create: chain,
    /** How the ticket of an earlier attempt is found by `{mark}`. Without it the desk must take a repeated mark as the same. */
    find: optional(chain),
    repeats: optional(Type.Literal('same', { description: 'the word same' })),
    read: chain,
    setStatus: optional(
      Type.Object({ steps, ticket, words: Type.Record(Type.Enum([...ticketStatuses]), text) }, closed),
    ),
    changes: optional(
      Type.Object(
        {
          step,
          ticket,
          since: Type.Enum([...sinceForms], { description: sinceForms.join(', ') }),
          pageSize: Type.Integer({ minimum: 1, maximum: 1_000 }),
        },
        closed,
      ),
    ),
    webhook: optional(Type.Object({ id: path }, closed)),
  },
  closed,
);

export type SinceForm = (typeof sinceForms)[number];

export type DeskTemplateDocument = Static<typeof deskTemplateSchema> & {
  readonly auth: AuthDocument;
  readonly levels: Readonly<Record<string, string>>;
};
export type ChainDocument = Static<typeof chain>;
export type TicketFields = Static<typeof ticket>;
