import type { FrontDoor } from '../../bridge/index.ts';
import { AppError } from '../../kernel/index.ts';
import { httpErrors } from '../errors.ts';
import { failures, Page, pageDefault, Queue, QueueList, QueueParams, strict } from '../schemas.ts';
import { type Api, guarded } from './route.ts';

/** Queues with their figures. */
export function queueRoutes(api: Api, door: FrontDoor): void {
  const { config, security } = guarded('queues:read');
  const tags = ['queues'];
  api.get(
    '/v1/queues',
    {
      config,
      schema: {
        tags,
        security,
        operationId: 'listQueues',
        summary: 'All queues with their figures',
        querystring: strict(Page),
        response: { 200: QueueList, ...failures(400, 401, 403, 429) },
      },
    },
    async (request) => {
      const { queues } = door.snapshot();
      return { total: queues.length, queues: queues.slice(0, request.query.limit ?? pageDefault) };
    },
  );

  api.get(
    '/v1/queues/:queueId',
    {
      config,
      schema: {
        tags,
        security,
        operationId: 'getQueue',
        summary: 'One queue',
        params: QueueParams,
        response: { 200: Queue, ...failures(400, 401, 403, 404, 429) },
      },
    },
    async (request) => {
      const queue = door.queue(request.params.queueId);
      if (queue === undefined) throw new AppError(httpErrors.not_found);
      return queue;
    },
  );
}
