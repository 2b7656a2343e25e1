import type { Config } from '../config/index.ts';
import {
  guardedPbx,
  Leader,
  type OwnerSeat,
  RedisLease,
  type RedisPlace,
  redisStreamEnd,
  type Seats,
  StreamRelay,
  type Term,
  UsedOnceInRedis,
} from './cluster/index.ts';
import type { EventRelay } from './cluster/ports.ts';
import { type ClusterConfig, redisPlace } from './cluster-place.ts';
import { type OwnerServer, type Server, type ServerParts, startServer } from './compose.ts';
import type { SharedAccess } from './compose-access.ts';
import { buildClosedApi, type ClosedApi } from './compose-http.ts';
import { pause, storeRestMs } from './compose-log.ts';
import { startStandby } from './compose-standby.ts';
import { assert, errorText, systemWall, uuidv7 } from './kernel/index.ts';
import { type Metrics, setTotals } from './observability/index.ts';
import { rulesNow } from './rules-now.ts';
import { createStores, type Stores } from './storage/index.ts';
import { storeUrl } from './store-url.ts';

/** An instance of several: a server while it owns the calls, a front for their owner while it does not. */
export interface Instance extends Pick<Server, 'reload'> {
  /** Gives the calls to another instance when one stands by; ends as a server that runs alone does when none does. */
  stop(): Promise<void>;
  /** Rejects when the server of an owner could not be started. */
  readonly failed: Promise<never>;
}

/** One question about the shard at a time, and one spare. */
const shardConnectionsMax = 2;

/** Starts as a standby; whether it becomes the owner is decided with the other instances. */
export async function startInstance(config: Config, cluster: ClusterConfig, parts: ServerParts): Promise<Instance> {
  const { clock, rng, logger } = parts;
  const { instanceId, leaseMs, pollMs, deadlineMs } = cluster;
  const place = redisPlace(config, cluster);
  const stores = await openShards(config, cluster, parts);
  const lease = new RedisLease({ ...place, instanceId, leaseMs, pollMs, deadlineMs }, { clock, rng, logger });
  let server: Server | undefined;
  const used = new UsedOnceInRedis(place, parts);
  const figures = new ClusterFigures();
  const counted = { ...parts, onMetrics: (metrics: Metrics) => figures.readBy(metrics) };
  const seats = seatsOf(config, counted, { used, wall: systemWall }, (shown) => {
    server = shown;
  });
  const options = { ...cluster, life: uuidv7(clock.nowMs(), rng) };
  const leader = new Leader(options, {
    lease,
    shards: stores.shards,
    seats,
    clock,
    logger,
    onRole: (role) => figures.become(role),
    onLost: (reason) => figures.lost(reason),
  });
  await leader.start();
  return {
    failed: leader.failed,
    reload: () => server?.reload(),
    async stop() {
      leader.stop();
      try {
        // What was under way may fail in between, and nothing comes after that.
        await Promise.race([leader.ended, leader.failed]);
      } finally {
        used.stop();
        await stores.release();
      }
    },
  };
}

/** What this process has been through; each server that it shows has metrics of its own. */
class ClusterFigures {
  private isOwner = false;
  private takeOvers = 0;
  private readonly stepDowns = new Map<string, number>();

  become(role: string): void {
    if (role === 'owner') this.takeOvers += 1;
    this.isOwner = role === 'owner' || role === 'leaving';
  }

  lost(reason: string): void {
    this.stepDowns.set(reason, (this.stepDowns.get(reason) ?? 0) + 1);
  }

  readBy(metrics: Metrics): void {
    metrics.beforeScrape(() => {
      metrics.owner.set(this.isOwner ? 1 : 0);
      setTotals(metrics.takeOvers, [[{}, this.takeOvers]]);
      setTotals(
        metrics.stepDowns,
        [...this.stepDowns].map(([reason, count]) => [{ reason }, count] as const),
      );
    });
  }
}

