import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Config, parseConfig } from '../../config/index.ts';
import { redisStreamEnd, StreamRelay, UsedOnceInRedis } from '../../src/cluster/index.ts';
import { type ClusterConfig, redisPlace } from '../../src/cluster-place.ts';
import { type Access, composeAccess } from '../../src/compose-access.ts';
import { openLog } from '../../src/compose-log.ts';
import { attachWebSocket, CommittedSnapshots, type EventLog, EventStream, Snapshots } from '../../src/events/index.ts';
import { httpSettings } from '../../src/http-settings.ts';
import { type Logger, systemClock, systemRng, systemWall } from '../../src/kernel/index.ts';
import { createReadiness } from '../../src/observability/index.ts';
import { labError } from '../errors.ts';
import { configText } from './settings.ts';

/** What two instances of a shard without a PBX are made of. */
export interface FedShard {
  readonly storeUrl: string;
  readonly redisUrl: string;
  readonly keySecret: string;
  readonly server?: object;
  readonly agents?: readonly { readonly id: string; readonly name: string; readonly queues: readonly string[] }[];
  readonly apiKeys?: readonly object[];
}

const fallback = 'dialplan:fallback,s,1';
const noPbx = { ariUrl: 'http://127.0.0.1:9/ari', ariUser: 'nobody', ariPassword: 'nothing' };

/** The configuration of one of them, on this port; 0 for any. */
export function fedConfig({ storeUrl, redisUrl, keySecret, ...more }: FedShard, instanceId: string, port = 0): Config {
  const options = {
    asterisk: { ...noPbx, amiHost: '127.0.0.1', amiPort: 9, amiUser: 'nobody', amiSecret: 'nothing' },
    withoutAmi: true,
    numbers: [{ id: 'main', number: '4000', queue: 'support', fallback }],
    queues: [{ id: 'support', overflow: fallback }],
    agents: [{ id: 'a1', name: 'Ann', endpoint: 'PJSIP/a1', queues: ['support'] }],
    storeUrl,
    redisUrl,
    cluster: { instanceId },
    ...more,
  };
  return parseConfig(configText(options, keySecret, port, { store: '', template: '' }), '/nowhere.yaml', { env: {} });
}

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };

const system = { clock: systemClock, rng: systemRng, logger: silent };

/** What the instances of this config share, for one of them. Whoever asks for it stops `used`. */
export function sharedByInstances(config: Config) {
  const { cluster } = config;
  if (!cluster) throw labError('start_failed', 'the config names no cluster');
  const place = redisPlace(config, cluster satisfies ClusterConfig);
  return { place, used: new UsedOnceInRedis(place, system), wall: systemWall };
}

export interface FedOwner {
  readonly url: string;
  readonly log: EventLog;
  readonly access: Access;
  /** How many connections to the event stream are open. */
  readonly connections: () => number;
  stop(): Promise<void>;
}

/**
 * The side of an owner that others see, without a PBX: a log that whoever starts it writes to, the relay, the event
 * stream and `/v1/snapshot`. To any other request it answers what it got.
 */
export async function startFedOwner(config: Config): Promise<FedOwner> {
  const signal = new AbortController().signal;
  const { stores, log } = await openLog(config, { ...system, signal }, httpSettings(config.server), createReadiness());
  const shared = sharedByInstances(config);
  const access = composeAccess(config, stores.identity, { ...system, note: () => undefined, shared });
  const relay = new StreamRelay(redisStreamEnd(shared.place, log.epoch, system), silent);
  log.onCommitted((events) => relay.publish(events));
  const snapshots = new Snapshots(
    () => ({ calls: [], agents: [], queues: [] }),
    () => log.lastAssigned,
    systemClock,
  );
  const committed = new CommittedSnapshots(snapshots, log, systemClock);
  const server = createServer((request, response) => void answer(request, response, { access, log, committed }));
  const sockets = attachWebSocket(server, '/v1/events', {
    ...system,
    log,
    stream: new EventStream(log, stores.events),
    store: stores.events,
    authenticate: async (token) => {
      const checked = await access.authenticator.checkFrame(token);
      return checked.ok ? checked.identity : undefined;
    },
    snapshots,
    allowedOrigins: [],
  });
  await new Promise<void>((resolve) => server.listen(config.server.port, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    log,
    access,
    connections: () => sockets.stats().open,
    async stop() {
      access.stop();
      shared.used.stop();
      void sockets.stop();
      server.closeAllConnections();
      server.close();
      relay.stop();
      await log.stop(5_000);
    },
  };
}

interface Answering {
  readonly access: Access;
  readonly log: EventLog;
  readonly committed: CommittedSnapshots;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { access, log, committed }: Answering,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const { method, url = '', headers } = request;
  const say = (status: number, body: object): void => {
    response.writeHead(status, {
      'content-type': 'application/json',
      'x-said-by': 'owner',
      connection: 'x-own, close',
    });
    response.end(JSON.stringify(body));
  };
  if (url === '/v1/silence') return;
  if (url !== '/v1/snapshot') return say(202, { method, url, headers, body: Buffer.concat(chunks).toString() });
  const checked = await access.authenticator.check(headers.authorization);
  if (!checked.ok) return say(401, { error: { code: checked.reason } });
  const { sequence, state } = await committed.take();
  say(200, { epoch: log.epoch, sequence, by: checked.identity.principal.id, ...state });
}
