import type { FastifyRequest } from 'fastify';
import { AppError, type Clock, type Logger } from '../kernel/index.ts';
import { type ApiKeyRecord, keyChecker, mayUse, type Principal, type Scope } from '../security/index.ts';
import { httpErrors } from './errors.ts';
import { rateLimiter } from './rate-limit.ts';

/** What a route demands: a scope, or nothing at all. A route that says neither is refused at start. */
export type Demand = Scope | 'open';

declare module 'fastify' {
  interface FastifyContextConfig {
    readonly demand?: Demand;
  }
  interface FastifyRequest {
    /** Who asks; null on open routes. */
    principal: Principal | null;
  }
}

interface AccessRules {
  readonly apiKeys: readonly ApiKeyRecord[];
  readonly requestsPerSecond: number;
  readonly requestBurst: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The hook that lets a request in: key, allowance, scope, in this order. Failed keys are limited by address. */
export function accessHook(rules: AccessRules): (request: FastifyRequest) => Promise<void> {
  const checkKey = keyChecker(rules.apiKeys);
  const allow = rateLimiter({ perSecond: rules.requestsPerSecond, burst: rules.requestBurst }, rules.clock);
  return async (request) => {
    const { demand } = request.routeOptions.config;
    // No demand: the handler of unknown addresses, which tells nothing.
    if (demand === undefined || demand === 'open') return;
    const checked = checkKey(request.headers.authorization);
    if (!checked.ok) {
      allow(`address ${request.ip}`);
      rules.logger.warn(
        { requestId: request.id, route: request.routeOptions.url, reason: checked.reason },
        'key refused',
      );
      throw new AppError(checked.reason === 'missing' ? httpErrors.key_missing : httpErrors.key_wrong);
    }
    allow(`key ${checked.principal.id}`);
    if (!mayUse(checked.principal, demand)) throw new AppError(httpErrors.scope_missing);
    request.principal = checked.principal;
  };
}

/** The agent in whose name a request acts; `wanted` is whom it names. An agent's key acts for its own agent only. */
export function actingAgent(principal: Principal | null, wanted: string | undefined): string {
  const own = ownAgent(principal);
  if (own !== undefined && wanted !== undefined && wanted !== own) throw new AppError(httpErrors.other_agent);
  const agentId = wanted ?? own;
  if (agentId === undefined) throw new AppError(httpErrors.agent_needed);
  return agentId;
}

/** The agent whose key it is; undefined for an integration or admin, who may act on every call. */
export function ownAgent(principal: Principal | null): string | undefined {
  if (principal === null) throw new AppError(httpErrors.key_missing);
  if (principal.kind !== 'agent') return undefined;
  if (principal.agentId === undefined) throw new AppError(httpErrors.other_agent);
  return principal.agentId;
}

/** Whether answers to this request show numbers in full. */
export function seesNumbers(principal: Principal | null): boolean {
  return principal !== null && mayUse(principal, 'events:read:pii');
}
