import type { FastifyReply, FastifyRequest } from 'fastify';

const always: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

/** Headers of every answer; cross-origin access (CORS) for the listed origins only, never `*`. */
export function headersHook(trustedOrigins: readonly string[], tls: boolean) {
  const trusted = new Set(trustedOrigins);
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    reply.headers(always);
    if (tls) reply.header('strict-transport-security', 'max-age=31536000');
    if (trusted.size === 0) return undefined;
    reply.header('vary', 'Origin');
    const { origin } = request.headers;
    if (origin === undefined || !trusted.has(origin)) return undefined;
    reply.header('access-control-allow-origin', origin);
    reply.header('cross-origin-resource-policy', 'cross-origin');
    reply.header('access-control-expose-headers', 'retry-after, x-request-id');
    if (request.method !== 'OPTIONS') return undefined;
    reply.header('access-control-allow-methods', 'GET, POST, PUT, PATCH');
    reply.header('access-control-allow-headers', 'authorization, content-type');
    reply.header('access-control-max-age', '600');
    return reply.status(204).send();
  };
}
