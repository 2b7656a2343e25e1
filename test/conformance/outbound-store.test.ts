import { describe, expect, it } from 'vitest';
import type { Job } from '../../src/campaigns/ports.ts';
import { systemClock, systemRng } from '../../src/kernel/index.ts';
import { createStores, type Stores } from '../../src/storage/index.ts';
import { silent } from '../events/support.ts';
import { cleanUps, databases } from './support/databases.ts';

const parts = { clock: systemClock, rng: systemRng, logger: silent };
const t0 = 1_800_000_000_000;

async function open(url: string): Promise<Stores> {
  const stores = createStores({ url }, parts);
  cleanUps.push(() => stores.events.close({ clean: true }).catch(() => {}));
  await stores.events.open();
  return stores;
}

const rule = { attemptsMax: 2, delayMs: 1_000 };
const job = (id: string, part: Partial<Job> = {}): Job => ({
  id,
  version: 1,
  status: 'pending',
  number: '+8613800000001',
  queueId: 'sales',
  priority: 0,
  notAfterMs: t0 + 1_000_000,
  data: { order: '7', 名: '王😀' },
  retry: { attemptsMax: 3, busy: rule, noAnswer: rule, failed: rule },
  createdBy: 'crm',
  createdAtMs: t0,
  wishHash: 'h',
  dueAtMs: t0,
  tries: 0,
  attempts: 0,
  counts: {},
  ...part,
});

describe.each(databases)('jobs and the do-not-call list on $name', ({ url }) => {
  const keep = (stores: Stores, ...jobs: readonly Job[]): Promise<void> =>
    stores.events.commit({
      events: [],
      states: jobs.map((state) => ({ kind: 'job', id: state.id, version: 0, state })),
    });

  it('a job is what was last committed, found by id and by key, and no state of the log', async () => {
    const stores = await open(await url());
    await keep(stores, job('a', { idempotencyKey: 'crm:k' }));
    await keep(stores, job('a', { idempotencyKey: 'crm:k', status: 'active', version: 2 }));
    const kept = job('a', { idempotencyKey: 'crm:k', status: 'active', version: 2 });
    expect(await stores.jobs.get('a')).toEqual(kept);
    expect(await stores.jobs.byKey('crm:k')).toEqual(kept);
    expect(await stores.jobs.active()).toEqual([kept]);
    expect(await stores.jobs.get('b')).toBeUndefined();
    expect(await stores.jobs.byKey('k')).toBeUndefined();
    expect(await stores.events.states()).toEqual([]);
  });

  it('what is due: by target, priority, age', async () => {
    const stores = await open(await url());
    await keep(
      stores,
      job('late', { dueAtMs: t0 + 5 }),
      job('early', { dueAtMs: t0 + 1 }),
      job('urgent', { dueAtMs: t0 + 9, priority: 2.5 }),
      job('his', { agentId: 'ann' }),
      job('future', { dueAtMs: t0 + 1_000 }),
      job('busy', { status: 'active' }),
      job('over', { status: 'finished', finishedAtMs: t0 }),
    );
    expect([...(await stores.jobs.dueTargets(t0 + 10))].sort()).toEqual(['agent:ann', 'queue:sales']);
    expect((await stores.jobs.dueOf('queue:sales', t0 + 10, 10)).map(({ id }) => id)).toEqual([
      'urgent',
      'early',
      'late',
    ]);
    expect(await stores.jobs.dueOf('queue:sales', t0 + 10, 1)).toHaveLength(1);
    expect(await stores.jobs.nextDueMs()).toBe(t0);
    expect(await stores.jobs.dueTargets(t0 - 1)).toEqual([]);
  });

  it('lists the newest first, page by page, and forgets what is long over', async () => {
    const stores = await open(await url());
    const made = ['a', 'b', 'c', 'd'].map((id, at) => job(id, { createdAtMs: t0 + (at >> 1) }));
    await keep(stores, ...made);
    const ids = async (filter: Parameters<Stores['jobs']['list']>[0]) =>
      (await stores.jobs.list(filter)).map(({ id }) => id);
    expect(await ids({ limit: 3 })).toEqual(['d', 'c', 'b']);
    expect(await ids({ limit: 3, before: { createdAtMs: t0 + 1, id: 'c' } })).toEqual(['b', 'a']);
    expect(await ids({ limit: 3, status: 'active' })).toEqual([]);
    expect(await ids({ limit: 3, queueId: 'other' })).toEqual([]);
    await keep(stores, job('a', { status: 'finished', finishedAtMs: t0 + 5 }));
    expect(await stores.jobs.prune(t0 + 5, 10)).toBe(0);
    expect(await stores.jobs.prune(t0 + 6, 10)).toBe(1);
    expect(await stores.jobs.get('a')).toBeUndefined();
    expect(await stores.jobs.nextDueMs()).toBe(t0);
  });

  it('survives a new start, and an empty one has nothing due', async () => {
    const at = await url();
    const first = await open(at);
    expect(await first.jobs.nextDueMs()).toBeUndefined();
    await keep(first, job('a'));
    await first.events.close({ clean: true });
    expect(await (await open(at)).jobs.get('a')).toEqual(job('a'));
  });

  it('a number is on the list until it is taken off', async () => {
    const { doNotCall } = await open(await url());
    const entry = { number: '+8613800000001', reason: 'wish', addedAtMs: t0 };
    await doNotCall.add(entry);
    await doNotCall.add({ ...entry, reason: 'again', addedAtMs: t0 + 1 });
    await doNotCall.add({ ...entry, number: '+8613800000002' });
    expect([await doNotCall.has('+8613800000001'), await doNotCall.has('13800000001')]).toEqual([true, false]);
    expect(await doNotCall.list('', 10)).toMatchObject([
      { reason: 'again', addedAtMs: t0 },
      { number: '+8613800000002' },
    ]);
    expect(await doNotCall.list('+8613800000001', 10)).toHaveLength(1);
    expect([await doNotCall.remove(entry.number), await doNotCall.remove(entry.number)]).toEqual([true, false]);
    expect(await doNotCall.has(entry.number)).toBe(false);
  });
});
