import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import type { AuditEntry, AuditHead, AuditLink, AuditPersonal, AuditRow } from './ports.ts';

/** Links and checks the rows of one tenant's chain: `HMAC(canonical row ‖ previous)` under a key that is not in it. */
export class AuditChain {
  private readonly key: Buffer;
  private readonly tenant: string;

  /** The tenant is part of the key, so that a row of one chain never fits into another. */
  constructor(secret: string, tenant: string) {
    this.key = Buffer.from(hkdfSync('sha256', secret, tenant, 'ringmaster audit', 32));
    this.tenant = tenant;
  }

  /** The links for these entries after the head, in order. */
  extend(head: AuditHead, entries: readonly { readonly atMs: number; readonly entry: AuditEntry }[]): AuditLink[] {
    let { sequence, hmac } = head;
    return entries.map(({ atMs, entry }) => {
      const link = this.link({ sequence: sequence + 1, hmac }, atMs, entry);
      ({ sequence, hmac } = link.row);
      return link;
    });
  }

  /** Whether the row says what was written. */
  isWhole(row: AuditRow): boolean {
    return same(row.hmac, this.seal(row));
  }

  /** Whether the personal data are those of the row. */
  isIts(personal: AuditPersonal, row: AuditRow): boolean {
    return same(row.personalTag, this.tag(personal));
  }

  private link({ sequence, hmac }: AuditHead, atMs: number, entry: AuditEntry): AuditLink {
    const { actor, action, target = '', detail = {}, personal } = entry;
    const kept = personal && {
      sequence,
      atMs,
      salt: randomBytes(16).toString('base64url'),
      body: JSON.stringify(personal),
    };
    const personalTag = kept ? this.tag(kept) : '';
    const open = { sequence, atMs, actor, action, target, detail: JSON.stringify(detail), personalTag, previous: hmac };
    const row = { ...open, hmac: this.seal(open) };
    return kept ? { row, personal: kept } : { row };
  }

  private seal(row: Omit<AuditRow, 'hmac'>): string {
    const { sequence, atMs, actor, action, target, detail, personalTag, previous } = row;
    // An array of texts and numbers in a fixed order has one JSON form, and no two rows share it.
    return this.hmac(
      JSON.stringify(['row', this.tenant, sequence, atMs, actor, action, target, detail, personalTag, previous]),
    );
  }

  private tag({ salt, body }: Pick<AuditPersonal, 'salt' | 'body'>): string {
    return this.hmac(JSON.stringify(['personal', salt, body]));
  }

  private hmac(text: string): string {
    return createHmac('sha256', this.key).update(text).digest('base64url');
  }
}

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
