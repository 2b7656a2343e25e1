import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type LabService, startRedis } from '../../lab/index.ts';
import { FollowedLog, followLimits, RedisFeed, redisStreamEnd, StreamRelay } from '../../src/cluster/index.ts';
import { EventLog, toldEvent } from '../../src/events/index.ts';
import { systemClock } from '../../src/kernel/index.ts';
import { createStores } from '../../src/storage/index.ts';
import { callEvent, openLog, seededRng, settled, silent } from '../events/support.ts';

let redis: LabService;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(async () => {
  await redis.stop();
});

const parts = { clock: systemClock, rng: seededRng(3), logger: silent };

async function until(done: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await done())) await new Promise((resolve) => setTimeout(resolve, 5));
}

it('a relay writes committed events to the stream of shard and epoch, which others read as they were', async () => {
  const { log } = await openLog();
  const end = redisStreamEnd({ url: redis.url, prefix: 'rm', shard: 'east' }, log.epoch, parts);
  const relay = new StreamRelay(end, silent);
  await until(() => end.isUp());
  log.onCommitted((events) => relay.publish(events));
  for (let n = 0; n < 3; n += 1) log.write([callEvent(`c${n}`), callEvent(`d${n}`)], []);
  await settled(log);
  await until(() => relay.figures().told === 6);
  const client = new Redis(redis.url);
  const key = `rm:{east}:events:${log.epoch}`;
  const entries = await client.xrange(key, '-', '+');
  expect(entries.map(([id]) => id)).toEqual(['1-0', '2-0', '3-0', '4-0', '5-0', '6-0']);
  const [, fields] = entries[4] ?? [];
  const event = toldEvent(fields?.[1] ?? '', log.epoch);
  expect(event).toMatchObject({ sequence: 5, subject: 'call/c2', type: 'call.arrived.v1', callSequence: 1 });
  expect(toldEvent(fields?.[1] ?? '', 'another log')).toBeUndefined();
  // Numbers are in it: it must not lie there for ever.
  expect(await client.pttl(key)).toBeGreaterThan(0);
  client.disconnect();
  relay.stop();
});

it('a follower hears of events by the stream, and by the store while Redis is away and of what was not told', async () => {
  const own = await startRedis();
  const stores = createStores({ url: 'sqlite::memory:' }, parts);
  const log = await EventLog.open({ store: stores.events, ...parts });
  const place = { url: own.url, prefix: 'rm', shard: 'west' };
  const end = redisStreamEnd(place, log.epoch, parts);
  const relay = new StreamRelay(end, silent);
  await until(() => end.isUp());
  let told = true;
  log.onCommitted((events) => told && relay.publish(events));
  const ends: string[] = [];
  const feed = (epoch: string) => new RedisFeed(place, epoch, parts);
  // The store is asked so seldom that what comes by the stream is seen to come by it.
  const limits = { ...followLimits, pollMs: 1_000 };
  const followed = await FollowedLog.open({ store: stores.followed, feed, ...parts }, (why) => ends.push(why), limits);
  const given: number[] = [];
  followed?.onCommitted((events) => given.push(...events.map(({ sequence }) => sequence)));
  const write = (id: string) => log.write([callEvent(id), callEvent(id)], []);
  await until(() => followed?.health().feed === 'up');
  write('told');
  await until(() => given.length === 2);
  const byFeed = followed?.figures().fromFeed ?? 0;
  told = false;
  write('kept back');
  await settled(log);
  told = true;
  write('told again');
  await until(() => given.length === 6);
  await own.kill9();
  write('while Redis is away');
  await until(() => given.length === 8);
  await until(() => followed?.health().feed === 'down');
  expect(given).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(byFeed).toBeGreaterThan(0);
  expect(relay.figures().told).toBe(4);
  expect(ends).toEqual([]);
  followed?.stop();
  relay.stop();
}, 20_000);
