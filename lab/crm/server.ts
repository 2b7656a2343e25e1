import { randomBytes } from 'node:crypto';
import Fastify from 'fastify';
import { type CrmBehaviour, failures, misbehave } from './behaviour.ts';
import { type ClientCredentials, chainedDialect } from './chained.ts';
import { type SampleData, sampleData } from './data.ts';
import { restDialect } from './rest.ts';

export interface SampleCrmOptions {
  /** 0 or none: a free port. */
  readonly port?: number;
  /** Bearer token of the first dialect; a random one by default. */
  readonly token?: string;
  /** Customers beside the named ones, with the mobiles `fictionalMobile(11)` and on. */
  readonly generatedCustomers?: number;
  /** Lifetime of the second dialect's tokens. Default 60,000. */
  readonly tokenLifetimeMs?: number;
}

export interface SampleCrm extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  readonly token: string;
  readonly credentials: ClientCredentials;
  readonly data: SampleData;
  /** Requests to either dialect so far, also those that were made to fail. */
  readonly requests: number;
  /** The same by method and route pattern, for example `GET /api/customers`. */
  readonly requestsByRoute: Readonly<Record<string, number>>;
  setBehaviour(behaviour: Partial<CrmBehaviour>): void;
  setTokenLifetime(lifetimeMs: number): void;
  resetCounts(): void;
  stop(): Promise<void>;
}

const wellBehaved: CrmBehaviour = { delayMs: 0, failure: 'none' };

/** A small CRM for tests and the demo: two dialects over the same customers, late and failing on demand. */
export async function startSampleCrm(options: SampleCrmOptions = {}): Promise<SampleCrm> {
  const token = options.token ?? randomBytes(16).toString('hex');
  const credentials = { clientId: 'ringmaster', clientSecret: randomBytes(16).toString('hex') };
  const data = sampleData(options.generatedCustomers);
  const counts = new Map<string, number>();
  let behaviour = wellBehaved;
  let tokenLifetimeMs = options.tokenLifetimeMs ?? 60_000;
  const setBehaviour = (change: Partial<CrmBehaviour>) => {
    behaviour = { ...behaviour, ...change };
  };

  const app = Fastify({ forceCloseConnections: true });
  app.register(async (crm) => {
    crm.addHook('onRequest', async (request, reply) => {
      const route = `${request.method} ${request.routeOptions.url ?? 'unknown'}`;
      counts.set(route, (counts.get(route) ?? 0) + 1);
      if (await misbehave(behaviour, request, reply)) return reply;
    });
    crm.register(async (rest) => restDialect(rest, data, token));
    crm.register(async (chained) => chainedDialect(chained, data, credentials, () => tokenLifetimeMs));
  });
  /** Lets a person turn the knobs of a CRM that runs in another process. */
  app.put('/lab/behaviour', { schema: { body: behaviourSchema } }, async (request) => {
    setBehaviour(request.body as Partial<CrmBehaviour>);
    return behaviour;
  });
  app.get('/lab/requests', async () => Object.fromEntries(counts));

  await app.listen({ host: '127.0.0.1', port: options.port ?? 0 });
  const [address] = app.addresses();
  const port = typeof address === 'object' ? address.port : 0;
  const stop = async () => {
    await app.close();
  };
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    token,
    credentials,
    data,
    get requests() {
      return [...counts.values()].reduce((sum, count) => sum + count, 0);
    },
    get requestsByRoute() {
      return Object.fromEntries(counts);
    },
    setBehaviour,
    setTokenLifetime: (lifetimeMs) => {
      tokenLifetimeMs = lifetimeMs;
    },
    resetCounts: () => counts.clear(),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

const behaviourSchema = {
  type: 'object',
  additionalProperties: false,
  properties: { delayMs: { type: 'integer', minimum: 0, maximum: 600_000 }, failure: { enum: failures } },
} as const;
