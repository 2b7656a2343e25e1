import { type Config, recordingCare } from '../config/index.ts';
import type { FastAgiServer } from './advice/index.ts';
import { FrontDesk, Switchboard } from './bridge/index.ts';
import type { PbxPort } from './bridge/ports.ts';
import type { EventRelay } from './cluster/ports.ts';
import { composeAccess, composePhones, type SharedAccess } from './compose-access.ts';
import { composeAdvice } from './compose-advice.ts';
import { composeAudit, noteStart, signInTrail } from './compose-audit.ts';
import { timedLookup, withCards } from './compose-cards.ts';
import { customerDesk } from './compose-customers.ts';
import { buildClosedApi, type ClosedApi } from './compose-http.ts';
import { type LinkFigures, readFiguresAtScrape, timed } from './compose-figures.ts';
import { watchHealth } from './compose-health.ts';
import { amiLink, devicePort, pbxPort } from './compose-links.ts';
import { type LogOwnership, type OpenedLog, openLog } from './compose-log.ts';
import { Checks } from './compose-checks.ts';
import { composeLookup } from './compose-lookup.ts';
import { Recordings } from './compose-recordings.ts';
import { composeRules, lastAgentRules } from './compose-rules.ts';
import { abandonServer, handOverServer, leaveServer, type Running, stopServer } from './compose-stop.ts';
import type { Tickets } from './compose-tickets.ts';
import {
  attachWebSocket,
  type EventLog,
  type EventSockets,
  EventStream,
  Snapshots,
  CommittedSnapshots,
} from './events/index.ts';

import type { HttpServer } from './http/index.ts';
import { type Clock, idMaker, type Logger, type Rng } from './kernel/index.ts';
import { countEvent, LinkWatch, logDecision, type Metrics, type WatchedEvent } from './observability/index.ts';
import { httpSettings } from './http-settings.ts';
import { reloadCertificate } from './reload.ts';

/** An agent whose leg ends so soon after the join cannot have spoken to the caller. */
const dropGraceMs = 1_000;
/** Live calls of one server; more are sent to their entry's fallback. */
const callsMax = 20_000;

export interface ServerParts {
  readonly clock: Clock;
  readonly rng: Rng;
  /** Starts to measure; the function given back tells the seconds since. */
  readonly stopwatch: () => () => number;
  readonly logger: Logger;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  /** Ends the waiting for a store that is away at the start. */
  readonly signal: AbortSignal;
  /** Set where the server is one of several instances, the one that owns the calls. */
  readonly ownership?: ServerOwnership;
  /** Told of the metrics, for figures that outlive a server. */
  readonly onMetrics?: (metrics: Metrics) => void;
  /** The API, where it was built ahead. */
  readonly api?: Promise<ClosedApi> | undefined;
}

/** What binds the server of an owner to its term. */
export interface ServerOwnership extends LogOwnership {
  /** Makes call control fall silent when the term is over. */
  readonly guard: (port: PbxPort) => PbxPort;
  /** Whether we may go to a PBX, which was heard of last then, under our name now. */
  readonly mayConnect: (heardAtMs: number) => boolean;
  /** Whether the term is over, or may be. */
  readonly isOver: () => boolean;
  /** A PBX gave our application name to another server. */
  readonly onReplaced: () => void;
  /** Frees the port, where a standby's server listens until now. */
  readonly beforeListen: () => Promise<void>;
  /** Opens what tells the other instances of events. */
  readonly openRelay: (epoch: string, metrics: Metrics) => EventRelay;
  readonly shared: SharedAccess;
}

/** A running server. */
export interface Server {
  /** Where the API listens. */
  readonly url: string;
  /** Ends within `drainMs`: no new calls, waiting ones to their fallback, talking ones left joined, events written. */
  stop(): Promise<void>;
  /** Reads the TLS certificate and the rules anew; what comes of it is told to the log and the audit log. */
  reload(): void;
}

/** A server that can give its calls to another instance. */
export interface OwnerServer extends Server {
  /** Writes down what is known, within the deadline; nothing is said to the PBX, nothing more is taken. */
  handOver(deadlineMs: number): Promise<void>;
  /** After `handOver`: closes the doors, and the links to the PBX when the next owner was seen there. */
  leave(nextIsThere: Promise<unknown>): Promise<void>;
  /** Lets go of everything at once: another instance owns the calls. */
  abandon(): Promise<void>;
}

/** The log is closed by then when a server cannot be built. */
const closeMs = 500;

