import { AppError } from '../../kernel/index.ts';
import { maskNumber } from '../../security/index.ts';
import { actingAgent, seesNumbers } from '../access.ts';
import type { OutboundApi } from '../deps.ts';
import { httpErrors } from '../errors.ts';
import {
  DialAccepted,
  DialBody,
  DoNotCallBody,
  DoNotCallList,
  DoNotCallQuery,
  Job,
  JobBody,
  JobList,
  JobParams,
  JobQuery,
  KeyHeader,
  Removed,
  RemoveBody,
  visibleJob,
} from '../outbound-schemas.ts';
import { Accepted, failures, pageDefault } from '../schemas.ts';
import { type Api, guarded } from './route.ts';

const tags = ['outbound'];
/** Calling out. `undefined`: nothing is configured to go out by. */
export function outboundRoutes(api: Api, configured: OutboundApi | undefined): void {
  const front = (): OutboundApi => {
    if (!configured) throw new AppError(httpErrors.outbound_off);
    return configured;
  };
  dialRoute(api, front);
  jobRoutes(api, front);
  doNotCallRoutes(api, front);
}

type Front = () => OutboundApi;

function dialRoute(api: Api, front: Front): void {
  const { config, security } = guarded('calls:control');
  api.post(
    '/v1/calls',
    {
      config,
      schema: {
        tags: ['calls'],
        security,
        operationId: 'dialCustomer',
        summary: 'Click-to-dial: the agent’s phone rings first, then the customer’s',
        body: DialBody,
        response: { 202: DialAccepted, ...failures(400, 401, 403, 404, 409, 413, 415, 429, 503) },
      },
    },
    async (request, reply) => {
      const agentId = actingAgent(request.principal, request.body.agentId);
      const callId = await front().dial({ ...request.body, agentId });
      return reply.status(202).send({ accepted: true as const, callId });
    },
  );
}

function jobRoutes(api: Api, front: Front): void {
  const write = guarded('outbound:write', 'command');
  const read = guarded('outbound:read');
  api.post(
    '/v1/outbound',
    {
      config: write.config,
      schema: {
        tags,
        security: write.security,
        operationId: 'requestOutbound',
        summary: 'Have somebody called: an agent is reserved, then dialled, then the customer',
        headers: KeyHeader,
        body: JobBody,
        response: {
          200: { ...Job, description: 'This was asked before: the same job' },
          201: { ...Job, description: 'Written down; events tell what comes of it' },
          ...failures(400, 401, 403, 404, 409, 413, 415, 429, 503),
        },
      },
    },
    async (request, reply) => {
      const { idempotencyKey = request.headers['idempotency-key'], ...wish } = request.body;
      const createdBy = request.principal?.id ?? '';
      const keyed = idempotencyKey === undefined ? {} : { idempotencyKey: `${createdBy}:${idempotencyKey}` };
      const { job, created } = await front().request({ ...wish, ...keyed, createdBy });
      return reply.status(created ? 201 : 200).send(visibleJob(job, request.principal));
    },
  );

  api.get(
    '/v1/outbound',
    {
      config: read.config,
      schema: {
        tags,
        security: read.security,
        operationId: 'listOutbound',
        summary: 'Jobs, newest first',
        querystring: JobQuery,
        response: { 200: JobList, ...failures(400, 401, 403, 404, 409, 429, 503) },
      },
    },
    async (request) => {
      const { limit = pageDefault, status, queueId, before } = request.query;
      const filter = { limit, ...(status ? { status } : {}), ...(queueId === undefined ? {} : { queueId }) };
      const jobs = await front().jobs(filter, before);
      return { jobs: jobs.map((job) => visibleJob(job, request.principal)) };
    },
  );

  api.get(
    '/v1/outbound/:jobId',
    {
      config: read.config,
      schema: {
        tags,
        security: read.security,
        operationId: 'getOutbound',
        summary: 'One job',
        params: JobParams,
        response: { 200: Job, ...failures(400, 401, 403, 404, 409, 429, 503) },
      },
    },
    async (request) => visibleJob(await front().job(request.params.jobId), request.principal),
  );

  api.post(
    '/v1/outbound/:jobId/cancel',
    {
      config: write.config,
      schema: {
        tags,
        security: write.security,
        operationId: 'cancelOutbound',
        summary: 'Give a job up; who talks already goes on talking',
        params: JobParams,
        response: { 200: Job, ...failures(400, 401, 403, 404, 409, 429, 503) },
      },
    },
    async (request) => visibleJob(await front().cancel(request.params.jobId), request.principal),
  );
}

/** Numbers stand in bodies, never in addresses: those are logged on the way. */
function doNotCallRoutes(api: Api, front: Front): void {
  const write = guarded('outbound:write', 'command');
  const read = guarded('outbound:read');
  api.get(
    '/v1/do-not-call',
    {
      config: read.config,
      schema: {
        tags,
        security: read.security,
        operationId: 'listDoNotCall',
        summary: 'Numbers that are not called, by number',
        querystring: DoNotCallQuery,
        response: { 200: DoNotCallList, ...failures(400, 401, 403, 409, 429, 503) },
      },
    },
    async (request) => {
      const { after = '', limit = pageDefault } = request.query;
      const found = await front().forbidden(after, limit);
      const inFull = seesNumbers(request.principal);
      return { numbers: found.map((one) => (inFull ? one : { ...one, number: maskNumber(one.number) })) };
    },
  );

  api.post(
    '/v1/do-not-call',
    {
      config: write.config,
      schema: {
        tags,
        security: write.security,
        operationId: 'addDoNotCall',
        summary: 'Never call a number',
        body: DoNotCallBody,
        response: { 202: Accepted, ...failures(400, 401, 403, 409, 413, 415, 429, 503) },
      },
    },
    async (request, reply) => {
      await front().forbid(request.body.number, request.body.reason ?? '');
      return reply.status(202).send({ accepted: true as const });
    },
  );

  api.post(
    '/v1/do-not-call/remove',
    {
      config: write.config,
      schema: {
        tags,
        security: write.security,
        operationId: 'removeDoNotCall',
        summary: 'A number may be called again',
        body: RemoveBody,
        response: { 200: Removed, ...failures(400, 401, 403, 409, 413, 415, 429, 503) },
      },
    },
    async (request) => ({ removed: await front().allow(request.body.number) }),
  );
}
