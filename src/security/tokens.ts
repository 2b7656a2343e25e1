import { hkdfSync } from 'node:crypto';
import type { JWTVerifyGetKey } from 'jose';
import type { Clock } from '../kernel/index.ts';
import { KeyRing, type KeyRingOptions, type RingKey } from './key-ring.ts';
import type { IdentityStore } from './ports.ts';

export interface TokenClaims {
  readonly userId: string;
  readonly sessionId: string;
  readonly expiresAtMs: number;
}

export type TokenCheck =
  | { readonly ok: true; readonly claims: TokenClaims }
  | { readonly ok: false; readonly reason: 'wrong' | 'expired' };

export interface TokenOptions extends Omit<KeyRingOptions, 'tokenLifeMs'> {
  readonly tenant: string;
  readonly accessTokenMs: number;
}

const audience = 'ringmaster-api';
const algorithm = 'HS256';

/**
 * Access tokens: JWTs signed with HS256 under a key named by `kid`. They say who and which session, nothing else: rights
 * are looked up, so that a change counts at once. jose is loaded with the first token.
 */
export class AccessTokens {
  private readonly ring: KeyRing;
  private readonly clock: Clock;
  private readonly options: TokenOptions;
  private readonly issuer: string;
  private readonly keys = new WeakMap<RingKey, Uint8Array>();

  constructor(store: Pick<IdentityStore, 'tokenKeys' | 'addTokenKey'>, clock: Clock, options: TokenOptions) {
    this.ring = new KeyRing(store, clock, { ...options, tokenLifeMs: options.accessTokenMs });
    this.clock = clock;
    this.options = options;
    this.issuer = `ringmaster/${options.tenant}`;
  }

  /** A token for the session, at the longest until `endsAtMs`. */
  async issue(
    userId: string,
    sessionId: string,
    endsAtMs: number,
  ): Promise<{ readonly token: string; readonly expiresAtMs: number }> {
    const { SignJWT } = await import('jose');
    const signing = await this.ring.signing();
    const nowS = Math.floor(this.clock.nowMs() / 1000);
    const expiresS = Math.min(nowS + Math.floor(this.options.accessTokenMs / 1000), Math.floor(endsAtMs / 1000));
    const token = await new SignJWT({ sid: sessionId })
      .setProtectedHeader({ alg: algorithm, typ: 'at+jwt', kid: signing.id })
      .setIssuer(this.issuer)
      .setAudience(audience)
      .setSubject(userId)
      .setIssuedAt(nowS)
      .setExpirationTime(expiresS)
      .sign(this.derived(signing));
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

  private readonly keyOf: JWTVerifyGetKey = async ({ kid }) => {
    const key = await this.ring.find(kid);
    if (!key) throw new UnknownKey();
    return this.derived(key);
  };

  /** The tenant is part of the key: a key used for two tenants by mistake still keeps their tokens apart. */
  private derived(ringKey: RingKey): Uint8Array {
    const known = this.keys.get(ringKey);
    if (known) return known;
    const key = new Uint8Array(hkdfSync('sha256', ringKey.secret, this.options.tenant, 'ringmaster access token', 32));
    this.keys.set(ringKey, key);
    return key;
  }
}

class UnknownKey extends Error {}
