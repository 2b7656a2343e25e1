import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { systemClock, systemRng } from '../../src/kernel/index.ts';
import { AuditChain } from '../../src/security/audit/chain.ts';
import type { AuditEntry, AuditHead, AuditStore } from '../../src/security/audit/ports.ts';
import { verifyAudit } from '../../src/security/index.ts';
import { createStores } from '../../src/storage/index.ts';
import { silent } from '../events/support.ts';
import { cleanUps, databases, runSql } from './support/databases.ts';

interface Place {
  readonly url: string;
  /** A statement as somebody with the database's password would run it. */
  readonly tamper: (statement: string) => Promise<void>;
}

async function tamperSqlite(url: string, statement: string): Promise<void> {
  const database = new DatabaseSync(url.slice('sqlite:'.length));
  database.exec(statement);
  database.close();
}

/** A database whose rows can be changed behind the server's back. */
async function placeIn(kind: (typeof databases)[number]): Promise<Place> {
  const url = await kind.url();
  const run = kind.name === 'SQLite' ? tamperSqlite : runSql;
  return { url, tamper: (statement) => run(url, statement) };
}

const secret = 's'.repeat(40);
const chain = new AuditChain(secret, 'acme');

describe.each(databases)('the audit chain on $name', (kind) => {
  async function written(): Promise<Place & { readonly store: AuditStore; readonly heads: AuditHead[] }> {
    const at = await placeIn(kind);
    const stores = createStores({ url: at.url }, { clock: systemClock, rng: systemRng, logger: silent });
    await stores.prepare();
    cleanUps.push(() => stores.release());
    const heads: AuditHead[] = [];
    const entry = (i: number): AuditEntry => ({
      actor: 'user:li',
      action: 'call.reveal',
      target: `call/c${i}`,
      detail: { status: 200 },
      personal: { reason: `原因 ${i}`, address: '10.0.0.1' },
    });
    for (let i = 1; i <= 6; i += 2) {
      const pair = [i, i + 1].map((at) => ({ atMs: 1_790_000_000_000 + at, entry: entry(at) }));
      heads.push(await stores.audit.append('acme', (head) => chain.extend(head, pair)));
    }
    return { ...at, store: stores.audit, heads };
  }
  const verify = (store: AuditStore, anchors: readonly AuditHead[] = []) => verifyAudit(store, 'acme', chain, anchors);
  const kindsOf = async (report: ReturnType<typeof verify>) =>
    (await report).faults.map(({ kind, sequence }) => [kind, sequence]);

  it('is whole as it was written, with all anchors', async () => {
    const { store, heads } = await written();
    expect(await verify(store, heads)).toEqual({ head: heads.at(-1), rows: 6, erased: 0, faults: [] });
  });

  it.each([
    ['a changed actor', `update audit set actor = 'user:wang' where sequence = 3`, ['changed', 3]],
    ['a changed time', `update audit set at_ms = at_ms + 1 where sequence = 1`, ['changed', 1]],
    ['a changed detail', `update audit set detail = '{"status":403}' where sequence = 6`, ['changed', 6]],
    ['an entry taken out of the middle', `delete from audit where sequence = 4`, ['missing', 4]],
    ['an entry taken from the front', `delete from audit where sequence = 1`, ['missing', 1]],
    ['a changed reason', `update audit_personal set body = '{}' where sequence = 2`, ['personalChanged', 2]],
    ['an end cut off', `delete from audit where sequence > 4`, ['cut', 5]],
  ])('shows %s', async (_what, statement, fault) => {
    const { store, tamper } = await written();
    await tamper(statement);
    expect(await kindsOf(verify(store))).toContainEqual(fault);
  });

  it('shows two entries that changed places', async () => {
    const { store, tamper } = await written();
    for (const [from, to] of [
      [2, 99],
      [3, 2],
      [99, 3],
    ])
      await tamper(`update audit set sequence = ${to} where sequence = ${from}`);
    const faults = await kindsOf(verify(store));
    expect(faults).toContainEqual(['misplaced', 2]);
    expect(faults).toContainEqual(['changed', 3]);
  });

  it('shows an end that was cut off together with the stored head, by an anchor', async () => {
    const { store, tamper, heads } = await written();
    await tamper('delete from audit where sequence > 4');
    await tamper(`update audit_heads set sequence = 4, hmac = '${heads[1]?.hmac}'`);
    expect(await kindsOf(verify(store))).toEqual([]);
    expect(await kindsOf(verify(store, heads))).toEqual([['cut', 6]]);
  });

  it('shows a chain that was written anew by somebody who had the key, by an anchor', async () => {
    const { store, tamper, heads } = await written();
    await tamper('delete from audit');
    await tamper('delete from audit_heads');
    const forged = Array.from({ length: 6 }, (_, i) => ({ atMs: i, entry: { actor: 'nobody', action: 'nothing' } }));
    await store.append('acme', (head) => chain.extend(head, forged));
    expect((await kindsOf(verify(store))).filter(([kind]) => kind !== 'personalChanged')).toEqual([]);
    expect((await kindsOf(verify(store, heads))).map(([kind]) => kind)).toContain('anchor');
  });

  it('shows entries of another tenant put in', async () => {
    const { store, tamper } = await written();
    await store.append('other', (head) =>
      new AuditChain(secret, 'other').extend(head, [{ atMs: 1, entry: { actor: 'a', action: 'b' } }]),
    );
    await tamper(`delete from audit where tenant = 'acme' and sequence = 1`);
    await tamper(`update audit set tenant = 'acme' where tenant = 'other'`);
    expect(await kindsOf(verify(store))).toContainEqual(['changed', 1]);
  });

  it('stays whole when personal data are erased, and says of how many', async () => {
    const { store, heads } = await written();
    expect(await store.erasePersonal('acme', 1_790_000_000_004)).toBe(3);
    expect(await verify(store, heads)).toMatchObject({ erased: 3, faults: [] });
  });

  it('keeps one order when two processes write at once', async () => {
    const { store, url } = await written();
    const other = createStores({ url }, { clock: systemClock, rng: systemRng, logger: silent });
    cleanUps.push(() => other.release());
    const deeds = (actor: string) => [{ atMs: 1, entry: { actor, action: 'x.y' } }];
    await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        (i % 2 ? store : other.audit).append('acme', (head) => chain.extend(head, deeds(`writer${i}`))),
      ),
    );
    expect(await verify(store)).toMatchObject({ rows: 16, faults: [] });
  });
});
