import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LabService, startRedis } from '../../lab/index.ts';
import type { CacheEntry } from '../../src/crm/cache/entry.ts';
import { RedisSharedCache } from '../../src/crm/cache/redis-shared-cache.ts';
import type { SharedCache, SharedMessage } from '../../src/crm/cache/shared-cache.ts';
import { systemClock, systemRng } from '../../src/kernel/index.ts';
import { MemoryHub } from '../crm/support/memory-shared-cache.ts';
import { customer, silent } from '../crm/support/rig.ts';

let redis: LabService;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

const budgets = { readBudgetMs: 2_000, writeBudgetMs: 2_000 };
const hub = new MemoryHub(systemClock);
const adapters: readonly [string, () => SharedCache][] = [
  ['memory', () => hub.instance()],
  [
    'redis',
    () =>
      new RedisSharedCache({
        url: redis.url,
        prefix: 'conf',
        ...budgets,
        clock: systemClock,
        rng: systemRng,
        logger: silent,
      }),
  ],
];

let keys = 0;
const newKey = (): string => {
  keys += 1;
  return `t:fake@r1:key${keys}`;
};

function entryOf(id: string, sourceUpdatedAt?: number, freshMs = 60_000): CacheEntry {
  const nowMs = systemClock.nowMs();
  const times = { fetchedAt: nowMs, freshUntil: nowMs + freshMs, staleUntil: nowMs + 120_000 };
  const entry = { kind: 'hit' as const, data: customer(id), ...times };
  return sourceUpdatedAt === undefined ? entry : { ...entry, sourceUpdatedAt };
}

const errorEntry = (): CacheEntry => {
  const nowMs = systemClock.nowMs();
  return { kind: 'error', data: 'crm.timeout', fetchedAt: nowMs, freshUntil: nowMs + 9_000, staleUntil: nowMs + 9_000 };
};

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(2);
}