/** Builds every part from the config, joins them, and starts; lets go of everything when that fails. */
export async function startServer(config: Config, parts: ServerParts): Promise<OwnerServer> {
  // Until all is joined; from then on whoever stops the server ends its parts.
  await using opened = new AsyncDisposableStack();
  return await buildServer(config, parts, opened);
}

/** The one place where adapters are chosen. */
async function buildServer(config: Config, parts: ServerParts, opened: AsyncDisposableStack): Promise<OwnerServer> {
  const { clock, rng, logger, ownership } = parts;
  const api = await closedApi(config, parts);
  const { metrics, readiness } = api;
  const composed = await composeLookup(config, parts);
  const { lookup } = composed;
  opened.defer(() => lookup.stop());
  const checks = new Checks(config, parts);
  opened.defer(() => checks.stop());
  const { stores, log } = await openLog(config, parts, httpSettings(config.server), readiness);
  opened.defer(async () => void (await log.stop(closeMs)));
  const store = stores.events;
  const audit = composeAudit(config, stores, parts);
  noteStart(audit, config, parts.version);
  const access = composeAccess(config, stores.identity, {
    clock,
    logger,
    note: signInTrail(audit),
    shared: ownership?.shared,
  });
  const phones = composePhones(config, clock);
  const tickets = await openTickets(config, { log, stores }, parts);
  const stream = new EventStream(log, store);
  const snapshots = new Snapshots(
    () => frontDoor.snapshot(),
    () => log.lastAssigned,
    clock,
  );
  const recordings = new Recordings(config, { log, store: stores.recordings, audit, clock, logger });
  log.onCommitted((events) => {
    for (const event of events) {
      const watched = { type: event.type, data: event.cloudEvent.data } as WatchedEvent;
      countEvent(metrics, watched);
      logDecision(logger, watched);
    }
  });
  const relay = relayOf(log, metrics, ownership);
  opened.defer(() => relay?.stop());
  const links = new LinkWatch({ nodes: config.pbx.nodes, readiness, metrics, logger });
  const linkFigures: LinkFigures[] = [];
  const newId = idMaker(clock, rng);
  const outbound =
    config.outbound.routes.length > 0
      ? // Loaded where it is used: a site that only answers calls does not pay for it.
        await (await import('./compose-outbound.ts')).composeOutbound(config, {
          ...composed,
          openToken: phones.open,
          board: () => board,
          log,
          jobs: stores.jobs,
          doNotCall: stores.doNotCall,
          clock,
          logger,
          newId,
        })
      : undefined;
  await outbound?.load();
  const asked = timedLookup(lookup, metrics, parts.stopwatch);
  const cards = tickets?.onCards(asked) ?? asked;
  const amiLinks = config.pbx.nodes.flatMap((node) => amiLink(node, parts, linkFigures));
  const mirror = config.mirror
    ? (await import('./compose-mirror.ts')).composeMirror(config, config.mirror, {
        links: amiLinks,
        lookup: cards,
        journal: log,
        board: () => board,
        clock,
        newId,
        logger,
      })
    : undefined;
  const board: Switchboard = new Switchboard({
    ...(outbound ? { outbound: outbound.port } : {}),
    tenant: config.tenant,
    ...config.rules,
    lastAgent: lastAgentRules(config),
    recording: recordingCare(config),
    transferContexts: new Map(config.pbx.nodes.map((node) => [node.id, node.transferContext])),
    dropGraceMs,
    callsMax,
    pbxs: config.pbx.nodes.map((node) => guarded(pbxPort(node, parts, linkFigures, ownership?.mayConnect), ownership)),
    devices: amiLinks.map((link) => devicePort(link, parts)),
    lookup: cards,
    checks,
    journal: mirror?.watching(log) ?? log,
    clock,
    newId,
    logger,
    afterCall: tickets?.afterCall,
    onLinkChange: (change) => {
      links.tell(change);
      if (change.state === 'replaced') ownership?.onReplaced();
    },
    onKeptRules: (kept) => rules.resume(kept),
    ...timed(metrics, parts.stopwatch),
  });
  const frontDoor = new FrontDesk(board, clock, config.control, config, mirror);
  const { advice, fastAgi } = composeAdvice(config, board, cards, parts);
  const rules = composeRules(config, {
    board,
    log,
    audit,
    env: parts.env,
    clock,
    logger,
    checks,
    onAgents: () => mirror?.remap(),
    onRules: (set) => recordings.want(set),
    onSchedules: (schedules) => outbound?.useSchedules(schedules),
  });
  const committed = new CommittedSnapshots(snapshots, log, clock);
  let sockets: EventSockets | undefined;
  const http = api.open(
    {
      frontDoor,
      state: { epoch: log.epoch, take: () => committed.take() },
      customers: customerDesk(withCards(lookup, tickets), config.tenant, clock, newId),
      recordings: recordings.door,
      consumers: store,
      advice,
      rules: rules.door,
      outbound: outbound?.front,
      authenticator: access.authenticator,
      signIn: access.signIn,
      audit,
      sealPhone: phones.seal,
      tickets: tickets?.door,
    },
    (server) => {
      sockets = attachWebSocket(server, '/v1/events', {
        log,
        stream,
        store,
        clock,
        logger,
        authenticate: async (token) => {
          const checked = await access.authenticator.checkFrame(token);
          return checked.ok ? checked.identity : undefined;
        },
        watch: access.authenticator.watch,
        queuesOf: (agentId) => board.desk.engine.agent(agentId)?.profile.queues ?? [],
        snapshots,
        sealPhone: phones.seal,
        allowedOrigins: config.server.trustedOrigins,
      });
    },
    ownership?.isOver,
  );
  const health = watchHealth({
    log,
    lookup,
    tickets,
    readiness,
    metrics,
    clock,
    logger,
    loopAlarmMs: config.server.loopAlarmMs,
  });
  const adapters = config.crm.adapters.map(({ id }) => id);
  readFiguresAtScrape(metrics, {
    board,
    log,
    sockets,
    lookup,
    adapters,
    links: linkFigures,
    versions: rules.figures,
    mirror,
  });
  const running: Running = {
    board,
    outbound,
    mirror,
    http,
    fastAgi,
    sockets,
    recordings,
    log,
    lookup,
    checks,
    tickets,
    health,
    access,
    audit,
    clock,
    relay,
  };
  opened.move();
  const start = async (): Promise<string> => {
    lookup.start();
    const listening = openDoors(http, fastAgi, config, parts);
    // Awaited below, whatever comes of it.
    listening.catch(() => undefined);
    // Who takes over goes to the calls first: a standby's readers may take half a second to leave the port.
    if (!ownership) await listening;
    await mirror?.start();
    await board.start();
    const url = await listening;
    outbound?.start();
    await tickets?.start(board);
    recordings.start();
    return url;
  };
  const url = await start().catch(async (error: unknown) => {
    // One of several instances lives on, and stands by again.
    await abandonServer(running);
    throw error;
  });
  return {
    url,
    handOver: (deadlineMs) => handOverServer(running, deadlineMs),
    leave: (nextIsThere) => leaveServer(running, nextIsThere),
    abandon: () => abandonServer(running),
    reload: () => {
      reloadCertificate(http, audit, logger);
      rules.door.reload('server');
    },
    stop: () => {
      readiness.declare('server').down('server.draining');
      return stopServer(running, config.server.drainMs);
    },
  };
}

