import { type Static, type TObject, Type } from '../schema/index.ts';

/** The parts of template files that all kinds share. What a schema cannot say (paths, placeholders, functions) is checked by `check.ts`. */
export const closed = { additionalProperties: false } as const;
export const text = Type.String({ maxLength: 2_000 });
export const path = Type.String({ maxLength: 200 });
export const name = Type.String({ pattern: '^[a-z][a-zA-Z0-9]{0,31}$', description: 'a name of letters and digits' });
export const optional = Type.Optional;
export const scalar = Type.Union([Type.String(), Type.Number(), Type.Boolean()], {
  description: 'a text, a number or true/false',
});

const bodyTest = Type.Object(
  {
    path,
    equals: optional(scalar),
    in: optional(Type.Array(scalar, { minItems: 1, maxItems: 50 })),
    exists: optional(Type.Boolean()),
  },
  closed,
);
export const condition = Type.Object(
  {
    status: optional(Type.Array(Type.Integer({ minimum: 100, maximum: 599 }), { minItems: 1, maxItems: 50 })),
    body: optional(Type.Array(bodyTest, { minItems: 1, maxItems: 10 })),
  },
  closed,
);
const texts = Type.Record(Type.String({ pattern: '^[A-Za-z0-9_.\\-\\[\\]]{1,64}$' }), text);
const request = {
  method: optional(Type.Enum(['GET', 'POST', 'PUT', 'PATCH'], { description: 'GET, POST, PUT or PATCH' })),
  url: text,
  query: optional(texts),
  headers: optional(texts),
  json: optional(Type.Unknown()),
  form: optional(texts),
  successWhen: optional(condition),
};
/** One request of a chain; its answer is known to later ones by its id. */
export const step = Type.Object({ id: name, ...request, noneWhen: optional(condition), items: optional(path) }, closed);

export const authSchemas = {
  none: Type.Object({ type: Type.Literal('none') }, closed),
  basic: Type.Object({ type: Type.Literal('basic'), username: text, password: text }, closed),
  bearer: Type.Object({ type: Type.Literal('bearer'), token: text }, closed),
  header: Type.Object({ type: Type.Literal('header'), name: text, value: text }, closed),
  oauth2ClientCredentials: Type.Object(
    {
      type: Type.Literal('oauth2ClientCredentials'),
      tokenUrl: text,
      clientId: text,
      clientSecret: text,
      scope: optional(text),
      credentialsIn: optional(Type.Enum(['body', 'header'], { description: 'body or header' })),
      expiredWhen: optional(condition),
    },
    closed,
  ),
  tokenStep: Type.Object(
    {
      type: Type.Literal('tokenStep'),
      ...request,
      token: path,
      expiresInS: optional(path),
      lifetimeMs: optional(Type.Integer({ minimum: 1_000, maximum: 86_400_000 })),
      header: optional(text),
      prefix: optional(text),
      expiredWhen: optional(condition),
    },
    closed,
  ),
} as const;

const functionUse = Type.Union(
  [Type.String(), Type.Record(Type.String(), Type.Unknown(), { minProperties: 1, maxProperties: 1 })],
  {
    description: 'the name of a function, or one name with its argument',
  },
);
const fieldObject = Type.Object(
  {
    from: optional(name),
    path: optional(path),
    value: optional(scalar),
    apply: optional(Type.Array(functionUse, { maxItems: 8 })),
  },
  closed,
);
export const field = Type.Union([path, fieldObject], { description: 'a path, or { from, path, value, apply }' });

export const listOf = <Each extends TObject>(each: Each) => Type.Object({ from: optional(name), path, each }, closed);

export const limits = optional(
  Type.Object(
    {
      responseBytesMax: optional(Type.Integer({ minimum: 256, maximum: 4_194_304 })),
      depthMax: optional(Type.Integer({ minimum: 1, maximum: 64 })),
      requestTimeoutMs: optional(Type.Integer({ minimum: 50, maximum: 30_000 })),
      requests: optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
      perMs: optional(Type.Integer({ minimum: 100, maximum: 3_600_000 })),
    },
    closed,
  ),
);

/** How every template begins. */
export const heading = {
  version: Type.Literal(1, { description: 'the number 1' }),
  id: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,31}$', description: 'a name of small letters, digits and -' }),
  name: optional(Type.String({ maxLength: 100 })),
  baseUrl: text,
  limits,
  auth: Type.Unknown(),
};

export type AuthDocument = {
  [Kind in keyof typeof authSchemas]: Static<(typeof authSchemas)[Kind]>;
}[keyof typeof authSchemas];
export type StepDocument = Static<typeof step>;
export type RequestDocument = Pick<
  StepDocument,
  'method' | 'url' | 'query' | 'headers' | 'json' | 'form' | 'successWhen'
>;
export type ConditionDocument = Static<typeof condition>;
export type FieldDocument = Static<typeof field>;
export interface ListDocument {
  readonly from?: string | undefined;
  readonly path: string;
  readonly each: Readonly<Record<string, FieldDocument>>;
}
/** What the engine needs of a template, whatever else its kind holds. */
export interface RestDocument {
  readonly id: string;
  readonly baseUrl: string;
  readonly limits?: Static<typeof limits>;
  readonly auth: AuthDocument;
}
