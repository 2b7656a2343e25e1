import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { Chance } from '../../sim/days/chance.ts';
import { LifeClock } from '../../sim/days/life-clock.ts';
import { SimLease } from '../../sim/days/shard.ts';
import { RedisData } from '../../sim/days/shared-cache.ts';
import type { VirtualClock } from '../../sim/virtual-clock.ts';
import { RedisLease } from '../../src/cluster/index.ts';
import type { Lease, LeaseHolder } from '../../src/cluster/ports.ts';
import { systemClock, systemRng } from '../../src/kernel/index.ts';
import { seededRng, silent } from '../events/support.ts';

const redisUrl = inject('redisUrl');
const parts = { clock: systemClock, rng: systemRng, logger: silent };

const open: Lease[] = [];
afterEach(() => {
  for (const lease of open.splice(0)) lease.stop();
});

interface Times {
  readonly leaseMs: number;
  readonly pollMs: number;
}
type Make = (instanceId: string, times: Times) => Lease;

let shards = 0;
function onRedis(): Make {
  shards += 1;
  const place = { url: redisUrl ?? '', prefix: `lease-${process.pid}`, shard: `s${shards}`, deadlineMs: 1_000 };
  return (instanceId, times) => new RedisLease({ ...place, ...times, instanceId }, parts);
}

/** The model, in the time of this machine. */
function inMemory(): Make {
  const world = systemClock as unknown as VirtualClock;
  const redis = new RedisData(world, new Chance(seededRng(1)));
  return (instanceId, times) => new SimLease(redis, new LifeClock(world, 0), instanceId, times);
}

/** Instances of a shard of their own. */
function instancesOf<const Id extends string>(make: Make, ids: readonly Id[], times: Partial<Times> = {}) {
  const made = ids.map((instanceId) => {
    const lease = make(instanceId, { leaseMs: 5_000, pollMs: 5_000, ...times });
    open.push(lease);
    return [instanceId, lease] as const;
  });
  return Object.fromEntries(made) as Record<Id, Lease>;
}

const holderOf = (instanceId: string, token = 0): LeaseHolder => ({
  term: `${instanceId}.life.1`,
  instanceId,
  url: `http://${instanceId}`,
  token,
});
const answering = (lease: Lease) => expect.poll(() => lease.look(false).catch(() => undefined)).toBeDefined();

describe.each([
  ['in Redis', onRedis],
  ['of the simulated days', inMemory],
] as const)('the lease %s', (_name, shard) => {
  const instances = <const Id extends string>(ids: readonly Id[], times: Partial<Times> = {}) =>
    instancesOf(shard(), ids, times);
  beforeEach((context) => {
    if (shard === onRedis && !redisUrl) context.skip('no Redis here');
  });

  it('belongs to one, who keeps it by renewing, until it runs out or is given back', async () => {
    const { a, b } = instances(['a', 'b'], { leaseMs: 300 });
    await Promise.all([answering(a), answering(b)]);
    const holder = holderOf('a', 4);
    expect(await a.claim(holder)).toEqual({ kind: 'taken', standbys: 0 });
    expect(await a.claim(holder)).toEqual({ kind: 'kept', standbys: 0 });
    expect(await b.claim(holderOf('b'))).toEqual({ kind: 'held', holder });
    expect(await b.look(true)).toEqual({ kind: 'held', holder });
    let released = 0;
    b.onReleased(() => {
      released += 1;
    });
    await a.release('a.life.0');
    expect(await b.look(true)).toEqual({ kind: 'held', holder });
    await a.release(holder.term);
    expect(await b.look(true)).toEqual({ kind: 'free' });
    await expect.poll(() => released).toBe(1);
    expect(await b.claim(holderOf('b'))).toMatchObject({ kind: 'taken' });
    await expect.poll(() => a.claim(holder)).toMatchObject({ kind: 'taken' });
  });

  it('counts who stands by: not who rests, who has gone, nor who has not looked for a while', async () => {
    const { a, b, c } = instances(['a', 'b', 'c']);
    await Promise.all([answering(a), answering(b), answering(c)]);
    const standbys = async () => (await a.claim(holderOf('a'))) as { readonly standbys: number };
    await b.look(true);
    await c.look(false);
    expect(await standbys()).toMatchObject({ standbys: 1 });
    await c.look(true);
    expect(await standbys()).toMatchObject({ standbys: 2 });
    await b.look(false);
    await c.release('c.life.1');
    expect(await standbys()).toMatchObject({ standbys: 0 });
    const quick = instances(['a', 'b'], { pollMs: 20 });
    await Promise.all([answering(quick.a), answering(quick.b)]);
    await quick.b.look(true);
    expect(await quick.a.claim(holderOf('a'))).toMatchObject({ standbys: 1 });
    await expect.poll(() => quick.a.claim(holderOf('a'))).toMatchObject({ standbys: 0 });
  });
});

it('says that Redis is away', async (context) => {
  if (!redisUrl) context.skip('no Redis here');
  const { a } = instancesOf(onRedis(), ['a']);
  a.stop();
  await expect(a.look(true)).rejects.toMatchObject({ code: 'cluster.lease_away' });
});