describe.each(adapters)('the shared cache on %s', (_name, create) => {
  let first: SharedCache;
  let second: SharedCache;
  const heard: SharedMessage[] = [];

  beforeAll(async () => {
    first = create();
    second = create();
    second.onMessage((message) => heard.push(message));
    first.start();
    second.start();
    await until(() => first.state() === 'up' && second.state() === 'up' && first.hears() && second.hears());
  });
  afterAll(() => Promise.all([first.stop(), second.stop()]));

  async function claimed(cache: SharedCache, key: string, leaseMs = 10_000) {
    const outcome = await cache.claim(key, leaseMs);
    if (outcome.kind !== 'claimed') throw new Error(`expected the claim, got ${outcome.kind}`);
    return outcome.claim;
  }

  it('has nothing at first and what was settled afterwards', async () => {
    const key = newKey();
    const entry = entryOf('a', 1_000);
    expect(await first.read(key)).toEqual({ kind: 'nothing' });
    expect(await first.settle(key, await claimed(first, key), entry, 60_000)).toBe(true);
    expect(await second.read(key)).toEqual({ kind: 'entry', entry });
  });

  it('gives a claim to one at a time and tells the other how long', async () => {
    const key = newKey();
    const claim = await claimed(first, key);
    const outcome = await second.claim(key, 10_000);
    expect(outcome.kind).toBe('busy');
    expect(outcome.kind === 'busy' && outcome.leaseMs > 0 && outcome.leaseMs <= 10_000).toBe(true);
    await first.settle(key, claim, errorEntry(), 0);
    expect((await second.claim(key, 10_000)).kind).toBe('claimed');
  });

  it('gives a fresh entry instead of a claim, but claims a stale one', async () => {
    const key = newKey();
    const fresh = entryOf('a');
    await first.settle(key, undefined, fresh, 60_000);
    expect(await second.claim(key, 1_000)).toEqual({ kind: 'entry', entry: fresh });
    await first.settle(key, undefined, entryOf('b', undefined, -1), 60_000);
    expect((await second.claim(key, 1_000)).kind).toBe('claimed');
  });

  it('lets a lease end by itself, and the late holder does not take the new one away', async () => {
    const key = newKey();
    const late = await claimed(first, key, 30);
    await sleep(60);
    await claimed(second, key);
    await first.settle(key, late, errorEntry(), 0);
    expect((await first.claim(key, 1_000)).kind).toBe('busy');
  });

  it('tells other instances what was settled, kept or not', async () => {
    const key = newKey();
    const entry = entryOf('a');
    await first.settle(key, undefined, entry, 60_000);
    await first.settle(key, undefined, errorEntry(), 0);
    const mine = () => heard.filter((message) => message.kind === 'settled' && message.key === key);
    await until(() => mine().length === 2);
    expect(mine()).toMatchObject([
      { entry, stored: true },
      { entry: { kind: 'error' }, stored: false },
    ]);
  });

  it('does not put an error or an older record in the place of a known one', async () => {
    const key = newKey();
    const newer = entryOf('newer', 2_000);
    await first.settle(key, undefined, newer, 60_000);
    expect(await first.settle(key, undefined, entryOf('older', 1_000), 60_000)).toBe(false);
    expect(await first.settle(key, undefined, errorEntry(), 5_000)).toBe(false);
    expect(await first.read(key)).toEqual({ kind: 'entry', entry: newer });
  });

  it('forgets an entry after its time', async () => {
    const key = newKey();
    await first.settle(key, undefined, entryOf('a'), 20);
    await sleep(40);
    expect(await first.read(key)).toEqual({ kind: 'nothing' });
  });

  it('drops an entry on a newer change and tells the others, but keeps one that is as new', async () => {
    const key = newKey();
    await first.settle(key, undefined, entryOf('a', 1_000), 60_000);
    expect(await first.invalidate(key, 1_000)).toBe('current');
    expect(await first.invalidate(key, 1_001)).toBe('deleted');
    expect(await first.read(key)).toEqual({ kind: 'nothing' });
    const mine = () => heard.filter((message) => message.kind === 'invalidated' && message.key === key);
    await until(() => mine().length === 1);
    expect(mine()).toEqual([{ kind: 'invalidated', key, sourceUpdatedAtMs: 1_001 }]);
  });

  it('drops "nobody" on any change', async () => {
    const key = newKey();
    const { freshUntil, fetchedAt, staleUntil } = entryOf('a');
    await first.settle(key, undefined, { kind: 'none', data: null, fetchedAt, freshUntil, staleUntil }, 60_000);
    expect(await second.invalidate(key, 1)).toBe('deleted');
    expect(await first.read(key)).toEqual({ kind: 'nothing' });
  });

  it('does not keep a fetch that a change overtook, unless it brought that change', async () => {
    const key = newKey();
    const overtaken = await claimed(first, key);
    await second.invalidate(key, 2_000);
    expect(await first.settle(key, overtaken, entryOf('old', 1_999), 60_000)).toBe(false);
    const after = await claimed(first, key);
    expect(await first.settle(key, after, entryOf('undated'), 60_000)).toBe(true);

    const other = newKey();
    const claim = await claimed(first, other);
    await second.invalidate(other, 2_000);
    expect(await first.settle(other, claim, entryOf('new', 2_000), 60_000)).toBe(true);
  });
});

describe('the Redis adapter', () => {
  it('takes what is no entry for nothing', async () => {
    const cache = new RedisSharedCache({
      url: redis.url,
      prefix: 'bad',
      ...budgets,
      clock: systemClock,
      rng: systemRng,
      logger: silent,
    });
    cache.start();
    await until(() => cache.state() === 'up');
    const { Redis } = await import('ioredis');
    const client = new Redis(redis.url);
    for (const garbage of [
      '',
      '{',
      '[]',
      '{"kind":"hit","data":{}}',
      '{"kind":"hit","data":{"__proto__":{}}}',
      '\u0000',
    ]) {
      await client.set('bad:{k}:entry', garbage);
      expect(await cache.read('k')).toEqual({ kind: 'nothing' });
      expect((await cache.claim('k', 1)).kind).not.toBe('entry');
      await client.publish('bad:lookups', garbage);
    }
    client.disconnect();
    await cache.stop();
  });
});
