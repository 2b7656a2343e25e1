import type { AuditChain } from './chain.ts';
import type { AuditHead, AuditStore } from './ports.ts';

/** What is wrong with a chain. */
export interface AuditFault {
  readonly kind: 'changed' | 'missing' | 'misplaced' | 'cut' | 'anchor' | 'personalChanged';
  readonly sequence: number;
  readonly says: string;
}

export interface AuditReport {
  readonly head: AuditHead;
  readonly rows: number;
  /** Rows whose personal data have been erased; the chain allows that. */
  readonly erased: number;
  readonly faults: readonly AuditFault[];
}

const pageRows = 500;
const faultsMax = 100;

/**
 * Walks a tenant's chain from the first row to its head and compares it with heads that were kept elsewhere. Finds a
 * row that was changed, taken out, moved or put in, and an end that was cut off; the last only by an anchor when the
 * stored head was turned back too.
 */
export async function verifyAudit(
  store: Pick<AuditStore, 'read' | 'head'>,
  tenant: string,
  chain: AuditChain,
  anchors: readonly AuditHead[] = [],
): Promise<AuditReport> {
  const stored = await store.head(tenant);
  const faults: AuditFault[] = [];
  const expected = new Map(anchors.map(({ sequence, hmac }) => [sequence, hmac]));
  const tell = (kind: AuditFault['kind'], sequence: number, says: string): void => {
    if (faults.length < faultsMax) faults.push({ kind, sequence, says });
  };
  let head: AuditHead = { sequence: 0, hmac: '' };
  let rows = 0;
  let erased = 0;
  for (;;) {
    const page = await store.read(tenant, head.sequence, pageRows);
    for (const { row, personal } of page) {
      if (row.sequence !== head.sequence + 1)
        tell('missing', head.sequence + 1, `entries ${head.sequence + 1} to ${row.sequence - 1} are gone`);
      else if (row.previous !== head.hmac)
        tell('misplaced', row.sequence, 'the entry does not follow the one before it');
      if (!chain.isWhole(row)) tell('changed', row.sequence, 'the entry is not what was written');
      if (personal && !chain.isIts(personal, row))
        tell('personalChanged', row.sequence, 'the personal data are not those that were written');
      if (!personal && row.personalTag !== '') erased += 1;
      const anchor = expected.get(row.sequence);
      if (anchor !== undefined && anchor !== row.hmac)
        tell('anchor', row.sequence, 'the entry is not the one that was anchored');
      expected.delete(row.sequence);
      head = { sequence: row.sequence, hmac: row.hmac };
      rows += 1;
    }
    if (page.length < pageRows) break;
  }
  if (stored.sequence !== head.sequence || stored.hmac !== head.hmac)
    tell('cut', head.sequence + 1, `the chain should end at ${stored.sequence} and ends at ${head.sequence}`);
  for (const sequence of expected.keys())
    if (sequence > head.sequence) tell('cut', sequence, `entry ${sequence} was anchored and is gone`);
  return { head, rows, erased, faults };
}
