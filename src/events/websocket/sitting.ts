import type { Timer } from '../../kernel/index.ts';
import type { Identity, Principal } from '../../security/index.ts';
import type { SessionContext } from './session-context.ts';

/**
 * Who sits at a connection, and for how long: a person until the token expires or the session ends, whichever is first;
 * a key for good.
 */
export class Sitting {
  private readonly context: Pick<SessionContext, 'clock' | 'watch'>;
  private readonly over: (why: string) => void;
  private identity: Identity | undefined;
  private timer: Timer | undefined;
  private unwatch: (() => void) | undefined;

  constructor(context: Pick<SessionContext, 'clock' | 'watch'>, over: (why: string) => void) {
    this.context = context;
    this.over = over;
  }

  get principal(): Principal | undefined {
    return this.identity?.principal;
  }

  /** When the connection ends unless a new token comes; undefined for keys. */
  get expiresAtMs(): number | undefined {
    return this.identity?.session?.expiresAtMs;
  }

  begin(identity: Identity): void {
    this.end();
    this.identity = identity;
    const { session } = identity;
    if (!session) return;
    const { clock, watch } = this.context;
    this.timer = clock.after(Math.max(0, session.expiresAtMs - clock.nowMs()), () =>
      this.over('the token has expired'),
    );
    this.unwatch = watch?.(session.id, () => this.over('the session has ended'));
  }

  /** Whether a new token says the same of the same person: then the subscriptions may go on under it. */
  fits({ principal }: Identity): boolean {
    return JSON.stringify(principal) === JSON.stringify(this.identity?.principal);
  }

  end(): void {
    this.timer?.cancel();
    this.unwatch?.();
    this.unwatch = undefined;
  }
}
