import type { IncomingMessage, Server as HttpListener } from 'node:http';
import type { Config } from '../config/index.ts';
import { FollowedLog, type OwnerClient, OwnerSnapshots, RedisFeed, type RedisPlace } from './cluster/index.ts';
import type { Access } from './compose-access.ts';
import { EventSockets, EventStream, refuseUpgrade } from './events/index.ts';
import { AppError, type Clock, type Logger, type Rng, type Timer } from './kernel/index.ts';
import type { Seal } from './security/index.ts';
import type { Stores } from './storage/index.ts';

const openRetryMs = 500;

interface StandbyEventParts {
  readonly stores: Pick<Stores, 'events' | 'followed'>;
  readonly access: Access;
  readonly place: RedisPlace;
  readonly instanceId: string;
  readonly client: OwnerClient;
  readonly sealPhone: Seal | undefined;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
}

interface Serving {
  readonly log: FollowedLog;
  readonly sockets: EventSockets;
  readonly snapshots: OwnerSnapshots;
}

/** The event stream of an instance that stands by: the owner's events under the owner's epoch and sequences. */
export class StandbyEvents {
  private readonly config: Pick<Config, 'agents' | 'server'>;
  private readonly parts: StandbyEventParts;
  private serving: Serving | undefined;
  private timer: Timer | undefined;
  private stopped = false;
  private code = 'cluster.no_owner';

  constructor(config: Pick<Config, 'agents' | 'server'>, parts: StandbyEventParts) {
    this.config = config;
    this.parts = parts;
  }

  /** Takes over the WebSocket of this path; before there is a log to follow, clients are to come back later. */
  attach(server: HttpListener, path: string): void {
    server.on('upgrade', (request: IncomingMessage, socket, head) => {
      const [requested] = (request.url ?? '').split('?', 1);
      if (requested !== path) refuseUpgrade(socket, '404 Not Found');
      else if (this.serving) this.serving.sockets.handleUpgrade(request, socket, head);
      else refuseUpgrade(socket, '503 Service Unavailable');
    });
  }

  /** Begins to follow the log, now or as soon as the store has one. */
  async begin(): Promise<void> {
    const { stores, place, clock, rng, logger } = this.parts;
    try {
      const feed = (epoch: string): RedisFeed => new RedisFeed(place, epoch, { clock, rng, logger });
      const log = await FollowedLog.open({ store: stores.followed, clock, logger, feed }, () => this.beginAnew());
      if (log && !this.stopped) return this.serve(log);
      log?.stop();
      this.code = 'cluster.no_owner';
    } catch (error) {
      this.code = error instanceof AppError ? error.code : 'storage.unavailable';
    }
    if (!this.stopped) this.timer = clock.after(openRetryMs, () => void this.begin());
  }

  /** `code` while nothing can be read, `snapshotCode` when the owner did not give its state to whoever asked last. */
  health(): { readonly feed: 'up' | 'down'; readonly code?: string; readonly snapshotCode?: string | undefined } {
    const { serving } = this;
    if (!serving) return { feed: 'down', code: this.code };
    return { ...serving.log.health(), snapshotCode: serving.snapshots.failureCode };
  }

  figures() {
    return { ...this.serving?.log.figures(), sockets: this.serving?.sockets };
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.timer?.cancel();
    const { serving } = this;
    this.serving = undefined;
    serving?.log.stop();
    await serving?.sockets.stop();
  }

  private serve(log: FollowedLog): void {
    const { stores, access, instanceId, client, sealPhone, clock, logger } = this.parts;
    const { authenticator, passes } = access;
    const queues = new Map(this.config.agents.map((agent) => [agent.id, agent.queues]));
    const snapshots = new OwnerSnapshots(client, log.epoch, () => passes.issue(instanceId), clock);
    const sockets = new EventSockets({
      log,
      stream: new EventStream(log, stores.events),
      store: stores.events,
      clock,
      logger,
      authenticate: async (token) => {
        const checked = await authenticator.checkFrame(token);
        return checked.ok ? checked.identity : undefined;
      },
      watch: authenticator.watch,
      queuesOf: (agentId) => queues.get(agentId) ?? [],
      snapshots,
      ...(sealPhone ? { sealPhone } : {}),
      allowedOrigins: this.config.server.trustedOrigins,
    });
    this.serving = { log, sockets, snapshots };
    logger.info({ sequence: log.lastCommitted }, 'the log of the owner is followed');
  }

  /** The log is another one, or no longer reaches back to us: readers come back and are told `recovered: false`. */
  private beginAnew(): void {
    const { serving } = this;
    this.serving = undefined;
    void serving?.sockets.stop();
    if (!this.stopped) void this.begin();
  }
}
