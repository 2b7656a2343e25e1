import { fileURLToPath } from 'node:url';
import { type Config, type NodeConfig, recordingCare } from '../config/index.ts';
import type { FastAgiServer } from './advice/index.ts';
import { createAmiLink, createDevicePort } from './ami/index.ts';
import { createAriLink, createAriPbx } from './ari/index.ts';
import { FrontDesk, Switchboard } from './bridge/index.ts';
import type { CustomerLookup, DevicePort, PbxPort } from './bridge/ports.ts';
import { type Access, composeAccess, composePhones } from './compose-access.ts';
import { composeAdvice } from './compose-advice.ts';
import { composeAudit, noteStart, signInTrail } from './compose-audit.ts';
import { customerDesk } from './compose-customers.ts';
import { type LinkFigures, readFiguresAtScrape, timed } from './compose-figures.ts';
import { type OpenedLog, openLog } from './compose-log.ts';
import { type Checks, composeChecks, composeLookup } from './compose-lookup.ts';
import { composeRecordings, type Recordings } from './compose-recordings.ts';
import { composeRules, lastAgentRules } from './compose-rules.ts';
import type { Tickets } from './compose-tickets.ts';
import type { Outbound } from './compose-outbound.ts';
import type { ManagedLookup } from './crm/index.ts';
import { asyncApi, attachWebSocket, type EventLog, type EventSockets, EventStream } from './events/index.ts';
import { createHttpServer, type HttpServer, type HttpSettings } from './http/index.ts';
import { type Clock, idMaker, type Logger, type Rng, type Timer } from './kernel/index.ts';
import {
  createMetrics,
  createReadiness,
  countEvent,
  LinkWatch,
  logDecision,
  type Metrics,
  type Readiness,
  type WatchedEvent,
} from './observability/index.ts';
import { reloadCertificate } from './reload.ts';
import type { AuditLog } from './security/index.ts';

/** An agent whose leg ends so soon after the join cannot have spoken to the caller. */
const dropGraceMs = 1_000;
/** Live calls of one server; more are sent to their entry's fallback. */
const callsMax = 20_000;
const healthEveryMs = 500;

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

