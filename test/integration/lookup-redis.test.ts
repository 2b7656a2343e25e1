import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LabService, startRedis } from '../../lab/index.ts';
import type { CustomerResult } from '../../src/call/index.ts';
import { type ManagedLookup, openRedisCache } from '../../src/crm/index.ts';
import { systemClock, systemRng } from '../../src/kernel/index.ts';
import { FakeCrm, hit, later, rig, silent } from '../crm/support/rig.ts';

let redis: LabService;
const running: ManagedLookup[] = [];

beforeEach(async () => {
  redis = await startRedis();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((lookup) => lookup.stop()));
  await redis.stop();
});

async function instance(crm: FakeCrm, limits = {}): Promise<ManagedLookup> {
  const shared = await openRedisCache({
    url: redis.url,
    prefix: 'it',
    readBudgetMs: 50,
    writeBudgetMs: 100,
    clock: systemClock,
    rng: systemRng,
    logger: silent,
  });
  const lookup = await rig({ adapter: crm, shared, clock: systemClock, limits: { deadlineMs: 2_000, ...limits } });
  running.push(lookup);
  lookup.start();
  await until(() => lookup.health().redis === 'up' && shared.hears());
  return lookup;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(5);
}

const whoIs = (lookup: ManagedLookup, callerNumber = '13900000001'): Promise<CustomerResult> =>
  new Promise((resolve) => {
    lookup.lookup({ callId: 'c1', tenant: 't', callerNumber, dialledNumber: '4001' }, resolve, () => undefined);
  });

describe('the lookup on a real Redis', () => {
  it('asks the CRM once for many callers on two instances', async () => {
    const crm = new FakeCrm(() => later(150, hit('1')));
    const lookups = [await instance(crm), await instance(crm)];
    const results = await Promise.all(lookups.flatMap((one) => Array.from({ length: 200 }, () => whoIs(one))));
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['fresh']));
    expect(crm.queries).toHaveLength(1);
  });

  it('drops "nobody" on the other instance when a contact is created', async () => {
    const crm = new FakeCrm(() => Promise.resolve({ kind: 'none' }));
    const [first, second] = [await instance(crm), await instance(crm)];
    expect([(await whoIs(first)).status, (await whoIs(second)).status]).toEqual(['none', 'none']);
    crm.answer = () => Promise.resolve(hit('new', 2_000));
    await first.invalidate('t', '13900000001', 2_000);
    await until(() => crm.queries.length === 2);
    let status = 'none';
    while (status !== 'fresh') {
      ({ status } = await whoIs(second));
      await sleep(5);
    }
    expect(crm.queries).toHaveLength(2);
  });

  it('goes on when Redis is killed in the middle, says so, and comes back', async () => {
    const crm = new FakeCrm();
    const lookup = await instance(crm);
    expect((await whoIs(lookup)).status).toBe('fresh');
    await redis.kill9();
    await until(() => lookup.health().redis === 'down');
    expect((await whoIs(lookup)).status).toBe('fresh');
    expect((await whoIs(lookup, '13900000002')).status).toBe('fresh');
    expect(crm.queries).toHaveLength(2);
    await redis.restart();
    await until(() => lookup.health().redis === 'up');
    expect((await whoIs(lookup, '13900000003')).status).toBe('fresh');
  });

  it('goes on when Redis hangs, and leaves it alone after a few tries', async () => {
    const crm = new FakeCrm();
    const lookup = await instance(crm);
    process.kill(redis.pid, 'SIGSTOP');
    try {
      for (let caller = 1; caller <= 6; caller += 1) {
        expect((await whoIs(lookup, `1390000001${caller}`)).status).toBe('fresh');
      }
      expect(lookup.health().redis).toBe('down');
      expect(lookup.stats().sharedUnavailable).toBeGreaterThan(0);
    } finally {
      process.kill(redis.pid, 'SIGCONT');
    }
  });
});
