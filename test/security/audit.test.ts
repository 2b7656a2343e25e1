import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { AppError, systemClock } from '../../src/kernel/index.ts';
import { AuditLog, openAuditChain, verifyAudit } from '../../src/security/index.ts';
import type { AuditOptions } from '../../src/security/audit/log.ts';
import type { AuditStore } from '../../src/security/audit/ports.ts';
import { createStores, storageErrors } from '../../src/storage/index.ts';
import { notingLogger } from '../http/support.ts';

const key = 'k'.repeat(40);
const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

async function rig(options: Partial<AuditOptions> = {}) {
  const logger = notingLogger();
  const stores = createStores({ url: 'sqlite::memory:' }, { clock: systemClock, rng: { next: Math.random }, logger });
  await stores.prepare();
  const state = { away: false, erasing: Promise.resolve() };
  /** Old data take as long to erase as the test says. */
  const slowly = () => {
    const erasing = Promise.withResolvers<void>();
    state.erasing = erasing.promise;
    return erasing;
  };
  const store: AuditStore = Object.assign(Object.create(stores.audit) as AuditStore, {
    append: (...args: Parameters<AuditStore['append']>) =>
      state.away ? Promise.reject(new AppError(storageErrors.unavailable)) : stores.audit.append(...args),
    erasePersonal: async (...args: Parameters<AuditStore['erasePersonal']>) => {
      await state.erasing;
      return stores.audit.erasePersonal(...args);
    },
  });
  const settings = {
    tenant: 'acme',
    key,
    bufferMax: 100,
    lingerMs: 0,
    anchorEveryMs: 0,
    personalMs: 1e12,
    deadlineMs: 500,
  };
  const log = new AuditLog(store, { ...settings, ...options }, systemClock, logger);
  const rows = async () => (await stores.audit.read('acme', 0, 1_000)).map(({ row }) => row);
  return { log, logger, state, slowly, store: stores.audit, rows };
}

describe('the audit log', () => {
  it('chains what is recorded, in order, and tells the head to the log', async () => {
    const { log, logger, store, rows } = await rig();
    log.record({ actor: 'user:li', action: 'call.hold', target: 'call/c1', detail: { status: 202 } });
    log.record({ actor: 'crm', action: 'call.reveal', personal: { address: '10.0.0.1', reason: 'callback' } });
    await log.stop(1_000);
    expect((await rows()).map(({ sequence, action }) => [sequence, action])).toEqual([
      [1, 'call.hold'],
      [2, 'call.reveal'],
    ]);
    const report = await verifyAudit(store, 'acme', await openAuditChain(store, { key, tenant: 'acme' }));
    expect(report).toMatchObject({ rows: 2, erased: 0, faults: [] });
    expect(logger.lines).toContainEqual(
      expect.objectContaining({
        message: 'audit head',
        fields: { tenant: 'acme', sequence: 2, head: report.head.hmac },
      }),
    );
  });

  it('waits with what must be recorded first, and refuses when it cannot be', async () => {
    const { log, state, rows } = await rig();
    await log.recordFirst({ actor: 'user:li', action: 'call.reveal' });
    expect(await rows()).toHaveLength(1);
    state.away = true;
    await expect(log.recordFirst({ actor: 'user:li', action: 'call.reveal' })).rejects.toMatchObject({
      code: 'audit.away',
    });
  });

  it('writes what comes while old data are erased', async () => {
    const { log, slowly } = await rig();
    const erasing = slowly();
    await log.recordFirst({ actor: 'a', action: 'first.deed' });
    await new Promise(setImmediate);
    const second = log.recordFirst({ actor: 'a', action: 'second.deed' });
    erasing.resolve();
    await expect(second).resolves.toBeUndefined();
  });

  it('counts what it loses while the store is away, and writes that down when it is back', async () => {
    const { log, state, rows } = await rig({ bufferMax: 3 });
    state.away = true;
    for (let i = 0; i < 10; i += 1) log.record({ actor: 'a', action: `deed.${i}` });
    await expect(log.recordFirst({ actor: 'a', action: 'x.y' })).rejects.toMatchObject({ code: 'audit.full' });
    state.away = false;
    await log.stop(1_000);
    const kept = await rows();
    expect(kept.map(({ action }) => action)).toEqual(['deed.0', 'deed.1', 'deed.2', 'audit.lost']);
    expect(JSON.parse(kept.at(-1)?.detail ?? '')).toEqual({ count: 7 });
  });

  it('appends heads to a file that nobody with the store alone can change', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'ringmaster-anchor-'));
    cleanUps.push(() => rmSync(dir, { recursive: true }));
    const anchorFile = join(dir, 'heads');
    const { log, rows } = await rig({ anchorFile });
    await log.recordFirst({ actor: 'a', action: 'b.c' });
    await log.stop(1_000);
    const [last] = (await rows()).slice(-1);
    expect(JSON.parse(readFileSync(anchorFile, 'utf8').trim().split('\n').at(-1) ?? '')).toMatchObject({
      tenant: 'acme',
      sequence: 1,
      head: last?.hmac,
    });
  });

  it('keeps a key of its own when it is given none', async () => {
    const { store } = await rig();
    expect(await store.ownKey('first')).toBe('first');
    expect(await store.ownKey('second')).toBe('first');
  });
});