/** Builds every part from the config, joins them, and starts: the one place where adapters are chosen. */
export async function startServer(config: Config, parts: ServerParts): Promise<Server> {
  const { clock, rng, logger } = parts;
  const metrics = createMetrics();
  const readiness = createReadiness();
  const composed = await composeLookup(config, parts);
  const { lookup } = composed;
  const checks = composeChecks(config, parts);
  const { stores, log } = await openLog(config, parts, httpSettings(config.server), readiness);
  const store = stores.events;
  const audit = composeAudit(config, stores, parts);
  noteStart(audit, config, parts.version);
  const access = composeAccess(config, stores.identity, { clock, logger, note: signInTrail(audit) });
  const phones = composePhones(config, clock);
  const tickets = await openTickets(config, { log, stores }, parts);
  const stream = new EventStream(log, store);
  const recordings = await composeRecordings(config, { log, store: stores.recordings, audit, clock, logger });
  log.onCommitted((events) => {
    for (const event of events) {
      const watched = { type: event.type, data: event.cloudEvent.data } as WatchedEvent;
      countEvent(metrics, watched);
      logDecision(logger, watched);
    }
  });
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
  const board: Switchboard = new Switchboard({
    ...(outbound ? { outbound: outbound.port } : {}),
    tenant: config.tenant,
    ...config.rules,
    lastAgent: lastAgentRules(config),
    recording: recordingCare(config),
    voicemails: config.voicemails,
    transferContexts: new Map(config.pbx.nodes.map((node) => [node.id, node.transferContext])),
    dropGraceMs,
    callsMax,
    pbxs: config.pbx.nodes.map((node) => pbxPort(node, parts, linkFigures)),
    devices: config.pbx.nodes.flatMap((node) => devicePort(node, parts, linkFigures)),
    lookup: cards,
    checks,
    journal: log,
    clock,
    newId,
    logger,
    afterCall: tickets?.afterCall,
    onLinkChange: (change) => links.tell(change),
    onKeptRules: (kept) => rules.resume(kept),
    ...timed(metrics, parts.stopwatch),
  });
  const frontDoor = new FrontDesk(board, clock, config.control, config);
  const { advice, fastAgi } = composeAdvice(config, board, cards, parts);
  const rules = composeRules(config, { board, log, audit, env: parts.env, clock, logger });
  let sockets: EventSockets | undefined;
  const http = await createHttpServer({
    settings: httpSettings(config.server),
    frontDoor,
    customers: customerDesk(withCards(lookup, tickets), config.tenant, clock, newId),
    ...(recordings ? { recordings: recordings.door } : {}),
    advice,
    rules: rules.door,
    outbound: outbound?.front,
    authenticator: access.authenticator,
    signIn: access.signIn,
    audit,
    sealPhone: phones.seal,
    tickets: tickets?.door,
    readiness,
    metrics,
    clock,
    logger,
    asyncApi: () => asyncApi(parts.version),
    version: parts.version,
    pageFolder: fileURLToPath(new URL('../dist/desktop', import.meta.url)),
    attachUpgrade: (server) => {
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
        snapshot: () => frontDoor.snapshot(),
        sealPhone: phones.seal,
        allowedOrigins: config.server.trustedOrigins,
      });
    },
  });
  const health = watchHealth({ log, lookup, tickets, readiness, clock });
  const adapters = config.crm.adapters.map(({ id }) => id);
  readFiguresAtScrape(metrics, { board, log, sockets, lookup, adapters, links: linkFigures, versions: rules.figures });
  lookup.start();
  await http.listen();
  const fastAgiPort = await fastAgi?.listen();
  const url = http.address() ?? '';
  logger.info({ url, fastAgiPort, nodes: config.pbx.nodes.length, agents: config.agents.length }, 'listening');
  await board.start();
  outbound?.start();
  await tickets?.start(board);
  recordings?.start();
  return {
    url,
    reload: () => {
      reloadCertificate(http, audit, logger);
      rules.door.reload('server');
    },
    stop: () =>
      stopServer(
        {
          board,
          outbound,
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
        },
        config.server.drainMs,
      ),
  };
}

/** The general allowance is two plain settings in the file; the others have their own section. */
function httpSettings({
  requestsPerSecond: perSecond,
  requestBurst: burst,
  rates,
  ...server
}: Config['server']): HttpSettings {
  return { ...server, rates: { ...rates, default: { perSecond, burst } } };
}

/** What the API finds shows our open tickets as a card does. */
function withCards(lookup: ManagedLookup, tickets: Tickets | undefined): Pick<ManagedLookup, 'lookup' | 'invalidate'> {
  if (!tickets) return lookup;
  const cards = tickets.onCards(lookup);
  return {
    lookup: (...asked) => cards.lookup(...asked),
    invalidate: (...news) => lookup.invalidate(...news),
  };
}

/** The ticket office is loaded where there is one only. */
async function openTickets(config: Config, kept: OpenedLog, parts: ServerParts): Promise<Tickets | undefined> {
  if (!config.tickets) return undefined;
  const { composeTickets } = await import('./compose-tickets.ts');
  return composeTickets(config, config.tickets, kept, parts);
}

function pbxPort({ id, ari }: NodeConfig, { clock, rng, logger }: ServerParts, figures: LinkFigures[]): PbxPort {
  const link = createAriLink(
    {
      nodeId: id,
      url: ari.url,
      app: ari.application,
      username: ari.user,
      password: ari.password.reveal(),
      driver: ari.driver,
      transport: ari.transport,
    },
    { clock, rng, log: logger },
  );
  figures.push({ node: id, link: 'ari', refused: () => link.stats().framesRefused });
  return createAriPbx(link, { requestDeadlineMs: ari.deadlineMs }, { clock, rng, log: logger });
}

