import { AppError } from '../../kernel/index.ts';
import type { OutboundApi } from '../deps.ts';
import { httpErrors } from '../errors.ts';
import { CallbackBody, Job, JobList, JobParams, JobQuery, KeyHeader, visibleJob } from '../outbound-schemas.ts';
import { failures, pageDefault } from '../schemas.ts';
import { type Api, guarded } from './route.ts';

const tags = ['outbound'];

/** Customers who are called back with their place in line. `undefined`: nothing is configured to go out by. */
export function callbackRoutes(api: Api, configured: OutboundApi | undefined): void {
  const write = guarded('outbound:write', 'command');
  const read = guarded('outbound:read');
  const front = (): OutboundApi => {
    if (!configured) throw new AppError(httpErrors.outbound_off);
    return configured;
  };
  api.post(
    '/v1/callbacks',
    {
      config: write.config,
      schema: {
        tags,
        security: write.security,
        operationId: 'requestCallback',
        summary: 'Have a customer called back who takes a place in the line of a queue from now on',
        headers: KeyHeader,
        body: CallbackBody,
        response: {
          200: { ...Job, description: 'This number waits in this queue already, or this was asked before' },
          201: { ...Job, description: 'Written down; events tell what comes of it' },
          ...failures(400, 401, 403, 404, 409, 413, 415, 429, 503),
        },
      },
    },
    async (request, reply) => {
      const { idempotencyKey = request.headers['idempotency-key'], ...wish } = request.body;
      const createdBy = request.principal?.id ?? '';
      const keyed = idempotencyKey === undefined ? {} : { idempotencyKey: `${createdBy}:${idempotencyKey}` };
      const { job, created } = await front().requestCallback({ ...wish, ...keyed, createdBy });
      return reply.status(created ? 201 : 200).send(visibleJob(job, request.principal));
    },
  );

  api.get(
    '/v1/callbacks',
    {
      config: read.config,
      schema: {
        tags,
        security: read.security,
        operationId: 'listCallbacks',
        summary: 'Callbacks, newest first',
        querystring: JobQuery,
        response: { 200: JobList, ...failures(400, 401, 403, 404, 409, 429, 503) },
      },
    },
    async (request) => {
      const { limit = pageDefault, status, queueId, before } = request.query;
      const only = { ...(status ? { status } : {}), ...(queueId === undefined ? {} : { queueId }) };
      const jobs = await front().jobs({ limit, callbacks: true, ...only }, before);
      return { jobs: jobs.map((job) => visibleJob(job, request.principal)) };
    },
  );

  api.post(
    '/v1/callbacks/:jobId/cancel',
    {
      config: write.config,
      schema: {
        tags,
        security: write.security,
        operationId: 'cancelCallback',
        summary: 'Give a callback and its place in line up; who talks already goes on talking',
        params: JobParams,
        response: { 200: Job, ...failures(400, 401, 403, 404, 409, 429, 503) },
      },
    },
    async (request) => visibleJob(await front().cancel(request.params.jobId), request.principal),
  );
}
