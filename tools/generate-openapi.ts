/** Writes docs/openapi.json from the routes of the API. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FrontDoor } from '../src/bridge/index.ts';
import {
  type AdviceDoor,
  buildApi,
  type CustomerDesk,
  type HttpDeps,
  type RulesDoor,
  type SignInParts,
} from '../src/http/index.ts';
import { type Logger, systemClock, unreachable } from '../src/kernel/index.ts';
import { createMetrics, createReadiness } from '../src/observability/index.ts';
import { root } from './lib/process.ts';

const path = 'docs/openapi.json';

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };
const none = { perSecond: 1, burst: 1 };
/** Routes are only described here, never called. */
const nobody = new Proxy(
  {} as FrontDoor &
    CustomerDesk &
    HttpDeps['recordings'] &
    HttpDeps['consumers'] &
    AdviceDoor &
    RulesDoor &
    HttpDeps['authenticator'] &
    HttpDeps['state'] &
    HttpDeps['audit'] &
    SignInParts['desk'] &
    SignInParts['tickets'],
  { get: () => unreachable },
);

/** The document of the API as this tree serves it. */
export async function openApiDocument(): Promise<object> {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  const deps: HttpDeps = {
    settings: {
      host: '127.0.0.1',
      port: 0,
      trustedOrigins: [],
      frameAncestors: [],
      requestTimeoutMs: 1_000,
      connectionsMax: 1,
      rates: { login: none, command: none, lookup: none, reveal: none, default: none },
      trustedProxies: [],
      metricsOpen: false,
    },
    frontDoor: nobody,
    state: nobody,
    customers: nobody,
    recordings: nobody,
    consumers: nobody,
    advice: nobody,
    rules: nobody,
    authenticator: nobody,
    signIn: { desk: nobody, tickets: nobody },
    audit: nobody,
    sealPhone: () => '',
    readiness: createReadiness(),
    metrics: createMetrics(),
    clock: systemClock,
    logger: silent,
    asyncApi: () => ({}),
    version,
    pageFolder: '',
  };
  const api = await buildApi(deps);
  try {
    return api.swagger();
  } finally {
    await api.close();
  }
}

/** Writes the document, or with `check` only compares; gives the path when it was or would be changed. */
export async function generate({ check }: { check: boolean }): Promise<string[]> {
  const text = `${JSON.stringify(await openApiDocument(), null, 2)}\n`;
  const before = await readFile(join(root, path), 'utf8').catch(() => '');
  if (before === text) return [];
  if (!check) await writeFile(join(root, path), text);
  return [path];
}
