import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { FastifyReply } from 'fastify';
import { AppError } from '../../kernel/index.ts';
import { httpErrors } from '../errors.ts';
import { type Api, guarded } from './route.ts';

/** What the build writes; anything else is not served. */
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** No inline script or style, nothing from elsewhere; `connect-src` lets in the API and the socket of this server. */
const policyFor = (frameAncestors: readonly string[]): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${frameAncestors.length === 0 ? "'none'" : frameAncestors.join(' ')}`,
  ].join('; ');

const assetName = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/;
/** Names of assets carry a hash of their content, so that what is at a name never changes. */
const foreverSeconds = 31_536_000;

const notBuilt = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Ringmaster</title>
<h1>Ringmaster</h1>
<p>The live page is not built. Run <code>npm run build</code> in the folder of the server, then reload; no restart is needed.</p>
<p lang="zh-CN">实时页面尚未构建。请在服务器目录执行 <code>npm run build</code> 后刷新页面，无需重启。</p>
<p><a href="/v1/openapi.json">OpenAPI</a> · <a href="/v1/asyncapi.json">AsyncAPI</a></p>
</html>
`;

/**
 * The live page as `npm run build` left it in `folder`. Read at each request: it costs no memory while nobody looks,
 * and a build beside the running server is served at once.
 */
export function pageRoutes(api: Api, folder: string, frameAncestors: readonly string[]): void {
  const policy = policyFor(frameAncestors);
  const { config } = guarded('open');
  const schema = { hide: true } as const;

  api.get('/', { config, schema }, async (request, reply) => {
    const page = await read(join(folder, 'index.html'));
    const text = page ?? Buffer.from(notBuilt);
    const etag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 27)}"`;
    reply.headers({ 'content-security-policy': policy, 'cache-control': 'no-cache', etag });
    if (request.headers['if-none-match'] === etag) return reply.status(304).send();
    return send(reply.status(page ? 200 : 503), '.html', text);
  });

  api.get<{ Params: { name: string } }>('/assets/:name', { config, schema }, async (request, reply) => {
    const { name } = request.params;
    const kind = extname(name);
    const asset = assetName.test(name) && types[kind] ? await read(join(folder, 'assets', name)) : undefined;
    if (!asset) throw new AppError(httpErrors.not_found);
    reply.header('cache-control', `public, max-age=${foreverSeconds}, immutable`);
    return send(reply, kind, asset);
  });
}

async function read(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

const send = (reply: FastifyReply, kind: string, body: Buffer): FastifyReply =>
  reply.type(types[kind] ?? 'application/octet-stream').send(body);
