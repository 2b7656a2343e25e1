import type { FastifyRequest } from 'fastify';
import { AppError, type Clock, type ErrorSpec, type Logger } from '../kernel/index.ts';
import {
  type Authenticator,
  authErrors,
  type Identity,
  mayUse,
  type Principal,
  type Refusal,
  type Scope,
} from '../security/index.ts';
import { httpErrors } from './errors.ts';
import { type RateClass, type RateRules, rateLimiter } from './rate-limit.ts';

/** What a route demands: a scope, any identity at all, or nothing. A route that says none of these is refused at start. */
export type Demand = Scope | 'known' | 'open';

declare module 'fastify' {
  interface FastifyContextConfig {
    readonly demand?: Demand;
    readonly rate?: RateClass;
  }
  interface FastifyRequest {
    /** Who asks; null on open routes. */
    identity: Identity | null;
    /** The same, without the session. */
    principal: Principal | null;
  }
}

interface AccessRules {
  readonly authenticator: Pick<Authenticator, 'check'>;
  readonly rates: RateRules;
  readonly clock: Clock;
  readonly logger: Logger;
}

const refusals: Readonly<Record<Refusal, ErrorSpec>> = {
  missing: httpErrors.key_missing,
  malformed: httpErrors.key_wrong,
  wrong: httpErrors.key_wrong,
  tokenWrong: authErrors.token_wrong,
  tokenExpired: authErrors.token_expired,
  sessionEnded: authErrors.session_ended,
  unavailable: authErrors.unavailable,
};

/** The hook that lets a request in: key or token, allowance, scope, in this order. Failures are limited by address. */
export function accessHook(rules: AccessRules): (request: FastifyRequest) => Promise<void> {
  const allow = rateLimiter(rules.rates, rules.clock);
  return async (request) => {
    const { demand, rate = 'default' } = request.routeOptions.config;
    // No demand: the handler of unknown addresses, which tells nothing.
    if (demand === undefined) return;
    if (demand === 'open') {
      if (rate !== 'default') allow(rate, `address ${request.ip}`);
      return;
    }
    const checking = rules.authenticator.check(request.headers.authorization);
    const checked = checking instanceof Promise ? await checking : checking;
    if (!checked.ok) {
      allow('default', `address ${request.ip}`);
      const { reason } = checked;
      rules.logger.warn({ requestId: request.id, route: request.routeOptions.url, reason }, 'key refused');
      throw new AppError(refusals[reason]);
    }
    const { principal } = checked.identity;
    allow(rate, `key ${principal.id}`);
    if (demand !== 'known' && !mayUse(principal, demand)) throw new AppError(httpErrors.scope_missing);
    request.identity = checked.identity;
    request.principal = principal;
  };
}

/** The agent in whose name a request acts; `wanted` is whom it names. An agent acts as that agent only. */
export function actingAgent(principal: Principal | null, wanted: string | undefined): string {
  const own = ownAgent(principal);
  if (own !== undefined && wanted !== undefined && wanted !== own) throw new AppError(httpErrors.other_agent);
  const agentId = wanted ?? own ?? principal?.agentId;
  if (agentId === undefined) throw new AppError(httpErrors.agent_needed);
  return agentId;
}

/** The agent who asks; undefined for everybody who may act on every call. */
export function ownAgent(principal: Principal | null): string | undefined {
  if (principal === null) throw new AppError(httpErrors.key_missing);
  if (principal.kind !== 'agent') return undefined;
  if (principal.agentId === undefined) throw new AppError(httpErrors.other_agent);
  return principal.agentId;
}

/** Who acts in place of the agent: the id of a person or key; undefined when it is the agent. */
export function onBehalf(principal: Principal | null, agentId: string): string | undefined {
  return principal === null || principal.agentId === agentId ? undefined : principal.id;
}

/** Whether answers to this request show numbers in full. */
export function seesNumbers(principal: Principal | null): boolean {
  return principal !== null && mayUse(principal, 'events:read:pii');
}
