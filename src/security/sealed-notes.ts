import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { KeyRing } from './key-ring.ts';

/**
 * Short notes that servers on one store give to themselves by way of a client: readable, signed with HMAC-SHA256 under
 * a key made of the ring's key, the tenant and the purpose. `PREFIX_KEYID.CONTENT.SIGNATURE`
 */
export class SealedNotes {
  private readonly ring: KeyRing;
  private readonly prefix: string;
  private readonly info: string;
  private readonly tenant: string;

  /** `prefix` tells the notes apart, e.g. `rmt`. */
  constructor(ring: KeyRing, { prefix, purpose, tenant }: { prefix: string; purpose: string; tenant: string }) {
    this.ring = ring;
    this.prefix = prefix;
    this.info = `ringmaster ${purpose}`;
    this.tenant = tenant;
  }

  isOne(text: string): boolean {
    return text.startsWith(`${this.prefix}_`);
  }

  /** Rejects with `storage.unavailable` when no key is at hand. */
  async seal(content: object): Promise<string> {
    const { id, secret } = await this.ring.signing();
    const signed = `${this.prefix}_${id}.${Buffer.from(JSON.stringify(content)).toString('base64url')}`;
    return `${signed}.${this.signature(secret, signed).toString('base64url')}`;
  }

  /** The content as it was sealed; undefined when it is not ours. */
  async open(text: string): Promise<unknown> {
    const [, signed = '', id, content = '', signature = ''] =
      /^([a-z]{1,8}_([\w-]{1,64})\.([\w-]{1,6000}))\.([\w-]{43})$/.exec(text) ?? [];
    if (!this.isOne(signed)) return undefined;
    const key = await this.ring.find(id);
    if (!key || !timingSafeEqual(this.signature(key.secret, signed), Buffer.from(signature, 'base64url')))
      return undefined;
    return JSON.parse(Buffer.from(content, 'base64url').toString());
  }

  private signature(secret: string, signed: string): Buffer {
    const key = new Uint8Array(hkdfSync('sha256', secret, this.tenant, this.info, 32));
    return createHmac('sha256', key).update(signed).digest();
  }
}
