import { AppError } from '../../kernel/index.ts';
import { Type } from '../../schema/index.ts';
import type { ConsumerDoor } from '../deps.ts';
import { httpErrors } from '../errors.ts';
import { failures, Page, pageDefault, strict } from '../schemas.ts';
import { type Api, guarded } from './route.ts';

const pattern = '^[A-Za-z0-9._:-]+$';
const Name = {
  keyId: Type.String({
    minLength: 1,
    maxLength: 64,
    pattern,
    description: 'Id of the key or user whose consumer it is',
  }),
  name: Type.String({ minLength: 1, maxLength: 64, pattern, description: 'Name of the consumer' }),
};
const ConsumerBody = Type.Object({
  ...Name,
  sequence: Type.Integer({ description: 'Everything up to this event is done' }),
  atMs: Type.Integer({ description: 'When that was written, Unix milliseconds' }),
});

/** Durable consumers of the event stream: whose cursors are kept, and letting one go. */
export function consumerRoutes(api: Api, door: ConsumerDoor): void {
  const { config, security } = guarded('events:admin');
  const tags = ['service'];

  api.get(
    '/v1/event-consumers',
    {
      config,
      schema: {
        tags,
        security,
        operationId: 'listEventConsumers',
        summary: 'Durable consumers of events, those whose cursor has not moved for longest first',
        querystring: strict({ limit: Page.limit }),
        response: { 200: Type.Object({ consumers: Type.Array(ConsumerBody) }), ...failures(400, 401, 403, 429, 503) },
      },
    },
    async ({ query: { limit = pageDefault } }) => {
      const found = await door.consumers(limit);
      return { consumers: found.map(({ id, ...place }) => ({ ...named(id), ...place })) };
    },
  );

  api.delete(
    '/v1/event-consumers/:keyId/:name',
    {
      config: { ...config, audit: 'consumer.remove' },
      schema: {
        tags,
        security,
        operationId: 'removeEventConsumer',
        summary: 'Forget a durable consumer; one that comes back begins as a new one',
        params: strict(Name),
        response: { 200: Type.Object(Name), ...failures(400, 401, 403, 404, 429, 503) },
      },
    },
    async ({ params: { keyId, name } }) => {
      if (!(await door.removeConsumer(`${keyId}/${name}`))) throw new AppError(httpErrors.consumer_unknown);
      return { keyId, name };
    },
  );
}

/** The store keeps them as `key/name`; neither part has a slash. */
function named(id: string): { readonly keyId: string; readonly name: string } {
  const [keyId = '', name = ''] = id.split('/');
  return { keyId, name };
}
