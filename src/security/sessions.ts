import { type Clock, errorText, type Logger, type Timer } from '../kernel/index.ts';
import type { IdentityStore, Standing } from './ports.ts';

export interface SessionsOptions {
  /** A session ended elsewhere (the command line, another server) is noticed within this. */
  readonly revocationMs: number;
}

interface Known {
  readonly atMs: number;
  readonly standing: Standing | undefined;
}

const knownMax = 10_000;
/** Sessions asked for in one statement. */
const askMax = 200;

/**
 * Which sessions stand. The store is asked at most every `revocationMs` for each; what is ended here counts at once.
 * While the store is away the last answer counts: a token dies by its own expiry then, 15 minutes at the longest.
 */
export class Sessions {
  private readonly store: Pick<IdentityStore, 'standing'>;
  private readonly clock: Clock;
  private readonly logger: Logger;
  private readonly options: SessionsOptions;
  private readonly known = new Map<string, Known>();
  private readonly underWay = new Map<string, Promise<Standing | undefined>>();
  private readonly watched = new Map<string, Set<() => void>>();
  private timer: Timer | undefined;

  constructor(store: Pick<IdentityStore, 'standing'>, options: SessionsOptions, clock: Clock, logger: Logger) {
    this.store = store;
    this.options = options;
    this.clock = clock;
    this.logger = logger;
  }

  /** The session with its user as they are now; undefined when it has ended. Rejects when the store is away and nothing is known. */
  async standing(id: string): Promise<Standing | undefined> {
    const nowMs = this.clock.nowMs();
    const known = this.known.get(id);
    if (known && nowMs - known.atMs < this.options.revocationMs) return alive(known.standing, nowMs);
    try {
      return alive(await this.ask(id), nowMs);
    } catch (error) {
      if (!known) throw error;
      return alive(known.standing, nowMs);
    }
  }

  /** It has been ended here. */
  ended(id: string): void {
    this.remember(id, undefined);
    for (const tell of this.watched.get(id) ?? []) tell();
    this.watched.delete(id);
  }

  /** Tells once when the session ends, at the latest `revocationMs` after; gives the way to stop that. */
  watch(id: string, tell: () => void): () => void {
    const tells = this.watched.get(id) ?? new Set();
    this.watched.set(id, tells.add(tell));
    this.timer ??= this.clock.after(this.options.revocationMs, () => void this.sweep());
    return () => {
      tells.delete(tell);
      if (tells.size === 0 && this.watched.get(id) === tells) this.watched.delete(id);
    };
  }

  stop(): void {
    this.timer?.cancel();
    this.watched.clear();
  }

  private ask(id: string): Promise<Standing | undefined> {
    const running = this.underWay.get(id);
    if (running) return running;
    const asked = this.fetch(id).finally(() => this.underWay.delete(id));
    this.underWay.set(id, asked);
    return asked;
  }

  private async fetch(id: string): Promise<Standing | undefined> {
    const [found] = await this.store.standing([id], this.clock.nowMs());
    this.remember(id, found);
    return found;
  }

  private remember(id: string, standing: Standing | undefined): void {
    this.known.delete(id);
    this.known.set(id, { atMs: this.clock.nowMs(), standing });
    const [oldest] = this.known.keys();
    if (this.known.size > knownMax && oldest !== undefined) this.known.delete(oldest);
  }

  private async sweep(): Promise<void> {
    const ids = [...this.watched.keys()];
    try {
      for (let from = 0; from < ids.length; from += askMax) await this.sweepSome(ids.slice(from, from + askMax));
    } catch (error) {
      this.logger.warn({ reason: errorText(error) }, 'sessions could not be looked up; tried again');
    }
    this.timer = undefined;
    if (this.watched.size > 0) this.timer = this.clock.after(this.options.revocationMs, () => void this.sweep());
  }

  private async sweepSome(ids: readonly string[]): Promise<void> {
    const found = await this.store.standing(ids, this.clock.nowMs());
    const stands = new Set(found.map(({ session }) => session.id));
    for (const id of ids) if (!stands.has(id)) this.ended(id);
  }
}

const alive = (standing: Standing | undefined, nowMs: number): Standing | undefined =>
  standing && standing.session.expiresAtMs > nowMs ? standing : undefined;
