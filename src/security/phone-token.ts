import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/** Puts numbers out of sight and finds them again: for readers who may dial a number and not see it. */
export interface PhoneSealer {
  /** An opaque token for the number, `rmp_…`, good for the sealer's lifetime. */
  sealPhone(number: string, nowMs: number): string;
  openPhone(token: string, nowMs: number): OpenedPhone;
}

export type OpenedPhone =
  | { readonly ok: true; readonly number: string }
  /** `wrong`: not ours, of another tenant, or tampered with. */
  | { readonly ok: false; readonly reason: 'wrong' | 'expired' };

const nonceBytes = 12;
const tagBytes = 16;
const timeBytes = 6;
const numberMax = 64;
const cipher = 'aes-256-gcm';

/**
 * Tokens by AES-256-GCM under a key made of secret and tenant: who holds one learns nothing, cannot make another, and
 * two tokens of one number look unlike. The time of expiry is readable in it and signed with it.
 */
export function phoneSealer({
  secret,
  tenant,
  lifeMs,
}: {
  readonly secret: string;
  readonly tenant: string;
  readonly lifeMs: number;
}): PhoneSealer {
  const key = Buffer.from(hkdfSync('sha256', secret, tenant, 'ringmaster phone token', 32));
  return {
    sealPhone(number, nowMs) {
      const head = Buffer.alloc(timeBytes + nonceBytes);
      head.writeUIntBE(Math.floor(nowMs + lifeMs), 0, timeBytes);
      randomBytes(nonceBytes).copy(head, timeBytes);
      const seal = createCipheriv(cipher, key, head.subarray(timeBytes)).setAAD(head.subarray(0, timeBytes));
      // Padded, so that the length of the token does not tell the length of the number.
      const hidden = Buffer.concat([seal.update(number.slice(0, numberMax).padEnd(24, '\0')), seal.final()]);
      return `rmp_${Buffer.concat([head, hidden, seal.getAuthTag()]).toString('base64url')}`;
    },
    openPhone(token, nowMs) {
      if (!/^rmp_[\w-]{60,180}$/.test(token)) return { ok: false, reason: 'wrong' };
      const bytes = Buffer.from(token.slice(4), 'base64url');
      const time = bytes.subarray(0, timeBytes);
      const nonce = bytes.subarray(timeBytes, timeBytes + nonceBytes);
      const hidden = bytes.subarray(timeBytes + nonceBytes, bytes.length - tagBytes);
      try {
        const open = createDecipheriv(cipher, key, nonce, { authTagLength: tagBytes })
          .setAAD(time)
          .setAuthTag(bytes.subarray(bytes.length - tagBytes));
        const number = Buffer.concat([open.update(hidden), open.final()])
          .toString()
          .replace(/\0+$/, '');
        return time.readUIntBE(0, timeBytes) > nowMs ? { ok: true, number } : { ok: false, reason: 'expired' };
      } catch {
        // Whatever the cipher says about it, it is not ours.
        return { ok: false, reason: 'wrong' };
      }
    },
  };
}
