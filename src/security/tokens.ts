import { hkdfSync, randomBytes } from 'node:crypto';
import type { JWTVerifyGetKey } from 'jose';
import type { Clock } from '../kernel/index.ts';
import type { IdentityStore, TokenKeyRecord } from './ports.ts';

export interface TokenClaims {
  readonly userId: string;
  readonly sessionId: string;
  readonly expiresAtMs: number;
}

export type TokenCheck =
  | { readonly ok: true; readonly claims: TokenClaims }
  | { readonly ok: false; readonly reason: 'wrong' | 'expired' };

export interface TokenOptions {
  readonly tenant: string;
  readonly accessTokenMs: number;
  /** Keys of the operator, newest first; when there are none they are made and kept in the store. */
  readonly keys: readonly { readonly id: string; readonly secret: string }[];
  /** How long a key made by us signs. */
  readonly keyLifeMs: number;
}

interface SigningKey {
  readonly id: string;
  readonly key: Uint8Array;
  readonly createdAtMs: number;
}

const audience = 'ringmaster-api';
const algorithm = 'HS256';
const reloadEveryMs = 5_000;

/**
 * Access tokens: JWTs signed with HS256 under a key named by `kid`. They say who and which session, nothing else: rights
 * are looked up, so that a change counts at once. jose is loaded with the first token.
 */
export class AccessTokens {
  private readonly store: Pick<IdentityStore, 'tokenKeys' | 'addTokenKey'>;
  private readonly clock: Clock;
  private readonly options: TokenOptions;
  private readonly issuer: string;
  private keys: readonly SigningKey[] = [];
  private loadedAtMs = Number.NEGATIVE_INFINITY;

  constructor(store: Pick<IdentityStore, 'tokenKeys' | 'addTokenKey'>, clock: Clock, options: TokenOptions) {
    this.store = store;
    this.clock = clock;
    this.options = options;
    this.issuer = `ringmaster/${options.tenant}`;
    this.keys = options.keys.map(({ id, secret }) => ({ id, key: derived(secret, options.tenant), createdAtMs: 0 }));
  }

  /** A token for the session, at the longest until `endsAtMs`. */
  async issue(
    userId: string,
    sessionId: string,
    endsAtMs: number,
  ): Promise<{ readonly token: string; readonly expiresAtMs: number }> {
    const { SignJWT } = await import('jose');
    const { id, key } = await this.signingKey();
    const nowS = Math.floor(this.clock.nowMs() / 1000);
    const expiresS = Math.min(nowS + Math.floor(this.options.accessTokenMs / 1000), Math.floor(endsAtMs / 1000));
    const token = await new SignJWT({ sid: sessionId })
      .setProtectedHeader({ alg: algorithm, typ: 'at+jwt', kid: id })
      .setIssuer(this.issuer)
      .setAudience(audience)
      .setSubject(userId)
      .setIssuedAt(nowS)
      .setExpirationTime(expiresS)
      .sign(key);
    return { token, expiresAtMs: expiresS * 1000 };
  }

  async check(token: string): Promise<TokenCheck> {
    const { jwtVerify, errors } = await import('jose');
    try {
      const { payload } = await jwtVerify(token, this.keyOf, {
        algorithms: [algorithm],
        issuer: this.issuer,
        audience,
        typ: 'at+jwt',
        requiredClaims: ['sub', 'exp', 'sid'],
        currentDate: new Date(this.clock.nowMs()),
      });
      const { sub: userId = '', sid, exp = 0 } = payload;
      if (typeof sid !== 'string') return { ok: false, reason: 'wrong' };
      return { ok: true, claims: { userId, sessionId: sid, expiresAtMs: exp * 1000 } };
    } catch (error) {
      if (error instanceof errors.JWTExpired) return { ok: false, reason: 'expired' };
      if (error instanceof errors.JOSEError || error instanceof UnknownKey) return { ok: false, reason: 'wrong' };
      throw error;
    }
  }

  /** A key that we do not know may be one that another server has just made; asked at most every five seconds. */
  private readonly keyOf: JWTVerifyGetKey = async ({ kid }) => {
    const known = (): Uint8Array | undefined => this.keys.find(({ id }) => id === kid)?.key;
    if (known() === undefined) await this.reload();
    const key = known();
    if (!key) throw new UnknownKey();
    return key;
  };

  private async signingKey(): Promise<SigningKey> {
    const { keys: given, keyLifeMs, accessTokenMs } = this.options;
    if (given.length === 0) await this.reload();
    const [newest] = this.keys;
    const nowMs = this.clock.nowMs();
    if (newest && (given.length > 0 || nowMs - newest.createdAtMs < keyLifeMs)) return newest;
    const made = { id: randomBytes(9).toString('base64url'), secret: randomBytes(32).toString('base64url') };
    const record: TokenKeyRecord = { ...made, createdAtMs: nowMs };
    await this.store.addTokenKey(record, nowMs - keyLifeMs - accessTokenMs - 60_000);
    const key = this.signing(record);
    this.keys = [key, ...this.keys];
    return key;
  }

  private async reload(): Promise<void> {
    const nowMs = this.clock.nowMs();
    if (this.options.keys.length > 0 || nowMs - this.loadedAtMs < reloadEveryMs) return;
    const records = await this.store.tokenKeys();
    this.keys = records.map((record) => this.signing(record)).sort((a, b) => b.createdAtMs - a.createdAtMs);
    this.loadedAtMs = nowMs;
  }

  private signing({ id, secret, createdAtMs }: TokenKeyRecord): SigningKey {
    return { id, key: derived(secret, this.options.tenant), createdAtMs };
  }
}

class UnknownKey extends Error {}

/** The tenant is part of the key: a key used for two tenants by mistake still keeps their tokens apart. */
function derived(secret: string, tenant: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, tenant, 'ringmaster access token', 32));
}
