import { AppError, type Clock, type ErrorSpec, type Timer } from '../kernel/index.ts';
import { amiErrors } from './errors.ts';
import type { AmiFields, AmiListResult, AmiMessage, AmiRequestOptions, AmiResult } from './ports.ts';
import { PendingActions } from './protocol.ts';
import type { OpenWire, Wire, WireOptions } from './wire.ts';

export interface ConnectionHandlers {
  phase(phase: 'loggingIn' | 'booting'): void;
  up(bootConfirmed: boolean): void;
  event(event: AmiMessage): void;
  /** Once; not after `close()`. */
  closed(error: AppError): void;
}

export interface ConnectionDeps extends WireOptions {
  readonly clock: Clock;
  readonly openWire: OpenWire;
  nextActionId(): string;
}

/**
 * The life of one connection: connect, log in, wait for FullyBooted, be up, die. It owns its decoder, its pending
 * actions and its timers, and a dead one is deaf: nothing of it can reach the next.
 */
export class Connection {
  private readonly deps: ConnectionDeps;
  private readonly handlers: ConnectionHandlers;
  private readonly pending: PendingActions;
  private readonly wire: Wire;
  private phase: 'connecting' | 'loggingIn' | 'booting' | 'up' | 'closed' = 'connecting';
  private timer: Timer | undefined;
  private bootedEvent: AmiMessage | undefined;
  private messagesAtPing = 0;

  constructor(deps: ConnectionDeps, handlers: ConnectionHandlers) {
    this.deps = deps;
    this.handlers = handlers;
    this.pending = new PendingActions({
      ...deps,
      nextActionId: () => deps.nextActionId(),
      send: (name, actionId, fields) => this.wire.send(name, actionId, fields),
    });
    this.wait(deps.limits.connectTimeoutMs, () => this.fail(amiErrors.connect_timeout));
    this.wire = deps.openWire(deps, {
      opened: () => this.logIn(),
      message: (message) => this.receive(message),
      closed: (error) => this.end(error),
    });
  }

  action(name: string, fields: AmiFields, options: AmiRequestOptions): Promise<AmiResult> {
    return this.pending.action(name, fields, options);
  }

  list(name: string, fields: AmiFields, options: AmiRequestOptions): Promise<AmiListResult> {
    return this.pending.list(name, fields, options);
  }

  /** Ends it from our side; the handlers hear nothing more. */
  close(error: AppError): void {
    if (this.phase === 'closed') return;
    this.phase = 'closed';
    this.timer?.cancel();
    this.wire.close();
    this.pending.failAll(error);
  }

  private logIn(): void {
    if (this.phase !== 'connecting') return;
    this.phase = 'loggingIn';
    this.handlers.phase('loggingIn');
    const { loginTimeoutMs } = this.deps.limits;
    this.wait(loginTimeoutMs, () => this.fail(amiErrors.login_timeout));
    // The requests' own deadline is twice the login's, so that it is the login's that tells.
    const request = (name: string, fields: AmiFields) =>
      this.pending.action(name, fields, { deadlineMs: loginTimeoutMs * 2 });
    this.wire.login(request).then(
      (result) => this.loggedIn(result),
      (error: unknown) => this.end(error instanceof AppError ? error : new AppError(amiErrors.connect_failed)),
    );
  }

  private loggedIn(result: AmiResult): void {
    if (this.phase !== 'loggingIn') return;
    if (result.kind === 'refused') return this.fail(amiErrors.login_refused, result.reason);
    this.phase = 'booting';
    this.handlers.phase('booting');
    if (this.bootedEvent) return this.goUp(this.bootedEvent);
    this.wait(this.deps.limits.bootTimeoutMs, () => this.goUp(undefined));
  }

  private receive(message: AmiMessage): void {
    if (this.phase === 'closed') return;
    this.deps.stats.messages += 1;
    if (this.pending.handle(message)) return;
    this.deps.stats.events += 1;
    if (this.phase === 'up') return this.handlers.event(message);
    // Other events before `up` are covered by the reading of the whole state that follows it.
    if (message.name !== 'FullyBooted') return;
    this.bootedEvent = message;
    if (this.phase === 'booting') this.goUp(message);
  }

  private goUp(bootedEvent: AmiMessage | undefined): void {
    this.phase = 'up';
    this.timer?.cancel();
    this.pingLater();
    this.handlers.up(bootedEvent !== undefined);
    if (bootedEvent && this.isUp()) this.handlers.event(bootedEvent);
  }

  private isUp(): boolean {
    return this.phase === 'up';
  }

  private pingLater(): void {
    this.wait(this.deps.limits.pingIntervalMs, () => void this.ping());
  }

  /** A silent peer is dead, a slow one that still talks is not: any message since the ping counts. */
  private async ping(): Promise<void> {
    this.messagesAtPing = this.deps.stats.messages;
    try {
      await this.pending.action('Ping', {}, { deadlineMs: this.deps.limits.pingTimeoutMs });
    } catch {
      if (!this.isUp()) return;
      if (this.deps.stats.messages === this.messagesAtPing) {
        this.deps.stats.pingTimeouts += 1;
        return this.fail(amiErrors.half_open);
      }
    }
    if (this.isUp()) this.pingLater();
  }

  private fail(error: ErrorSpec, detail?: string): void {
    this.end(new AppError(error, detail));
  }

  private end(error: AppError): void {
    if (this.phase === 'closed') return;
    const lost = this.phase === 'up' ? new AppError(amiErrors.link_lost, undefined, { cause: error }) : error;
    this.close(lost);
    this.handlers.closed(error);
  }

  private wait(delayMs: number, run: () => void): void {
    this.timer?.cancel();
    this.timer = this.deps.clock.after(delayMs, run);
  }
}
