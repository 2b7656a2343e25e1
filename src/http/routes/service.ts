import { Type } from '../../schema/index.ts';
import type { HttpDeps, HttpSettings } from '../deps.ts';
import { failures, ReadinessBody } from '../schemas.ts';
import { type Api, guarded } from './route.ts';

const { config, security } = guarded('open');
const tags = ['service'];

type Watched = Pick<HttpDeps, 'readiness' | 'metrics'> & { readonly settings: Pick<HttpSettings, 'metricsOpen'> };

/** What operators ask of any instance: is it alive, is it ready, its figures. */
export function serviceRoutes(api: Api, deps: Watched): void {
  api.get(
    '/healthz',
    {
      config,
      schema: {
        tags,
        security,
        operationId: 'health',
        summary: 'The process is alive',
        response: { 200: Type.Object({ ok: Type.Literal(true) }) },
      },
    },
    async () => ({ ok: true as const }),
  );

  api.get(
    '/readyz',
    {
      config,
      schema: {
        tags,
        security,
        operationId: 'readiness',
        summary: 'Whether calls are taken, and what is missing if not',
        response: { 200: ReadinessBody, 503: ReadinessBody },
      },
    },
    async (_request, reply) => {
      const { ok, checks } = deps.readiness.report();
      return reply.status(ok ? 200 : 503).send({ ok, checks: [...checks] });
    },
  );

  const metrics = guarded(deps.settings.metricsOpen ? 'open' : 'metrics:read');
  api.get(
    '/metrics',
    {
      config: metrics.config,
      schema: {
        tags,
        security: metrics.security,
        operationId: 'metrics',
        summary: 'Prometheus metrics',
        produces: ['text/plain'],
        response: { 200: Type.String(), ...failures(401, 403, 429) },
      },
    },
    async (_request, reply) => reply.type(deps.metrics.contentType).send(await deps.metrics.text()),
  );
}

/** The contracts of the API and of the event stream. */
export function contractRoutes(api: Api, deps: Pick<HttpDeps, 'asyncApi'>): void {
  const contract = Type.Object({}, { additionalProperties: true });

  api.get(
    '/v1/openapi.json',
    {
      config,
      schema: { tags, security, operationId: 'openApi', summary: 'This document', response: { 200: contract } },
    },
    async (_request, reply) => reply.type('application/json').serializer(JSON.stringify).send(api.swagger()),
  );

  api.get(
    '/v1/asyncapi.json',
    {
      config,
      schema: { tags, security, operationId: 'asyncApi', summary: 'The event stream', response: { 200: contract } },
    },
    async (_request, reply) => reply.type('application/json').serializer(JSON.stringify).send(deps.asyncApi()),
  );
}
