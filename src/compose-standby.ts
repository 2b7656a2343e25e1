import { fileURLToPath } from 'node:url';
import type { Config } from '../config/index.ts';
import { OwnerClient } from './cluster/index.ts';
import type { OwnershipView } from './cluster/ports.ts';
import { redisPlace } from './cluster-place.ts';
import type { Server, ServerParts } from './compose.ts';
import { composeAccess, composePhones, type SharedAccess } from './compose-access.ts';
import { readSocketFigures } from './compose-figures.ts';
import { StandbyEvents } from './compose-standby-events.ts';
import { withDeadline } from './compose-stop.ts';
import { createStandbyServer } from './http/index.ts';
import { httpSettings } from './http-settings.ts';
import { assert, type Clock, type Timer } from './kernel/index.ts';
import { createMetrics, createReadiness, type Metrics, type Readiness, setTotals } from './observability/index.ts';
import { createStores } from './storage/index.ts';
import { storeUrl } from './store-url.ts';

const healthEveryMs = 100;
/** Whoever becomes owner waits for this before it takes the port; readers who do not say goodbye by then are left behind. */
const stopMs = 150;

/**
 * The server of an instance that does not own its shard. It answers for its own health, shows the live page, serves the
 * event stream from what the owner writes, and hands everything else on to the owner. Rejects when the address is taken.
 */
export async function startStandby(
  config: Config,
  parts: ServerParts,
  owner: OwnershipView,
  shared: SharedAccess,
): Promise<Server> {
  const { cluster } = config;
  assert(cluster !== undefined, 'only one of several instances stands by');
  const { instanceId } = cluster;
  const place = redisPlace(config, cluster);
  const { clock, rng, logger } = parts;
  const metrics = createMetrics();
  parts.onMetrics?.(metrics);
  const readiness = createReadiness();
  const storeOptions = { url: storeUrl(config), statementTimeoutMs: config.store.deadlineMs };
  const stores = createStores(storeOptions, { clock, rng, logger });
  const access = composeAccess(config, stores.identity, { clock, logger, note: () => undefined, shared });
  const client = new OwnerClient({ instanceId, owner, clock });
  // Tokens of a secret that nobody else has would open nowhere.
  const sealPhone = config.auth.phoneTokenSecret && composePhones(config, clock).seal;
  const events = new StandbyEvents(config, {
    stores,
    access,
    place,
    instanceId,
    client,
    sealPhone,
    clock,
    rng,
    logger,
  });
  const http = await createStandbyServer({
    settings: httpSettings(config.server),
    authenticator: access.authenticator,
    readiness,
    metrics,
    clock,
    logger,
    pageFolder: fileURLToPath(new URL('../dist/desktop', import.meta.url)),
    attachUpgrade: (server) => events.attach(server, '/v1/events'),
    forward: (request, gone) => client.forward(request, gone),
  });
  readStandbyFigures(metrics, events, client);
  const health = watchStandby({ events, owner, readiness, clock });
  await http.listen();
  void events.begin();
  const url = http.address() ?? '';
  logger.info({ url, instanceId, owner: owner.current()?.instanceId }, 'standing by');
  return {
    url,
    reload: () => void http.reloadCertificate(),
    async stop() {
      health.cancel();
      access.stop();
      await withDeadline(Promise.allSettled([client.stop(), events.stop(), http.close()]), stopMs, clock);
      await withDeadline(stores.release(), stopMs, clock);
    },
  };
}

interface Watched {
  readonly events: StandbyEvents;
  readonly owner: OwnershipView;
  readonly readiness: Readiness;
  readonly clock: Clock;
}

/** Looks ten times a second at what does not report by itself. */
function watchStandby({ events, owner, readiness, clock }: Watched): Timer {
  readiness.declare('cluster').up('standby');
  const store = readiness.declare('store');
  const redis = readiness.declare('redis', { optional: true });
  const snapshot = readiness.declare('snapshot', { optional: true });
  const ownership = readiness.declare('owner');
  let timer: Timer;
  const look = (): void => {
    const { feed, code, snapshotCode } = events.health();
    if (code === undefined) store.up();
    else store.down(code);
    if (feed === 'up') redis.up();
    else redis.down('cluster.feed_down');
    if (snapshotCode === undefined) snapshot.up();
    else snapshot.down(snapshotCode);
    const known = owner.current();
    if (known) ownership.up(known.instanceId);
    else ownership.down('cluster.no_owner');
    timer = clock.after(healthEveryMs, look);
  };
  look();
  return { cancel: () => timer.cancel() };
}

function readStandbyFigures(metrics: Metrics, events: StandbyEvents, client: OwnerClient): void {
  metrics.beforeScrape(() => {
    const { fromFeed = 0, fromStore = 0, holes = 0, lag = 0, sockets } = events.figures();
    metrics.followerLag.set(lag);
    setTotals(metrics.followedEvents, [
      [{ source: 'stream' }, fromFeed],
      [{ source: 'store' }, fromStore],
    ]);
    setTotals(metrics.followerHoles, [[{}, holes]]);
    const forwarded = Object.entries(client.figures()).map(([outcome, count]) => [{ outcome }, count] as const);
    setTotals(metrics.forwarded, forwarded);
    if (sockets) readSocketFigures(metrics, sockets.stats());
  });
}
