import swagger from '@fastify/swagger';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { fastify } from 'fastify';
import { AppError, assert } from '../kernel/index.ts';
import { requestChecks } from '../validation/index.ts';
import { accessHook, type Demand } from './access.ts';
import { auditHook } from './audit-trail.ts';
import type { HttpDeps } from './deps.ts';
import { httpErrors } from './errors.ts';
import { failureHandler } from './failure.ts';
import { headersHook } from './headers.ts';
import { bodyMaxBytes, listener, refuseBrokenRequest } from './listener.ts';
import { methodTable } from './methods.ts';
import { openApiOptions } from './openapi.ts';
import { agentChoiceRoutes } from './routes/agent-choices.ts';
import { agentRoutes } from './routes/agents.ts';
import { authRoutes } from './routes/auth.ts';
import { callRoutes } from './routes/calls.ts';
import { controlRoutes } from './routes/control.ts';
import { customerRoutes } from './routes/customers.ts';
import { dialplanRoutes } from './routes/dialplan.ts';
import { pageRoutes } from './routes/page.ts';
import { callbackRoutes } from './routes/callbacks.ts';
import { outboundRoutes } from './routes/outbound.ts';
import { queueRoutes } from './routes/queues.ts';
import { revealRoutes } from './routes/reveal.ts';
import { consumerRoutes } from './routes/consumers.ts';
import { recordingRoutes } from './routes/recordings.ts';
import type { Api } from './routes/route.ts';
import { ruleRoutes } from './routes/rules.ts';
import { contractRoutes, serviceRoutes } from './routes/service.ts';
import { snapshotRoutes } from './routes/snapshot.ts';
import { ticketRoutes } from './routes/tickets.ts';
import { namedSchemas } from './schemas.ts';

/** A route as it is served, for the test that holds all of them to the matrix of rights. */
interface ServedRoute {
  readonly method: string;
  readonly url: string;
  readonly demand: Demand;
}

declare module 'fastify' {
  interface FastifyInstance {
    readonly served: readonly ServedRoute[];
  }
}

/** The API with all its routes, not listening yet. */
export async function buildApi(deps: HttpDeps): Promise<Api> {
  const { settings, logger } = deps;
  const onFailure = failureHandler(logger);
  const api: Api = fastify({
    bodyLimit: bodyMaxBytes,
    routerOptions: { maxParamLength: 128 },
    forceCloseConnections: 'idle',
    requestIdHeader: false,
    // Without proxies the address is the connection's own; else clients could name any in X-Forwarded-For.
    trustProxy: settings.trustedProxies.length === 0 ? false : [...settings.trustedProxies],
    clientErrorHandler: refuseBrokenRequest,
    frameworkErrors: (error, request, reply) => void onFailure(error, request, reply),
    serverFactory: (handler) => listener(settings, handler),
  })
    .setValidatorCompiler(requestChecks())
    .withTypeProvider<TypeBoxTypeProvider>();

  api.setErrorHandler(onFailure);
  takeJson(api);
  api.decorateRequest('identity', null);
  api.decorateRequest('principal', null);
  const { isLeaving } = deps;
  if (isLeaving) {
    api.addHook('onRequest', async ({ routeOptions }) => {
      // The process is well: whoever starts it again when it is not must not do so now.
      if (routeOptions.url !== '/healthz' && isLeaving()) throw new AppError(httpErrors.leaving);
    });
  }
  api.addHook('onRequest', headersHook(settings));
  api.addHook(
    'onRequest',
    accessHook({ authenticator: deps.authenticator, rates: settings.rates, clock: deps.clock, logger }),
  );
  api.addHook('onResponse', auditHook(deps.audit));
  api.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    deps.metrics.httpRequests.observe({ route, status: String(reply.statusCode) }, reply.elapsedTime / 1000);
  });
  const methods = methodTable();
  const served: ServedRoute[] = [];
  api.decorate('served', served);
  api.addHook('onRoute', (route) => {
    assert(route.config?.demand !== undefined, `route ${route.url} does not say who may use it`);
    methods.add(route.url, [route.method].flat());
    for (const method of [route.method].flat()) served.push({ method, url: route.url, demand: route.config.demand });
  });
  api.setNotFoundHandler((request, reply) => methods.notFound(request, reply));

  await api.register(swagger, openApiOptions(deps.version));
  for (const schema of namedSchemas) api.addSchema(schema);
  serviceRoutes(api, deps);
  contractRoutes(api, deps);
  snapshotRoutes(api, deps.state);
  authRoutes(api, deps.signIn);
  agentRoutes(api, deps.frontDoor);
  agentChoiceRoutes(api, deps.frontDoor);
  callRoutes(api, deps.frontDoor, deps.sealPhone);
  controlRoutes(api, deps.frontDoor);
  revealRoutes(api, deps.frontDoor, deps.audit);
  recordingRoutes(api, deps.recordings, deps.audit);
  consumerRoutes(api, deps.consumers);
  queueRoutes(api, deps.frontDoor);
  customerRoutes(api, deps.customers);
  dialplanRoutes(api, deps.advice);
  ruleRoutes(api, deps.rules);
  ticketRoutes(api, deps.tickets);
  outboundRoutes(api, deps.outbound);
  callbackRoutes(api, deps.outbound);
  pageRoutes(api, deps.pageFolder, settings.frameAncestors);
  await api.ready();
  return api;
}

/** JSON only; an empty body counts as none, because many clients send the content type with every POST. */
function takeJson(api: Api): void {
  const parse = api.getDefaultJsonParser('error', 'error');
  api.removeAllContentTypeParsers();
  api.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body: string, done) => {
    if (body === '') done(null, undefined);
    else void parse(request, body, done);
  });
}
