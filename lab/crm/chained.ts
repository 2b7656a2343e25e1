import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { nationalMobile, type SampleCustomer, type SampleData } from './data.ts';

/** What the token step of the second dialect asks for. */
export interface ClientCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

interface Envelope {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

const ok = (data: unknown): Envelope => ({ code: 0, message: 'ok', data });
const unauthorized: Envelope = { code: 40101, message: 'token invalid or expired' };
const notFound: Envelope = { code: 40401, message: 'contact not found' };

/**
 * The second dialect, as many desks speak it: HTTP status is always 200, the outcome is `code` in the body.
 * `POST /oauth/token` {client_id, client_secret} → `{code: 0, data: {access_token, expires_in}}`, then
 * `GET /v2/contacts/search?mobile=86…` → `{data: {contact_id}}`, then `GET /v2/contacts/:id` → the contact.
 * The token goes into the header `X-Access-Token`. Codes: 40101 token, 40102 credentials, 40401 nobody.
 */
export function chainedDialect(
  app: FastifyInstance,
  data: SampleData,
  credentials: ClientCredentials,
  tokenLifetimeMs: () => number,
): void {
  const byId = new Map(data.customers.map((customer) => [customer.id, customer]));
  const byMobile = new Map(data.customers.map((customer) => [customer.mobile, customer]));
  const tokens = new TokenDesk(tokenLifetimeMs);
  const isAllowed = (header: string | string[] | undefined): boolean =>
    typeof header === 'string' && tokens.isValid(header);

  app.post<{ Body: { client_id?: string; client_secret?: string } | null }>('/oauth/token', async (request) => {
    const { client_id, client_secret } = request.body ?? {};
    const isKnown = client_id === credentials.clientId && client_secret === credentials.clientSecret;
    return isKnown ? ok(tokens.issue()) : { code: 40102, message: 'unknown client' };
  });
  app.get<{ Querystring: { mobile?: string } }>('/v2/contacts/search', async (request) => {
    if (!isAllowed(request.headers['x-access-token'])) return unauthorized;
    const customer = byMobile.get(nationalMobile(request.query.mobile ?? ''));
    return customer ? ok({ contact_id: customer.id }) : notFound;
  });
  app.get<{ Params: { id: string } }>('/v2/contacts/:id', async (request) => {
    if (!isAllowed(request.headers['x-access-token'])) return unauthorized;
    const customer = byId.get(request.params.id);
    return customer ? ok(contactOf(customer)) : notFound;
  });
}

const levels = { platinum: 'A', gold: 'B', silver: 'C', standard: 'D' } as const;

const contactOf = (customer: SampleCustomer) => ({
  contact_id: customer.id,
  contact_name: customer.name,
  organization: customer.company ? { name: customer.company } : null,
  mobile_no: `86${customer.mobile}`,
  level: levels[customer.tier],
  labels: customer.tags.join(','),
  lang: customer.language === 'zh' ? 'zh-CN' : 'en-US',
  total_spent: customer.lifetimeValue.toFixed(2),
  modified_ms: Date.parse(customer.updatedAt),
});

const TOKENS_MAX = 1000;

/** Short-lived tokens; the oldest go when there are too many. */
class TokenDesk {
  private readonly expiries = new Map<string, number>();
  private readonly lifetimeMs: () => number;

  constructor(lifetimeMs: () => number) {
    this.lifetimeMs = lifetimeMs;
  }

  issue(): { access_token: string; expires_in: number } {
    const token = randomBytes(16).toString('hex');
    this.expiries.set(token, performance.now() + this.lifetimeMs());
    const oldest = this.expiries.size > TOKENS_MAX ? this.expiries.keys().next().value : undefined;
    if (oldest !== undefined) this.expiries.delete(oldest);
    return { access_token: token, expires_in: Math.floor(this.lifetimeMs() / 1000) };
  }

  isValid(token: string): boolean {
    return (this.expiries.get(token) ?? 0) > performance.now();
  }
}
