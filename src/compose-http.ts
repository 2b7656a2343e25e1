import type { Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { Config } from '../config/index.ts';
import { asyncApi } from './events/index.ts';
import { createHttpServer, type HttpDeps, type HttpServer } from './http/index.ts';
import { httpSettings } from './http-settings.ts';
import { assert, type Clock, type Logger } from './kernel/index.ts';
import { later } from './later.ts';
import { createMetrics, createReadiness, type Metrics, type Readiness } from './observability/index.ts';

/** What lies behind the API: it differs from one start of the server to the next. */
type Doors = Pick<
  HttpDeps,
  | 'frontDoor'
  | 'state'
  | 'customers'
  | 'recordings'
  | 'consumers'
  | 'advice'
  | 'rules'
  | 'outbound'
  | 'authenticator'
  | 'signIn'
  | 'audit'
  | 'sealPhone'
  | 'tickets'
>;

/** An API that is built and not open yet. */
export interface ClosedApi {
  readonly metrics: Metrics;
  readonly readiness: Readiness;
  /** Once: puts the parts behind it. `attach` takes over `upgrade` requests. */
  open(doors: Doors, attach: (server: Server) => void, isLeaving?: () => boolean): HttpServer;
}

interface Parts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly version: string;
}

/**
 * Builds the API before what lies behind it. It is a third of a second of computing, in which nothing else happens: an
 * instance that stands by has done it when it takes over.
 */
export async function buildClosedApi(config: Config, { clock, logger, version }: Parts): Promise<ClosedApi> {
  const metrics = createMetrics();
  const readiness = createReadiness();
  let doors: Doors | undefined;
  let leaving = (): boolean => false;
  let server: Server | undefined;
  const door = <Name extends keyof Doors>(name: Name) =>
    later(() => doors?.[name] as object) as NonNullable<Doors[Name]>;
  const http = await createHttpServer({
    settings: httpSettings(config.server),
    frontDoor: door('frontDoor'),
    state: door('state'),
    customers: door('customers'),
    recordings: door('recordings'),
    consumers: door('consumers'),
    advice: door('advice'),
    rules: door('rules'),
    ...(config.outbound.routes.length > 0 ? { outbound: door('outbound') } : {}),
    authenticator: door('authenticator'),
    signIn: door('signIn'),
    audit: door('audit'),
    sealPhone: door('sealPhone'),
    ...(config.tickets ? { tickets: door('tickets') } : {}),
    readiness,
    metrics,
    clock,
    logger,
    asyncApi: () => asyncApi(version),
    version,
    pageFolder: fileURLToPath(new URL('../dist/desktop', import.meta.url)),
    ...(config.cluster ? { isLeaving: () => leaving() } : {}),
    attachUpgrade: (made) => {
      server = made;
    },
  });
  return {
    metrics,
    readiness,
    open(given, attach, isLeaving = leaving) {
      assert(doors === undefined && server !== undefined, 'an API is opened once, after it was built');
      doors = given;
      leaving = isLeaving;
      attach(server);
      return http;
    },
  };
}
