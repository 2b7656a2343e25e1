import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Audit } from '../security/index.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The audit log's name for the deed; whoever does it is written down. */
    readonly audit?: string;
  }
}

/** Those who act on other people's calls and agents; an agent's own work is told by events anyway. */
const overseers: readonly string[] = ['supervisor', 'admin'];

/**
 * The hook that writes down who did what: routes that name a deed, every command of supervisors and admins, and what a
 * program does to an agent.
 */
export function auditHook(audit: Pick<Audit, 'record'>) {
  return async ({ routeOptions, principal, params, ip }: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const { config, schema } = routeOptions;
    if (principal === null) return;
    const { demand } = config;
    const oversees =
      (demand?.endsWith(':control') === true && overseers.includes(principal.kind)) ||
      (demand === 'agents:control' && principal.kind === 'integration');
    if (config.audit === undefined && !oversees) return;
    const { operationId = 'unknown' } = (schema ?? {}) as { operationId?: string };
    const names = Object.entries((params ?? {}) as Record<string, string>);
    audit.record({
      actor: principal.id,
      action: config.audit ?? `command.${operationId}`,
      target: names.map(([name, value]) => `${name.replace(/Id$/, '')}/${value}`).join(' '),
      detail: { status: reply.statusCode },
      personal: { address: ip },
    });
  };
}
