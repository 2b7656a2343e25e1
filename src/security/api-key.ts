import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Principal } from './principal.ts';

/** An API key as stored: never the key itself. */
export interface ApiKeyRecord {
  /** Lower-case letters, digits and `-`. */
  readonly id: string;
  /** SHA-256 of the key's secret part. */
  readonly secretSha256: Uint8Array;
  readonly principal: Principal;
}

export interface NewApiKey {
  /** What the client sends: `rmk_<id>_<secret>`. Shown once. */
  readonly key: string;
  /** What the config holds: `sha256:<hex>`. */
  readonly hash: string;
}

export type KeyCheck =
  | { readonly ok: true; readonly principal: Principal }
  | { readonly ok: false; readonly reason: 'missing' | 'malformed' | 'wrong' };

export const keyIdPattern = /^[a-z0-9][a-z0-9-]{0,63}$/;
/** 43 characters of base64url carry the 256 bits of a made key; 32 is the least that we take from others. */
export const keySecretPattern = /^[A-Za-z0-9_-]{32,128}$/;
const bearerPattern = /^Bearer rmk_([a-z0-9][a-z0-9-]{0,63})_([A-Za-z0-9_-]{32,128})$/i;

/** Makes a key with 256 random bits. */
export function createApiKey(id: string, random: (bytes: number) => Buffer = randomBytes): NewApiKey {
  const secret = random(32).toString('base64url');
  return { key: `rmk_${id}_${secret}`, hash: hashKeySecret(secret) };
}

/**
 * `sha256:<hex>` of a key's secret part. A fast hash is enough because the secret is random and long: there is nothing
 * to guess, so a slow one such as scrypt would only give strangers a way to burn our CPU.
 */
export function hashKeySecret(secret: string): string {
  return `sha256:${sha256(secret).toString('hex')}`;
}

/** The bytes of a stored hash, or undefined when it is not one. */
export function parseKeyHash(hash: string): Uint8Array | undefined {
  return /^sha256:[0-9a-f]{64}$/.test(hash) ? Buffer.from(hash.slice('sha256:'.length), 'hex') : undefined;
}

/**
 * Checks the value of an Authorization header against the stored keys. An unknown id costs the same hash and
 * comparison as a known one, so the answer's time does not tell which ids exist.
 */
export function keyChecker(records: readonly ApiKeyRecord[]): (authorization: string | undefined) => KeyCheck {
  const byId = new Map(records.map((record) => [record.id, record]));
  const nobody = sha256(randomBytes(32).toString('hex'));
  return (authorization) => {
    if (authorization === undefined) return { ok: false, reason: 'missing' };
    const [, id, secret] = bearerPattern.exec(authorization) ?? [];
    if (id === undefined || secret === undefined) return { ok: false, reason: 'malformed' };
    const record = byId.get(id);
    const same = timingSafeEqual(sha256(secret), record?.secretSha256 ?? nobody);
    return record && same ? { ok: true, principal: record.principal } : { ok: false, reason: 'wrong' };
  };
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
