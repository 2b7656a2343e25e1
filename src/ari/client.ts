import { type Clock, type ErrorSpec, errorText, type Logger, type Rng } from '../kernel/index.ts';
import { advisoriesFor } from './advisories.ts';
import { AriError, ariErrors } from './errors.ts';
import { type Frame, parseFrame } from './frame.ts';
import { OPERATIONS, type OperationName } from './generated/operations.ts';
import { type AriLimits, baseUrlOf, type AriLinkOptions, limitsOf } from './options.ts';
import type { AriBody, AriLink, AriMessage, AriParams, AriResponse, AriStats, RestTransport } from './ports.ts';
import { type Probe, probe } from './probe.ts';
import { decodeAnswer } from './request.ts';
import { RestHttp } from './rest-http.ts';
import { RestOverWs } from './rest-over-ws.ts';
import { AriSocket } from './socket.ts';
import { ToldLink } from './told.ts';

export interface AriDeps {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Logger;
}

/**
 * Answers of these can be large or long in coming. Asterisk works one socket strictly in order, so they go over HTTP
 * and do not hold up a caller.
 */
const SLOW: ReadonlySet<OperationName> = new Set<OperationName>([
  'asterisk.addLog',
  'asterisk.listModules',
  'asterisk.loadModule',
  'asterisk.reloadModule',
  'asterisk.unloadModule',
  'asterisk.updateObject',
  'bridges.list',
  'channels.list',
  'channels.originate',
  'deviceStates.list',
  'endpoints.list',
  'recordings.copyStored',
  'recordings.listStored',
  'sounds.list',
]);

/** The link to one application on one PBX: event socket, requests over it or over HTTP, and the state of both. */
class AriClient extends ToldLink implements AriLink {
  readonly nodeId: string;
  readonly app: string;
  private readonly limits: AriLimits;
  private readonly options: AriLinkOptions;
  private readonly deps: AriDeps;
  private readonly socket: AriSocket;
  private readonly overWs: RestOverWs;
  private readonly http: RestHttp;
  /** The named package, when it was chosen and has loaded. */
  private driver: RestTransport | undefined;
  /** What carries ordinary requests while the link is up. */
  private transport: RestTransport | undefined;
  /** Counts connections, so that a probe of an older one changes nothing. */
  private session = 0;
  /** The last reason told for being down: said once, not at every attempt. */
  private downCode: string | undefined;
  private readonly counts = {
    connects: 0,
    eventsKnown: 0,
    eventsUnknown: 0,
    framesRefused: 0,
    requests: 0,
    requestsFailed: 0,
    requestsTimedOut: 0,
    answersLate: 0,
  };

  constructor(options: AriLinkOptions, deps: AriDeps) {
    super();
    this.options = options;
    this.nodeId = options.nodeId;
    this.app = options.app;
    this.limits = limitsOf(options);
    this.deps = { ...deps, log: deps.log.child({ nodeId: options.nodeId, app: options.app }) };
    const baseUrl = baseUrlOf(options.url);
    const authorization = `Basic ${Buffer.from(`${options.username}:${options.password}`).toString('base64')}`;
    const shared = { authorization, ...(options.tls ? { tls: options.tls } : {}) };
    this.socket = new AriSocket({
      ...this.deps,
      ...shared,
      url: new URL(baseUrl.href.replace(/^http/, 'ws')),
      app: options.app,
      mayConnect: options.mayConnect,
      limits: this.limits,
      onOpen: () => this.opened(),
      onFrame: (data) => this.received(parseFrame(data, this.limits.frameBytesMax)),
      onLost: (spec) => this.lost(spec),
    });
    this.overWs = new RestOverWs({
      clock: deps.clock,
      pendingMax: this.limits.pendingMax,
      write: (frame) => this.socket.write(frame),
      onLate: () => {
        this.counts.answersLate += 1;
      },
    });
    this.http = new RestHttp({ ...shared, ...this.limits, clock: deps.clock, baseUrl });
  }

  get ordered(): boolean {
    return this.transport?.ordered ?? false;
  }

  stats(): AriStats {
    return { ...this.counts, pending: this.overWs.pending + this.http.pending + (this.driver?.pending ?? 0) };
  }

  start(): void {
    if (this.linkState !== 'stopped') return;
    this.linkState = 'connecting';
    this.socket.start();
  }

  async stop(): Promise<void> {
    this.session += 1;
    this.linkState = 'stopped';
    this.transport = undefined;
    this.overWs.lost();
    await Promise.all([this.socket.stop(), this.http.close(), this.driver?.close()]);
  }

