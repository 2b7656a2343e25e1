import type { FastifyReply, FastifyRequest } from 'fastify';
import { httpErrors } from './errors.ts';
import { failureOf } from './failure.ts';

/** Remembers which methods each address takes, so that a wrong one gets 405 and `Allow` instead of 404. */
export function methodTable() {
  const rows: { readonly pattern: RegExp; readonly methods: Set<string> }[] = [];
  return {
    add(url: string, methods: readonly string[]): void {
      const source = `^${url.replaceAll('.', '\\.').replaceAll(/:[A-Za-z]+/g, '[^/]+')}$`;
      const row = rows.find((candidate) => candidate.pattern.source === new RegExp(source).source);
      if (row) for (const method of methods) row.methods.add(method);
      else rows.push({ pattern: new RegExp(source), methods: new Set(methods) });
    },
    /** The handler of addresses and methods that no route takes. */
    notFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
      const [path = ''] = request.url.split('?', 1);
      const row = rows.find((candidate) => candidate.pattern.test(path));
      if (row) reply.header('allow', [...row.methods].sort().join(', '));
      const failure = failureOf(row ? httpErrors.method_not_allowed : httpErrors.not_found);
      return reply.status(failure.status).send(failure.body);
    },
  };
}
