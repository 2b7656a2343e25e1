import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import type { ForwardedAnswer, ForwardedRequest } from '../cluster/index.ts';
import { AppError } from '../kernel/index.ts';
import { requestChecks } from '../validation/index.ts';
import { accessHook } from './access.ts';
import type { HttpDeps } from './deps.ts';
import { failureHandler } from './failure.ts';
import { headersHook } from './headers.ts';
import { bodyMaxBytes, listener, refuseBrokenRequest } from './listener.ts';
import type { Api } from './routes/route.ts';
import { pageRoutes } from './routes/page.ts';
import { serviceRoutes } from './routes/service.ts';
import { namedSchemas } from './schemas.ts';
import { type HttpServer, serverOf } from './server.ts';

export type StandbyDeps = Pick<
  HttpDeps,
  'settings' | 'authenticator' | 'readiness' | 'metrics' | 'clock' | 'logger' | 'pageFolder' | 'attachUpgrade'
> & {
  /** Hands a request on to the owner. Rejects with an AppError of `cluster.*`. */
  readonly forward: (request: ForwardedRequest, gone: AbortSignal) => Promise<ForwardedAnswer>;
};

const retryAfterS = 1;

/** The front of an instance that stands by: it answers for itself, shows the page, and hands everything else on. */
export async function createStandbyServer(deps: StandbyDeps): Promise<HttpServer> {
  const api = await buildStandbyApi(deps);
  deps.attachUpgrade?.(api.server);
  return serverOf(api, deps.settings);
}

async function buildStandbyApi(deps: StandbyDeps): Promise<Api> {
  const { settings, logger } = deps;
  const onFailure = failureHandler(logger);
  const api: Api = fastify({
    bodyLimit: bodyMaxBytes,
    forceCloseConnections: 'idle',
    requestIdHeader: false,
    trustProxy: settings.trustedProxies.length === 0 ? false : [...settings.trustedProxies],
    clientErrorHandler: refuseBrokenRequest,
    frameworkErrors: (error, request, reply) => void onFailure(error, request, reply),
    serverFactory: (handler) => listener(settings, handler),
  })
    .setValidatorCompiler(requestChecks())
    .withTypeProvider<TypeBoxTypeProvider>();
  api.setErrorHandler((error: AppError, request, reply) => {
    if (error instanceof AppError && error.code.startsWith('cluster.')) reply.header('retry-after', retryAfterS);
    return onFailure(error, request, reply);
  });
  // The owner reads bodies; here they are only bytes.
  api.removeAllContentTypeParsers();
  api.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  api.decorateRequest('identity', null);
  api.decorateRequest('principal', null);
  api.addHook('onRequest', headersHook(settings));
  api.addHook(
    'onRequest',
    accessHook({ authenticator: deps.authenticator, rates: settings.rates, clock: deps.clock, logger }),
  );
  for (const schema of namedSchemas) api.addSchema(schema);
  serviceRoutes(api, deps);
  pageRoutes(api, deps.pageFolder, settings.frameAncestors);
  // No route of this instance: the owner says who may what, and counts by the address that it is told.
  api.setNotFoundHandler((request, reply) => handOn(deps.forward, request, reply));
  await api.ready();
  return api;
}

async function handOn(
  forward: StandbyDeps['forward'],
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { method, headers, body, protocol, ip, ips } = request;
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  const handedOn = {
    method,
    target: request.url,
    headers,
    addresses: ips ? [...ips].reverse() : [ip],
    isSecure: protocol === 'https',
    body: Buffer.isBuffer(body) && body.length > 0 ? body : undefined,
  };
  const answer = await forward(handedOn, gone.signal);
  return reply.status(answer.status).headers(answer.headers).send(answer.body);
}