/** Listens, where a standby has left the port; gives the API's address. */
async function openDoors(
  http: HttpServer,
  fastAgi: FastAgiServer | undefined,
  { pbx, agents }: Config,
  { logger, ownership }: ServerParts,
): Promise<string> {
  await ownership?.beforeListen();
  await http.listen();
  const fastAgiPort = await fastAgi?.listen();
  const url = http.address() ?? '';
  logger.info({ url, fastAgiPort, nodes: pbx.nodes.length, agents: agents.length }, 'listening');
  return url;
}

async function closedApi(config: Config, parts: ServerParts): Promise<ClosedApi> {
  const api = await (parts.api ?? buildClosedApi(config, parts));
  parts.onMetrics?.(api.metrics);
  if (parts.ownership) api.readiness.declare('cluster').up('owner');
  return api;
}

function relayOf(log: EventLog, metrics: Metrics, ownership: ServerOwnership | undefined): EventRelay | undefined {
  const relay = ownership?.openRelay(log.epoch, metrics);
  if (relay) log.onCommitted((events) => relay.publish(events));
  return relay;
}

const guarded = (port: PbxPort, ownership: ServerOwnership | undefined): PbxPort =>
  ownership ? ownership.guard(port) : port;

/** The ticket office is loaded where there is one only. */
async function openTickets(config: Config, kept: OpenedLog, parts: ServerParts): Promise<Tickets | undefined> {
  if (!config.tickets) return undefined;
  const { composeTickets } = await import('./compose-tickets.ts');
  return composeTickets(config, config.tickets, kept, parts);
}
