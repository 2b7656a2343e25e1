import { AppError, type Clock, type ErrorSpec, errorText, type Logger, type Rng, type Timer } from '../kernel/index.ts';
import { Connection } from './connection.ts';
import { openPackageWire } from './drivers/asterisk-manager.ts';
import { amiErrors } from './errors.ts';
import { type AmiLimits, type AmiLinkOptions, defaultAmiLimits } from './options.ts';
import { emptyAmiStats } from './stats.ts';
import type {
  AmiFields,
  AmiLink,
  AmiLinkChange,
  AmiLinkState,
  AmiListResult,
  AmiMessage,
  AmiRequestOptions,
  AmiResult,
  AmiStats,
  Unsubscribe,
} from './ports.ts';
import { type OpenWire, openOwnWire } from './wire.ts';

export interface AmiLinkDeps {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Logger;
  /** Given by tests; otherwise chosen by `options.driver`. */
  readonly openWire?: OpenWire;
}

/** A link that keeps itself connected: one connection at a time, and a jittered, growing pause between two tries. */
export function createAmiLink(options: AmiLinkOptions, deps: AmiLinkDeps): AmiLink {
  return new Client(options, deps);
}

class Client implements AmiLink {
  readonly nodeId: string;
  private readonly options: AmiLinkOptions;
  private readonly deps: AmiLinkDeps;
  private readonly log: Logger;
  private readonly limits: AmiLimits;
  private readonly counters: AmiStats = emptyAmiStats();
  private readonly eventHandlers = new Set<(event: AmiMessage) => void>();
  private readonly linkHandlers = new Set<(change: AmiLinkChange) => void>();
  private readonly actionIdPrefix: string;
  private currentState: AmiLinkState = 'stopped';
  private connection: Connection | undefined;
  private retry: Timer | undefined;
  private failures = 0;
  /** The last reason told for being down: said once, not at every attempt. */
  private downReason: string | undefined;
  private actionCount = 0;

  constructor(options: AmiLinkOptions, deps: AmiLinkDeps) {
    this.nodeId = options.nodeId;
    this.options = options;
    this.deps = deps;
    this.log = deps.log.child({ nodeId: options.nodeId, link: 'ami' });
    this.limits = { ...defaultAmiLimits, ...options.limits };
    this.actionIdPrefix = Math.floor(deps.rng.next() * 2 ** 48).toString(36);
  }

  get state(): AmiLinkState {
    return this.currentState;
  }

  start(): void {
    if (this.currentState !== 'stopped') return;
    this.failures = 0;
    this.connect();
  }

  async stop(): Promise<void> {
    const { connection } = this;
    const wasUp = this.currentState === 'up';
    if (this.currentState === 'stopped') return;
    this.currentState = 'stopped';
    this.connection = undefined;
    this.retry?.cancel();
    if (wasUp) this.tellLink({ kind: 'down', reason: amiErrors.stopped.code });
    if (connection && wasUp) await this.sayGoodbye(connection);
    connection?.close(new AppError(amiErrors.stopped));
  }

  async action(name: string, fields: AmiFields = {}, options: AmiRequestOptions = {}): Promise<AmiResult> {
    return this.upConnection(name).action(name, fields, options);
  }

  async list(name: string, fields: AmiFields = {}, options: AmiRequestOptions = {}): Promise<AmiListResult> {
    return this.upConnection(name).list(name, fields, options);
  }

  onEvent(handler: (event: AmiMessage) => void): Unsubscribe {
    this.eventHandlers.add(handler);
    return () => void this.eventHandlers.delete(handler);
  }

  onLink(handler: (change: AmiLinkChange) => void): Unsubscribe {
    this.linkHandlers.add(handler);
    return () => void this.linkHandlers.delete(handler);
  }

  stats(): Readonly<AmiStats> {
    return { ...this.counters, refusedByCode: { ...this.counters.refusedByCode } };
  }

  private upConnection(name: string): Connection {
    if (this.currentState !== 'up' || !this.connection) throw new AppError(amiErrors.link_down, name);
    return this.connection;
  }

  private connect(): void {
    this.currentState = 'connecting';
    this.counters.connects += 1;
    const connection: Connection = new Connection(
      {
        link: this.options,
        limits: this.limits,
        stats: this.counters,
        clock: this.deps.clock,
        openWire: this.deps.openWire ?? (this.options.driver === 'asterisk-manager' ? openPackageWire : openOwnWire),
        nextActionId: () => `${this.actionIdPrefix}-${(this.actionCount += 1)}`,
      },
      {
        phase: (phase) => {
          this.currentState = phase;
        },
        up: (bootConfirmed) => this.goUp(bootConfirmed),
        // One that says goodbye after a stop is not ours any more.
        event: (event) => {
          if (this.connection === connection) this.tellEvent(event);
        },
        closed: (error) => {
          if (this.connection === connection) this.lost(error);
        },
      },
    );
    this.connection = connection;
  }

  private goUp(bootConfirmed: boolean): void {
    this.failures = 0;
    this.downReason = undefined;
    this.currentState = 'up';
    if (bootConfirmed) this.log.info({}, 'manager link is up');
    else this.log.warn({ mend: 'give the user read=system' }, 'manager link is up, FullyBooted did not come');
    this.tellLink({ kind: 'up', bootConfirmed });
  }

  private lost(error: AppError): void {
    const delayMs = this.backoffMs();
    this.connection = undefined;
    this.currentState = 'waiting';
    this.counters.reconnects += 1;
    if (isSpec(error, amiErrors.login_refused)) this.counters.loginsRefused += 1;
    this.log.warn(
      { code: error.code, error: error.message, mend: error.mend, retryInMs: delayMs },
      'manager link down',
    );
    this.retry = this.deps.clock.after(delayMs, () => this.connect());
    if (error.code === this.downReason) return;
    this.downReason = error.code;
    this.tellLink({ kind: 'down', reason: error.code });
  }

  /** Half of a doubling pause is fixed, half is chance, so that many clients do not come back in step. */
  private backoffMs(): number {
    const { backoffMinMs, backoffMaxMs } = this.limits;
    const fullMs = Math.min(backoffMaxMs, backoffMinMs * 2 ** Math.min(this.failures, 16));
    this.failures += 1;
    return Math.round(fullMs / 2 + (fullMs / 2) * this.deps.rng.next());
  }

  private async sayGoodbye(connection: Connection): Promise<void> {
    try {
      await connection.action('Logoff', {}, { deadlineMs: this.limits.logoffTimeoutMs });
    } catch {
      // A peer that does not say goodbye is closed all the same.
    }
  }

  private tellEvent(event: AmiMessage): void {
    for (const handler of this.eventHandlers) this.guard(() => handler(event));
  }

  private tellLink(change: AmiLinkChange): void {
    for (const handler of this.linkHandlers) this.guard(() => handler(change));
  }

  /** A handler's defect must not take the link down with it. */
  private guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.counters.handlerErrors += 1;
      this.log.error({ error: errorText(error) }, 'a manager event handler failed');
    }
  }
}

const isSpec = (error: AppError, spec: ErrorSpec): boolean => error.code === spec.code;