  async request<Name extends OperationName>(
    operation: Name,
    params: AriParams<Name>,
    { deadlineMs }: { readonly deadlineMs: number },
  ): Promise<AriResponse<AriBody<Name>>> {
    this.counts.requests += 1;
    const transport = this.carrierOf(operation);
    if (!transport) return this.counted({ ok: false, error: new AriError(ariErrors.not_connected) });
    const answer = await transport.send(operation, params, deadlineMs);
    return this.counted(decodeAnswer(operation, answer));
  }

  private carrierOf(operation: OperationName): RestTransport | undefined {
    if (this.transport !== this.overWs) return this.transport;
    return SLOW.has(operation) || OPERATIONS[operation].response === 'binary' ? this.http : this.overWs;
  }

  private counted<Body>(response: AriResponse<Body>): AriResponse<Body> {
    if (response.ok) return response;
    this.counts.requestsFailed += 1;
    if (response.error.code === ariErrors.timeout.code) this.counts.requestsTimedOut += 1;
    return response;
  }

  private received(frame: Frame): void {
    switch (frame.kind) {
      case 'answer':
        return this.overWs.answer(frame.answer);
      case 'refused':
        this.counts.framesRefused += 1;
        return this.deps.log.warn({ why: frame.why, refused: this.counts.framesRefused }, 'a frame was refused');
      case 'event':
        return this.heard(frame.message);
    }
  }

  private heard(message: AriMessage): void {
    this.counts[message.known ? 'eventsKnown' : 'eventsUnknown'] += 1;
    const { event } = message;
    if (message.known && event.type === 'ApplicationReplaced' && event.application === this.app) return this.replaced();
    this.emitEvent(message);
  }

  /** Two servers that fight for one name would cut each other's calls for ever: the older one goes. */
  private replaced(): void {
    this.deps.log.error({ code: ariErrors.replaced.code }, 'another server took our application name; we step back');
    this.session += 1;
    this.linkState = 'replaced';
    this.transport = undefined;
    this.overWs.lost();
    void this.socket.stop();
    this.emitLink({ state: 'replaced', atMs: this.deps.clock.nowMs(), code: ariErrors.replaced.code });
  }

  private opened(): void {
    this.counts.connects += 1;
    this.session += 1;
    void this.settle(this.session);
  }

  private async settle(session: number): Promise<void> {
    const found = await this.findTransport().catch((error: unknown) => {
      this.deps.log.error({ error: errorText(error) }, 'the ARI driver does not work');
      return error instanceof AriError ? error : new AriError(ariErrors.connect_failed);
    });
    if (session !== this.session) return;
    if (!found || found instanceof AriError) {
      this.deps.log.warn({ code: found?.code, status: found?.pbxStatus }, 'the event socket is open but requests fail');
      return this.socket.breakOff(ariErrors.connect_failed);
    }
    this.up(found);
  }

  private async findTransport(): Promise<Probe | AriError | undefined> {
    if (this.options.driver === 'ari-client') {
      const { loadAriClient } = await import('./drivers/ari-client.ts');
      this.driver ??= await loadAriClient({ ...this.options, limits: this.limits, clock: this.deps.clock });
      return probe([this.driver], this.limits.connectTimeoutMs);
    }
    const candidates = this.options.transport === 'http' ? [this.http] : [this.overWs, this.http];
    return probe(candidates, this.limits.probeTimeoutMs);
  }

  private up({ transport, version, startedAt }: Probe): void {
    this.socket.settled();
    this.transport = transport;
    this.linkState = 'up';
    this.downCode = undefined;
    const advisories = advisoriesFor(version);
    if (advisories.length > 0) {
      this.deps.log.warn({ version, advisories }, 'this version of Asterisk has known holes unless they were patched');
    }
    this.deps.log.info({ version, transport: transport.name }, 'connected to the PBX');
    this.emitLink({ state: 'up', atMs: this.deps.clock.nowMs(), transport: transport.name, version, startedAt });
  }

  private lost(spec: ErrorSpec): void {
    this.session += 1;
    const wasUp = this.linkState === 'up';
    this.linkState = 'connecting';
    this.transport = undefined;
    this.overWs.lost();
    const code = wasUp && spec === ariErrors.connect_failed ? ariErrors.link_lost.code : spec.code;
    if (code === this.downCode) return;
    this.downCode = code;
    this.deps.log.warn({ code }, wasUp ? 'the link to the PBX broke' : 'the PBX cannot be reached yet');
    this.emitLink({ state: 'down', atMs: this.deps.clock.nowMs(), code });
  }
}

/** A link by the options; throws `ari.connect_failed` when the address is none. Starts nothing. */
export const createAriLink = (options: AriLinkOptions, deps: AriDeps): AriLink => new AriClient(options, deps);
