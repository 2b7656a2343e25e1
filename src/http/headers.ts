import type { FastifyReply, FastifyRequest } from 'fastify';
import type { HttpSettings } from './deps.ts';

type HeaderSettings = Pick<HttpSettings, 'trustedOrigins' | 'frameAncestors' | 'tls'>;

const always: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

/** Who may show our answers in a frame: nobody, or the pages of these origins. */
function framingHeaders(frameAncestors: readonly string[]): Readonly<Record<string, string>> {
  const allowed = frameAncestors.length === 0 ? "'none'" : frameAncestors.join(' ');
  const policy = { 'content-security-policy': `default-src 'none'; frame-ancestors ${allowed}` };
  // The older header knows no list; browsers that know the newer one let it decide.
  return frameAncestors.length === 0 ? { ...policy, 'x-frame-options': 'DENY' } : policy;
}

/** Headers of every answer; cross-origin access (CORS) for the listed origins only, never `*`. */
export function headersHook({ trustedOrigins, frameAncestors, tls }: HeaderSettings) {
  const trusted = new Set(trustedOrigins);
  const everywhere = { ...always, ...framingHeaders(frameAncestors) };
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    reply.headers(everywhere);
    if (tls) reply.header('strict-transport-security', 'max-age=31536000');
    if (trusted.size === 0) return undefined;
    reply.header('vary', 'Origin');
    const { origin } = request.headers;
    if (origin === undefined || !trusted.has(origin)) return undefined;
    reply.header('access-control-allow-origin', origin);
    reply.header('cross-origin-resource-policy', 'cross-origin');
    reply.header('access-control-expose-headers', 'retry-after, x-request-id');
    if (request.method !== 'OPTIONS') return undefined;
    reply.header('access-control-allow-methods', 'GET, POST, PUT, PATCH, DELETE');
    reply.header('access-control-allow-headers', 'authorization, content-type');
    reply.header('access-control-max-age', '600');
    return reply.status(204).send();
  };
}