/**
 * The table of shards, and the whole schema: brought up to date while the version before may still serve. A store that
 * is away is tried again for ever; rejects when the signal ends that.
 */
async function openShards(config: Config, { deadlineMs }: ClusterConfig, parts: ServerParts): Promise<Stores> {
  const stores = createStores(
    {
      url: storeUrl(config),
      connectionsMax: shardConnectionsMax,
      connectTimeoutMs: deadlineMs * 4,
      // As long as anybody waits for the answer: what hangs on a lock would keep the connection from the next question.
      lockWaitMs: deadlineMs * 2,
      statementTimeoutMs: config.store.deadlineMs,
    },
    parts,
  );
  for (let tries = 0; ; tries += 1) {
    try {
      await stores.prepare();
      return stores;
    } catch (error) {
      if (parts.signal.aborted) throw error;
      const retryMs = storeRestMs(tries);
      parts.logger.error({ error: errorText(error), retryMs }, 'the store is away; trying again');
      await pause(retryMs, parts.signal, parts.clock);
    }
  }
}

function seatsOf(
  config: Config,
  parts: ServerParts,
  shared: SharedAccess,
  show: (server: Server | undefined) => void,
): Seats {
  let api: Promise<ClosedApi> | undefined;
  const configNow = rulesNow(config, parts);
  return {
    standBy: async (owner) => {
      const standby = await startStandby(config, parts, owner, shared);
      show(standby);
      // Built now, for there is no time when the shard is taken over.
      api = buildClosedApi(config, parts);
      api.catch(() => undefined);
      await loadAhead(config);
      return { abandon: () => standby.stop() };
    },
    own: async (term, leave) => {
      const server = await startServer(configNow(), {
        ...parts,
        api,
        ...ownershipOf(config, parts, { term, leave, shared }),
      });
      show(server);
      return ownerSeat(server, term);
    },
  };
}

/** The parts of the server that only some sites need, which it loads when it starts. */
async function loadAhead(config: Config): Promise<void> {
  if (config.outbound.routes.length > 0) await import('./compose-outbound.ts');
  if (config.tickets) await import('./compose-tickets.ts');
}

function ownershipOf(
  config: Config,
  parts: ServerParts,
  { term, leave, shared }: { readonly term: Term; readonly leave: () => Promise<void>; readonly shared: SharedAccess },
): Pick<ServerParts, 'signal' | 'ownership'> {
  const { cluster } = config;
  assert(cluster !== undefined, 'an owner is one of several instances');
  const place = redisPlace(config, cluster);
  const { authority, token } = term;
  const { shard, leaseMs } = cluster;
  return {
    signal: term.signal,
    ownership: {
      // Whoever waits for the lease to run out then finds the row free.
      fence: { shard, token, silenceMs: leaseMs },
      guard: (port) => guardedPbx(port, authority),
      mayConnect: (heardAtMs) => authority.mayConnect(heardAtMs),
      isOver: () => !authority.stands(),
      onFenced: () => term.onFenced(),
      onReplaced: () => term.onReplaced(),
      beforeListen: leave,
      openRelay: (epoch, metrics) => openRelay(place, epoch, parts, metrics),
      shared,
    },
  };
}

function ownerSeat(server: OwnerServer, term: Term): OwnerSeat {
  return {
    abandon: () => server.abandon(),
    drain: () => server.stop(),
    handOver: (deadlineMs) => {
      term.authority.close();
      return server.handOver(deadlineMs);
    },
    linger: (deadlineMs) => server.leave(term.replaced(deadlineMs)),
  };
}

/** Tells the other instances of what is committed, and counts it. */
function openRelay(place: RedisPlace, epoch: string, parts: ServerParts, metrics: Metrics): EventRelay {
  const relay = new StreamRelay(redisStreamEnd(place, epoch, parts), parts.logger);
  metrics.beforeScrape(() => {
    const totals = Object.entries(relay.figures()).map(([outcome, count]) => [{ outcome }, count] as const);
    setTotals(metrics.relayedEvents, totals);
  });
  return relay;
}