function devicePort(
  { id, ami }: NodeConfig,
  { clock, rng, logger }: ServerParts,
  figures: LinkFigures[],
): DevicePort[] {
  if (!ami) return [];
  const link = createAmiLink(
    {
      nodeId: id,
      host: ami.host,
      port: ami.port,
      username: ami.user,
      secret: ami.secret.reveal(),
      driver: ami.driver,
      limits: { actionTimeoutMs: ami.deadlineMs },
      ...(ami.tls ? { tls: {} } : {}),
    },
    { clock, rng, log: logger },
  );
  figures.push({ node: id, link: 'ami', refused: () => link.stats().refusedMessages });
  return [createDevicePort(link, { clock, log: logger })];
}

/** The lookup with its time measured until the caller could go on. */
function timedLookup(lookup: ManagedLookup, metrics: Metrics, stopwatch: () => () => number): CustomerLookup {
  return {
    lookup(request, settle, late) {
      const elapsed = stopwatch();
      lookup.lookup(
        request,
        (result) => {
          metrics.lookup.observe({ status: result.status }, elapsed());
          settle(result);
        },
        late,
      );
    },
  };
}

interface Watched {
  readonly log: EventLog;
  readonly lookup: ManagedLookup;
  readonly tickets: Tickets | undefined;
  readonly readiness: Readiness;
  readonly clock: Clock;
}

/** Failures in a row after which a ticket desk counts as down. */
const deskFailuresMax = 3;

/** Looks twice a second at what does not report by itself. */
function watchHealth({ log, lookup, tickets, readiness, clock }: Watched): Timer {
  const store = readiness.declare('store');
  const crm = readiness.declare('crm', { optional: true });
  const redis = readiness.declare('redis', { optional: true });
  const desks = [...(tickets?.deskFailures().keys() ?? [])].map(
    (id) => [id, readiness.declare(`tickets:${id}`, { optional: true })] as const,
  );
  let timer: Timer;
  const look = (): void => {
    const { state, code, buffered } = log.health();
    if (state === 'up') store.up();
    else store.down(code ?? 'events.losing', `${buffered} waiting`);
    const health = lookup.health();
    if (health.redis === 'down') redis.down('lookup.redis_down');
    else redis.up(health.redis);
    if (health.breaker === 'closed') crm.up();
    else crm.down('lookup.breaker_open');
    const failures = tickets?.deskFailures();
    for (const [id, desk] of desks) {
      if ((failures?.get(id) ?? 0) < deskFailuresMax) desk.up();
      else desk.down('tickets.desk_down');
    }
    timer = clock.after(healthEveryMs, look);
  };
  look();
  return { cancel: () => timer.cancel() };
}

interface Running extends Pick<Watched, 'log' | 'lookup' | 'clock'> {
  readonly recordings: Recordings | undefined;
  readonly checks: Checks | undefined;
  readonly board: Switchboard;
  readonly outbound: Outbound | undefined;
  readonly http: HttpServer;
  readonly fastAgi: FastAgiServer | undefined;
  readonly tickets: Tickets | undefined;
  readonly sockets: EventSockets | undefined;
  readonly health: Timer;
  readonly access: Access;
  readonly audit: AuditLog;
}

/** Sends waiting callers on, closes the doors, and writes what is left; bounded by `drainMs`. */
async function stopServer(running: Running, drainMs: number): Promise<void> {
  const {
    board,
    outbound,
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
  } = running;
  access.stop();
  outbound?.stop();
  board.drain();
  const endsAtMs = clock.nowMs() + drainMs;
  await withDeadline(board.settled(), drainMs / 2, clock);
  health.cancel();
  await withDeadline(Promise.all([board.stop(), recordings?.stop()]), 1_000, clock);
  // Before the log, which takes down what its desks have answered by then.
  if (tickets) await withDeadline(tickets.stop(), 1_000, clock);
  await audit.stop(1_000);
  await log.stop(Math.max(100, endsAtMs - clock.nowMs() - 1_000));
  await withDeadline(
    Promise.allSettled([sockets?.stop(), http.close(), fastAgi?.close(), lookup.stop(), checks?.stop()]),
    1_000,
    clock,
  );
}

async function withDeadline(work: Promise<unknown>, deadlineMs: number, clock: Clock): Promise<void> {
  await new Promise<void>((done) => {
    const timer = clock.after(deadlineMs, done);
    void work.finally(() => {
      timer.cancel();
      done();
    });
  });
}
