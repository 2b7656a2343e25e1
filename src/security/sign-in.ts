import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../kernel/index.ts';
import type { PasswordHasher } from './password.ts';
import type { IdentityStore, SessionRecord, Standing, UserRecord } from './ports.ts';
import type { Sessions } from './sessions.ts';
import { SlowDown } from './slow-down.ts';
import type { AccessTokens } from './tokens.ts';

/** Where a request came from, for the record and for slowing down. */
export interface From {
  readonly address: string;
}

export interface LoginWish {
  readonly user: string;
  readonly password: string;
}

/** What a client gets to work with. */
export interface SignedIn {
  readonly user: UserRecord;
  readonly sessionId: string;
  readonly accessToken: string;
  readonly accessExpiresAtMs: number;
  /** Good once. */
  readonly refreshToken: string;
  readonly sessionExpiresAtMs: number;
}

export type LoginOutcome =
  | { readonly kind: 'in'; readonly signedIn: SignedIn }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'slowed'; readonly retryAfterMs: number };

export type RefreshOutcome =
  | { readonly kind: 'in'; readonly signedIn: SignedIn }
  | { readonly kind: 'wrong' | 'reused' | 'ended' };

/** The desk where people sign in and out. All reject with `storage.unavailable` or `auth.busy` when they cannot. */
export interface SignInDesk {
  login(wish: LoginWish, from: From): Promise<LoginOutcome>;
  refresh(refreshToken: string, from: From): Promise<RefreshOutcome>;
  logout(session: { readonly id: string; readonly userId: string }, from: From): Promise<void>;
}

/** What happened at the desk, for the audit log. */
export interface SignInNote {
  readonly action: 'auth.login' | 'auth.login.failed' | 'auth.login.slowed' | 'auth.refresh.reused' | 'auth.logout';
  readonly user: string;
  readonly address: string;
  readonly sessionId?: string;
}

export interface SignInOptions {
  readonly sessionMs: number;
  readonly sessionsPerUserMax: number;
  /** Wrong passwords that cost no waiting: for one user, and for one address (where many may sit). */
  readonly freeFailuresPerUser: number;
  readonly freeFailuresPerAddress: number;
  readonly waitMaxMs: number;
}

export interface SignInParts {
  readonly store: IdentityStore;
  readonly hasher: Pick<PasswordHasher, 'verify'>;
  readonly tokens: Pick<AccessTokens, 'issue'>;
  readonly sessions: Pick<Sessions, 'ended'>;
  readonly clock: Clock;
  readonly note: (note: SignInNote) => void;
}

const pruneEveryMs = 3_600_000;
const trustedMax = 20_000;
const refreshPattern = /^rmr_[\w-]{43}$/;

export class SignIn implements SignInDesk {
  private readonly parts: SignInParts;
  private readonly options: SignInOptions;
  private readonly byUser: SlowDown;
  private readonly byAddress: SlowDown;
  /** User and address that got in before: strangers who guess at this user do not lock its owner out there. */
  private readonly trusted = new Set<string>();
  private readonly told = new Set<string>();
  private prunedAtMs = 0;

  constructor(parts: SignInParts, options: SignInOptions) {
    this.parts = parts;
    this.options = options;
    const { freeFailuresPerUser, freeFailuresPerAddress, waitMaxMs } = options;
    this.byUser = new SlowDown({ freeFailures: freeFailuresPerUser, waitMaxMs });
    this.byAddress = new SlowDown({ freeFailures: freeFailuresPerAddress, waitMaxMs });
  }

