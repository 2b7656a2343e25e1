import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type FollowEnd, FollowedLog, followLimits } from '../../src/cluster/followed-log.ts';
import { EventLog, type EventStore, type FollowedStore, type LogEvent } from '../../src/events/index.ts';
import { createStores } from '../../src/storage/index.ts';
import { breakable, callEvent, event, ManualClock, seededRng, settled, silent } from '../events/support.ts';

const turns = async (count = 12): Promise<void> => {
  for (let n = 0; n < count; n += 1) await new Promise(setImmediate);
};

/** An owner's log in memory and a follower of it, whose feed brings what the test hands on. */
async function pair({ empty = false, earlyMax = followLimits.earlyMax } = {}) {
  const clock = new ManualClock();
  const rng = seededRng(5);
  const stores = createStores({ url: 'sqlite::memory:' }, { clock, rng, logger: silent });
  const broken = breakable(stores.events);
  const log = await EventLog.open({ store: stores.events, clock, rng, logger: silent });
  const committed: LogEvent[] = [];
  log.onCommitted((events) => committed.push(...events));
  let hand: (events: readonly LogEvent[]) => void = () => undefined;
  const ends: FollowEnd[] = [];
  const followed = await FollowedLog.open(
    {
      store: empty ? { ...seen(broken.store), position: async () => undefined } : seen(broken.store),
      clock,
      logger: silent,
      feed: () => ({
        start: (_position, take) => {
          hand = take;
        },
        isUp: () => true,
        stop: () => undefined,
      }),
    },
    (why) => ends.push(why),
    { ...followLimits, earlyMax },
  );
  const given: LogEvent[] = [];
  followed?.onCommitted((events) => given.push(...events));
  const write = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n += 1) log.write([callEvent(`c${n}`)], []);
    await settled(log);
  };
  return { clock, stores, broken, log, committed, given, ends, write, followed, hand: (e: LogEvent[]) => hand(e) };
}

const seen = (store: EventStore): FollowedStore => store as EventStore & FollowedStore;

type Step =
  | { readonly do: 'write'; readonly count: number }
  /** Hands on events by their place from the newest given out on, in this order: lost, repeated, turned round. */
  | { readonly do: 'hand'; readonly places: readonly number[] }
  /** Hands on all that is still to come. */
  | { readonly do: 'handRest' }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'store'; readonly away: boolean };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('write' as const), count: fc.nat({ max: 6 }) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('hand' as const),
      places: fc.array(fc.integer({ min: -3, max: 8 }), { maxLength: 12 }),
    }),
  },
  { weight: 5, arbitrary: fc.constant({ do: 'handRest' as const }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(20, 100, 300) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('store' as const), away: fc.boolean() }) },
);

it('gives exactly the log, whatever the feed loses, repeats or turns round, and whenever the store is away', async () => {
  let fromFeed = 0;
  let fromStore = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.constantFrom(4, 2_048), async (steps, earlyMax) => {
      const { clock, broken, committed, given, write, followed, hand } = await pair({ earlyMax });
      for (const action of steps) {
        if (action.do === 'write') await write(action.count);
        else if (action.do === 'hand') hand(action.places.flatMap((place) => committed[given.length + place] ?? []));
        else if (action.do === 'handRest') hand(committed.slice(given.length));
        else if (action.do === 'store') broken.away = action.away;
        else {
          clock.advance(action.ms);
          await turns();
        }
        const places = given.map(({ sequence }) => sequence);
        expect(places).toEqual(places.map((_, n) => n + 1));
      }
      broken.away = false;
      clock.advance(followLimits.pollMs);
      await turns();
      clock.advance(followLimits.pollMs);
      await turns();
      const pair_ = (event: LogEvent) => `${event.sequence} ${event.id} ${event.body}`;
      expect(given.map(pair_)).toEqual(committed.map(pair_));
      expect(followed?.lastCommitted).toBe(committed.length);
      const figures = followed?.figures();
      expect(figures?.lag).toBe(0);
      fromFeed += figures?.fromFeed ?? 0;
      fromStore += figures?.fromStore ?? 0;
      followed?.stop();
    }),
    { seed: 20_260_105, numRuns: 100 },
  );
  // The property would hold of a follower that knows one way only: both were taken.
  expect(fromFeed).toBeGreaterThan(100);
  expect(fromStore).toBeGreaterThan(100);
}, 60_000);

it('gives what the feed brings at once, without asking the store, and fills a hole within a moment', async () => {
  const { clock, committed, given, write, followed, hand } = await pair();
  await write(3);
  hand(committed.slice(0, 2));
  expect(given).toHaveLength(2);
  await write(2);
  hand(committed.slice(4));
  expect(given).toHaveLength(2);
  expect(followed?.figures()).toMatchObject({ holes: 1, lag: 3 });
  clock.advance(followLimits.hurryMs);
  await turns();
  expect(given.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5]);
  expect(followed?.figures()).toMatchObject({ fromFeed: 2, fromStore: 3, lag: 0 });
  followed?.stop();
});

it('waits for a place that it has not come to, as long as it may', async () => {
  const { clock, write, followed } = await pair();
  await write(2);
  const soon = followed?.reaches(2);
  const never = followed?.reaches(9);
  expect(followed?.reaches(2 + followLimits.reachMax + 1)).toBe(false);
  clock.advance(followLimits.hurryMs);
  await turns();
  expect(await soon).toBe(true);
  expect(followed?.reaches(2)).toBe(true);
  clock.advance(followLimits.reachMs);
  expect(await never).toBe(false);
  followed?.stop();
});

it('knows the newest gap from the log and from what comes', async () => {
  const { stores, clock, write, followed, log } = await pair();
  await write(1);
  const gap = (reason: string) => event('stream.gap.v1', 'stream/log', { lost: 1, reason });
  log.write([gap('bufferFull'), gap('uncleanStop')], []);
  await settled(log);
  clock.advance(followLimits.pollMs);
  await turns();
  expect(followed?.lastGap).toBe(2);
  expect(await stores.followed.position()).toMatchObject({ lastGap: 2, lastSequence: 3, unclean: true });
  followed?.stop();
});

it('ends when what it needs next has been removed, and when the log is another one', async () => {
  const pruned = await pair();
  pruned.broken.away = true;
  await pruned.write(6);
  await pruned.stores.events.prune(Number.MAX_SAFE_INTEGER, 4);
  pruned.broken.away = false;
  pruned.clock.advance(followLimits.pollMs);
  await turns();
  expect(pruned.ends).toEqual(['pruned']);
  expect(pruned.given).toEqual([]);

  const exchanged = await pair();
  const position = { epoch: 'another', lastSequence: 0, lastGap: 0, unclean: true };
  Object.assign(exchanged.stores.events, { position: async () => position });
  exchanged.clock.advance(followLimits.identityMs);
  await turns();
  exchanged.clock.advance(followLimits.pollMs);
  await turns();
  expect(exchanged.ends).toEqual(['otherEpoch']);
  await exchanged.write(1);
  exchanged.hand(exchanged.committed);
  expect(exchanged.given).toEqual([]);
});

it('follows nothing before the first writer', async () => {
  expect((await pair({ empty: true })).followed).toBeUndefined();
});
