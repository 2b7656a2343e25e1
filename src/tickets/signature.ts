import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a webhook says about itself, by the names of the Standard Webhooks specification. */
export interface SignedHeaders {
  readonly id: string;
  /** Unix seconds, as text. */
  readonly timestamp: string;
  /** `v1,<base64>`, several with blanks between while a secret is being changed. */
  readonly signature: string;
}

const toleranceMs = 5 * 60_000;
const idsMax = 10_000;

/** The signature of a body; `whsec_` before a secret means that the rest is base64. */
export function sign(secret: string, { id, timestamp }: Omit<SignedHeaders, 'signature'>, body: string): string {
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice('whsec_'.length), 'base64') : Buffer.from(secret);
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}

/**
 * Whether webhooks come from who has the secret, and come once. Ids are remembered for as long as their time stamp is
 * believed, at most ten thousand of them: one that is forgotten is read at the desk again, which changes nothing.
 */
export class SignatureCheck {
  private readonly secret: string;
  private readonly seen = new Map<string, number>();

  constructor(secret: string) {
    this.secret = secret;
  }

  check(headers: SignedHeaders, body: string, nowMs: number): 'new' | 'repeated' | 'wrong' {
    const { id, timestamp, signature } = headers;
    if (!/^\d{1,12}$/.test(timestamp) || Math.abs(nowMs - Number(timestamp) * 1000) > toleranceMs) return 'wrong';
    if (id === '' || id.length > 128) return 'wrong';
    const expected = Buffer.from(sign(this.secret, { id, timestamp }, body));
    if (!signature.split(' ').some((given) => isSame(Buffer.from(given), expected))) return 'wrong';
    return this.seen.has(id) ? 'repeated' : 'new';
  }

  /** The webhook has done its work; until then its repetition is welcome. */
  done(id: string, nowMs: number): void {
    this.seen.set(id, nowMs + 2 * toleranceMs);
    for (const [old, untilMs] of this.seen) {
      if (untilMs > nowMs && this.seen.size <= idsMax) break;
      this.seen.delete(old);
    }
  }
}

const isSame = (given: Buffer, expected: Buffer): boolean =>
  given.length === expected.length && timingSafeEqual(given, expected);