  async login({ user: userId, password }: LoginWish, { address }: From): Promise<LoginOutcome> {
    const { store, hasher, clock, note } = this.parts;
    const nowMs = clock.nowMs();
    const place = `${userId}@${address}`;
    const name = this.trusted.has(place) ? place : userId;
    const retryAfterMs = Math.max(this.byUser.waitMs(name, nowMs), this.byAddress.waitMs(address, nowMs));
    if (retryAfterMs > 0) {
      this.tellSlowed(name, userId, address);
      return { kind: 'slowed', retryAfterMs };
    }
    this.told.delete(name);
    // An address counts its failures afterwards: a whole shift may sign in from behind one at the same moment.
    this.byUser.begin(name, nowMs);
    const user = await this.checked(name, async () => {
      const found = await store.user(userId);
      return (await hasher.verify(password, found?.password)) && found && !found.disabled ? found : undefined;
    });
    if (!user) {
      this.byAddress.begin(address, clock.nowMs());
      note({ action: 'auth.login.failed', user: userId, address });
      return { kind: 'wrong' };
    }
    this.byUser.forget(name);
    this.trust(place);
    const signedIn = await this.begin(user);
    note({ action: 'auth.login', user: userId, address, sessionId: signedIn.sessionId });
    return { kind: 'in', signedIn };
  }

  async refresh(refreshToken: string, { address }: From): Promise<RefreshOutcome> {
    const { store, clock, sessions, note } = this.parts;
    if (!refreshPattern.test(refreshToken)) return { kind: 'wrong' };
    const next = newRefreshToken();
    const rotation = await store.rotate(hashOf(refreshToken), hashOf(next), clock.nowMs());
    if (rotation.kind === 'unknown') return { kind: 'wrong' };
    if (rotation.kind === 'ended') return { kind: 'ended' };
    if (rotation.kind === 'reused') {
      sessions.ended(rotation.sessionId);
      note({ action: 'auth.refresh.reused', user: rotation.userId, address, sessionId: rotation.sessionId });
      return { kind: 'reused' };
    }
    return { kind: 'in', signedIn: await this.handOut(rotation, next) };
  }

  async logout({ id, userId }: { readonly id: string; readonly userId: string }, { address }: From): Promise<void> {
    const { store, clock, sessions, note } = this.parts;
    await store.endSession(id, clock.nowMs());
    sessions.ended(id);
    note({ action: 'auth.logout', user: userId, address, sessionId: id });
  }

  /** An outage is nobody's wrong password: the attempt is taken back. */
  private async checked<Result>(name: string, check: () => Promise<Result>): Promise<Result> {
    try {
      return await check();
    } catch (error) {
      this.byUser.takeBack(name);
      throw error;
    }
  }

  private async begin(user: UserRecord): Promise<SignedIn> {
    const { store, clock } = this.parts;
    const nowMs = clock.nowMs();
    const session: SessionRecord = {
      id: randomBytes(15).toString('base64url'),
      userId: user.id,
      generation: user.generation,
      createdAtMs: nowMs,
      expiresAtMs: nowMs + this.options.sessionMs,
    };
    const refreshToken = newRefreshToken();
    await store.beginSession(session, hashOf(refreshToken), this.options.sessionsPerUserMax);
    if (nowMs - this.prunedAtMs > pruneEveryMs) {
      this.prunedAtMs = nowMs;
      await store.pruneSessions(nowMs);
    }
    return this.handOut({ session, user }, refreshToken);
  }

  private async handOut({ session, user }: Standing, refreshToken: string): Promise<SignedIn> {
    const { token, expiresAtMs } = await this.parts.tokens.issue(user.id, session.id, session.expiresAtMs);
    return {
      user,
      sessionId: session.id,
      accessToken: token,
      accessExpiresAtMs: expiresAtMs,
      refreshToken,
      sessionExpiresAtMs: session.expiresAtMs,
    };
  }

  /** Once for each row of refusals: a flood must not drown the log that shall show it. */
  private tellSlowed(name: string, user: string, address: string): void {
    if (this.told.has(name)) return;
    addBounded(this.told, name);
    this.parts.note({ action: 'auth.login.slowed', user, address });
  }

  private trust(place: string): void {
    addBounded(this.trusted, place);
  }
}

function addBounded(set: Set<string>, item: string): void {
  set.delete(item);
  set.add(item);
  const [oldest] = set;
  if (set.size > trustedMax && oldest !== undefined) set.delete(oldest);
}

const newRefreshToken = (): string => `rmr_${randomBytes(32).toString('base64url')}`;
/** A fast hash is enough: the token is random and long. */
const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url');
